import {readFile, readlink} from 'node:fs/promises';
import os from 'node:os';
import type {RunOwner} from '../executor/docker/labels.js';
import {livingOwner, ownerText} from '../store/owner.js';

/** Where a process id is valid: a machine and its process namespace. */
interface Place {
  readonly machine: string;
  readonly bootId: string;
  readonly processes: string;
}

/**
 * This process as the owner of things on an engine. Another owner is certainly dead if its machine has rebooted, or if
 * its process is missing from those that this process sees. Nothing is known about other machines and containers.
 */
export async function runOwner(): Promise<RunOwner> {
  const place = await ownPlace();
  const text = JSON.stringify({...place, owner: await ownerText()});
  return {text, machine: place.machine, isDead: (other) => isDead(other, place)};
}

async function isDead(text: string, here: Place): Promise<boolean> {
  const {bootId, machine, owner, processes} = parseOwner(text);
  if (machine !== here.machine || owner === undefined) return false;
  if (bootId !== here.bootId) return true;
  return processes === here.processes && (await livingOwner(owner)) === undefined;
}

async function ownPlace(): Promise<Place> {
  const read = (file: string) => readFile(file, 'utf8').catch(() => '');
  const machine = (await read('/etc/machine-id')).trim();
  return {
    machine: machine === '' ? os.hostname() : machine,
    bootId: (await read('/proc/sys/kernel/random/boot_id')).trim(),
    processes: await readlink('/proc/self/ns/pid').catch(() => ''),
  };
}

function parseOwner(text: string): Partial<Place & {readonly owner: string}> {
  try {
    return (JSON.parse(text) as Partial<Place & {readonly owner: string}> | null) ?? {};
  } catch {
    return {};
  }
}
