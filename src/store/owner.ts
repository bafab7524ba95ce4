import {readFile, readlink} from 'node:fs/promises';

/** A process, identified by boot, process id and start time. */
export interface Owner {
  readonly bootId: string;
  readonly pid: number;
  readonly startTime: string;
  /** The process namespace of the process id; each container has its own. */
  readonly processes: string;
}

/** The text that names this process as the owner of a file: see `livingOwner`. */
export async function ownerText(): Promise<string> {
  return JSON.stringify(await thisOwner());
}

/** The process id of a file's owner, unless it is certainly dead. Nothing is known about other process namespaces. */
export async function livingOwner(text: string): Promise<number | undefined> {
  return (await livingOwnerOf(text))?.pid;
}

/** The owner of a file, unless it is certainly dead. */
export async function livingOwnerOf(text: string): Promise<Owner | undefined> {
  const owner = await parseOwner(text);
  if (owner === undefined || owner.bootId !== (await bootId())) return undefined;
  if (await isHidden(owner)) return owner;
  return (await startTimeOf(owner.pid)) === owner.startTime ? owner : undefined;
}

/** Whether an owner of this boot is in a process namespace that this process cannot see. */
export async function isHidden({processes}: Owner): Promise<boolean> {
  return processes !== (await thisOwner()).processes;
}

/**
 * This process as a prefix of the names of its temporary files: `<name>-...`. Consists of digits, letters and full
 * stops.
 */
export async function ownerName(): Promise<string> {
  const {pid, startTime, bootId: boot, processes} = await thisOwner();
  return `${pid}.${startTime}.${boot.slice(0, bootDigits)}.${processes}`;
}

/**
 * Whether the process in the name of a file or folder is alive, as far as known (`livingOwner`); `elsewhere` for
 * another boot or machine; `undefined` if the name contains no process.
 */
export async function ownerOfName(
  name: string,
): Promise<'living' | 'dead' | 'elsewhere' | undefined> {
  const match = /(?:^|\.)(\d+)\.(\d+)\.([0-9a-f]{8})(?:\.(\d+))?-/.exec(name);
  if (match === null) return undefined;
  if (match[3] !== (await bootId()).slice(0, bootDigits)) return 'elsewhere';
  const own = (await thisOwner()).processes;
  if ((match[4] ?? own) !== own) return 'living';
  return (await startTimeOf(Number(match[1]))) === match[2] ? 'living' : 'dead';
}

/** Whether a file or process is named after a process of this boot that is certainly dead. */
export async function isOfDead(name: string): Promise<boolean> {
  return (await ownerOfName(name)) === 'dead';
}

const bootDigits = 8;

let own: Promise<Owner> | undefined;

function thisOwner(): Promise<Owner> {
  return (own ??= (async () => ({
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
  return {bootId, pid, startTime, processes};
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
