import {readFile, readlink} from 'node:fs/promises';
import os from 'node:os';
import {askSocket, listenIn} from './owner-socket.js';

/** A process, identified by machine, boot, process id and start time. */
export interface Owner {
  /** Missing in texts of earlier versions. */
  readonly machine?: string;
  readonly bootId: string;
  readonly pid: number;
  readonly startTime: string;
  /** The process namespace of the process id; each container has its own. */
  readonly processes: string;
}

/**
 * What is known of a process. `unknown`: it is in another process namespace and has no socket. `elsewhere`: it is of
 * another boot, which may be another machine's.
 */
export type Life = 'living' | 'dead' | 'unknown' | 'elsewhere';

/**
 * The text that names this process as the owner of a file: see `judgeOwner`.
 * @param owners the folder of the store's owners; this process then listens there, so that others can see its life.
 */
export async function ownerText(owners?: string): Promise<string> {
  if (owners !== undefined) await listenIn(owners, nameOf(await thisOwner()));
  return JSON.stringify(await thisOwner());
}

/** The owner of a file and whether it lives; `undefined` if the text names none. */
export async function judgeOwner(
  text: string,
  owners?: string,
): Promise<{readonly owner: Owner; readonly life: Life} | undefined> {
  const owner = await parseOwner(text);
  return owner === undefined ? undefined : {owner, life: await lifeOf(owner, owners)};
}

/** The process id of a file's owner, unless it is dead or of another boot. */
export async function livingOwner(text: string, owners?: string): Promise<number | undefined> {
  const judged = await judgeOwner(text, owners);
  const mayLive = judged?.life === 'living' || judged?.life === 'unknown';
  return mayLive ? judged.owner.pid : undefined;
}

/** Whether an owner is in a process namespace that this process cannot see, or on another machine. */
export async function isHidden({bootId: boot, processes}: Owner): Promise<boolean> {
  return boot !== (await bootId()) || processes !== (await thisOwner()).processes;
}

/**
 * This process as a prefix of the names of its temporary files: `<name>-...`. Consists of digits, letters and full
 * stops.
 * @param owners as for `ownerText`.
 */
export async function ownerName(owners?: string): Promise<string> {
  const name = nameOf(await thisOwner());
  if (owners !== undefined) await listenIn(owners, name);
  return name;
}

/** Whether the process in the name of a file or folder lives; `undefined` if the name contains no process. */
export async function ownerOfName(name: string, owners?: string): Promise<Life | undefined> {
  const match = /(?:^|\.)((\d+)\.(\d+)\.([0-9a-f]{8})(?:\.(\d+))?)(?:-|$)/.exec(name);
  if (match === null) return undefined;
  const [, whole = '', pid, startTime, boot, processes] = match;
  if (boot !== (await bootId()).slice(0, bootDigits)) return 'elsewhere';
  const own = (await thisOwner()).processes;
  if ((processes ?? own) === own) {
    return (await startTimeOf(Number(pid))) === startTime ? 'living' : 'dead';
  }
  return owners === undefined ? 'unknown' : askSocket(owners, whole);
}

/** Whether a file or process is named after a process of this boot that is certainly dead. */
export async function isOfDead(name: string): Promise<boolean> {
  return (await ownerOfName(name)) === 'dead';
}

const bootDigits = 8;

function nameOf({pid, startTime, bootId: boot, processes}: Owner): string {
  return `${pid}.${startTime}.${boot.slice(0, bootDigits)}.${processes}`;
}

async function lifeOf(owner: Owner, owners: string | undefined): Promise<Life> {
  const here = await thisOwner();
  if (owner.bootId !== here.bootId) {
    return (owner.machine ?? here.machine) === here.machine ? 'dead' : 'elsewhere';
  }
  if (owner.processes === here.processes) {
    return (await startTimeOf(owner.pid)) === owner.startTime ? 'living' : 'dead';
  }
  return owners === undefined ? 'unknown' : askSocket(owners, nameOf(owner));
}

let own: Promise<Owner> | undefined;

function thisOwner(): Promise<Owner> {
  return (own ??= (async () => ({
    machine: await machineName(),
    bootId: await bootId(),
    pid: process.pid,
    startTime: (await startTimeOf(process.pid)) ?? '',
    processes: await processNamespace(),
  }))());
}

async function parseOwner(text: string): Promise<Owner | undefined> {
  let value: Partial<Owner> | null;
  try {
    value = JSON.parse(text) as Partial<Owner> | null;
  } catch {
    return undefined;
  }
  // Old owners did not record it.
  const {bootId, pid, startTime, processes = (await thisOwner()).processes} = value ?? {};
  if (bootId === undefined || pid === undefined || startTime === undefined) return undefined;
  const {machine} = value ?? {};
  return {bootId, pid, startTime, processes, ...(machine !== undefined && {machine})};
}

/** A name that stays the same across boots of a machine; a container may have none but its host name. */
export async function machineName(): Promise<string> {
  const id = (await readFile('/etc/machine-id', 'utf8').catch(() => '')).trim();
  return id === '' ? os.hostname() : id;
}

/** The number of this process's pid namespace: 4026531836 of `pid:[4026531836]`. */
async function processNamespace(): Promise<string> {
  const link = await readlink('/proc/self/ns/pid').catch(() => '');
  return /\d+/.exec(link)?.[0] ?? '0';
}

let bootIdOnce: Promise<string> | undefined;

function bootId(): Promise<string> {
  return (bootIdOnce ??= readFile('/proc/sys/kernel/random/boot_id', 'utf8').then((text) =>
    text.trim(),
  ));
}

/** Field 22 of /proc/<pid>/stat, counted after the command name, which may contain spaces and brackets. */
async function startTimeOf(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}
