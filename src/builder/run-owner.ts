import {readFile} from 'node:fs/promises';
import type {RunOwner} from '../executor/docker/labels.js';
import {livingOwner, machineName, ownerText} from '../store/owner.js';

/** A machine between two boots. */
interface Place {
  readonly machine: string;
  readonly bootId: string;
}

/**
 * This process as the owner of things on an engine. Another owner is certainly dead if its machine has rebooted, or if
 * its process is gone. Nothing is known about other machines, and about containers that use another store.
 * @param owners the folder of the store's owners.
 */
export async function runOwner(owners: string): Promise<RunOwner> {
  const place = await ownPlace();
  const text = JSON.stringify({...place, owner: await ownerText(owners)});
  return {text, machine: place.machine, isDead: (other) => isDead(other, place, owners)};
}

async function isDead(text: string, here: Place, owners: string): Promise<boolean> {
  const {bootId, machine, owner} = parseOwner(text);
  if (owner === undefined) return false;
  if (bootId !== here.bootId) return machine === here.machine;
  return (await livingOwner(owner, owners)) === undefined;
}

async function ownPlace(): Promise<Place> {
  return {
    machine: await machineName(),
    bootId: (await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '')).trim(),
  };
}

function parseOwner(text: string): Partial<Place & {readonly owner: string}> {
  try {
    return (JSON.parse(text) as Partial<Place & {readonly owner: string}> | null) ?? {};
  } catch {
    return {};
  }
}
