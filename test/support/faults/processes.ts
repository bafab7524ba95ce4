import {readdir, readFile} from 'node:fs/promises';
import {setTimeout as sleep} from 'node:timers/promises';
import {patienceMs} from '../patience.js';

/** What `/proc` tells of a process. */
export interface SeenProcess {
  readonly pid: number;
  /** Its arguments, separated by blanks. */
  readonly command: string;
  /** `NAME=value` each; empty for another user's process. */
  readonly environment: readonly string[];
}

/** All processes that this one sees. */
export async function seenProcesses(): Promise<readonly SeenProcess[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  return Promise.all(
    ids.map(async (pid) => {
      const read = (file: string) => readFile(`/proc/${pid}/${file}`, 'latin1').catch(() => '');
      const command = (await read('cmdline')).replaceAll('\0', ' ');
      return {pid: Number(pid), command, environment: (await read('environ')).split('\0')};
    }),
  );
}

/** Waits until there is nothing left; gives what is left when a test has waited long enough. */
export async function untilNone<T>(look: () => Promise<readonly T[]>): Promise<readonly T[]> {
  const deadline = performance.now() + patienceMs / 10;
  for (;;) {
    const found = await look();
    if (found.length === 0 || performance.now() > deadline) return found;
    await sleep(20);
  }
}
