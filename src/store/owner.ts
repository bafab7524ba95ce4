import {readFile} from 'node:fs/promises';

/** A process of one boot, told apart from a later one of the same number by its start time. */
export interface Owner {
  readonly bootId: string;
  readonly pid: number;
  readonly startTime: string;
}

/** What a file says that names this process as its owner: see `livingOwner`. */
export async function ownerText(): Promise<string> {
  return JSON.stringify(await thisOwner());
}

/** The process id of the owner that a file names, if that process still runs. */
export async function livingOwner(text: string): Promise<number | undefined> {
  return (await livingOwnerOf(text))?.pid;
}

/** The owner that a file names, if that process still runs. */
export async function livingOwnerOf(text: string): Promise<Owner | undefined> {
  const owner = parseOwner(text);
  if (owner === undefined || owner.bootId !== (await bootId())) return undefined;
  return (await startTimeOf(owner.pid)) === owner.startTime ? owner : undefined;
}

/** This process in the names of files that end with it: `<name>-...`. Made of digits, letters and full stops. */
export async function ownerName(): Promise<string> {
  const {pid, startTime, bootId: boot} = await thisOwner();
  return `${pid}.${startTime}.${boot.slice(0, bootDigits)}`;
}

/**
 * Whether the process that a file or folder is named after still runs; `elsewhere` when it was of another boot, or of
 * another machine; `undefined` when the name names none.
 */
export async function ownerOfName(
  name: string,
): Promise<'living' | 'dead' | 'elsewhere' | undefined> {
  const match = /(?:^|\.)(\d+)\.(\d+)\.([0-9a-f]{8})-/.exec(name);
  if (match === null) return undefined;
  if (match[3] !== (await bootId()).slice(0, bootDigits)) return 'elsewhere';
  return (await startTimeOf(Number(match[1]))) === match[2] ? 'living' : 'dead';
}

const bootDigits = 8;

let own: Promise<Owner> | undefined;

function thisOwner(): Promise<Owner> {
  return (own ??= (async () => ({
    bootId: await bootId(),
    pid: process.pid,
    startTime: (await startTimeOf(process.pid)) ?? '',
  }))());
}

function parseOwner(text: string): Owner | undefined {
  let value: Partial<Owner> | null;
  try {
    value = JSON.parse(text) as Partial<Owner> | null;
  } catch {
    return undefined;
  }
  const {bootId, pid, startTime} = value ?? {};
  if (bootId === undefined || pid === undefined || startTime === undefined) return undefined;
  return {bootId, pid, startTime};
}

let bootIdOnce: Promise<string> | undefined;

function bootId(): Promise<string> {
  return (bootIdOnce ??= readFile('/proc/sys/kernel/random/boot_id', 'utf8').then((text) =>
    text.trim(),
  ));
}

/** Field 22 of /proc/<pid>/stat, counted after the command name, which may itself hold blanks and brackets. */
async function startTimeOf(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}
