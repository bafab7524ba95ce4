import {randomUUID} from 'node:crypto';
import {readdir, readFile} from 'node:fs/promises';
import {setTimeout as sleep} from 'node:timers/promises';

/** Every process of a run has its mark in this variable, so that orphans outside its process group are found. */
export const markVariable = 'AMPOULE_RUN';

/** A killed process may just be starting another one, and takes a moment to end. */
const rounds = 100;
const roundMs = 10;

/** The mark of a new run. It begins with the owner, so that a later run can attribute it after a crash. */
export function newMark(owner: string): string {
  return `${owner}-${randomUUID()}`;
}

/** Kills every process with a matching mark, until none is left or a second has passed. */
export async function killMarked(
  isMeant: (mark: string) => boolean | Promise<boolean>,
): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    const found = await markedProcesses(isMeant);
    if (found.length === 0) return;
    for (const id of found) sendSignal(id, 'SIGKILL');
    await sleep(roundMs);
  }
}

/** Sends a signal to a process, or, with a negative number, to a process group. */
export function sendSignal(id: number, name: NodeJS.Signals): void {
  try {
    process.kill(id, name);
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException;
    // It has ended, or is no longer ours.
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}

async function markedProcesses(
  isMeant: (mark: string) => boolean | Promise<boolean>,
): Promise<readonly number[]> {
  const names = await readdir('/proc').catch(() => []);
  const found = await Promise.all(
    names
      .filter((name) => /^\d+$/.test(name))
      .map(async (name) => {
        const mark = await markOf(name);
        return mark !== undefined && (await isMeant(mark)) ? [Number(name)] : [];
      }),
  );
  return found.flat();
}

async function markOf(id: string): Promise<string | undefined> {
  // Processes of other users are unreadable and not ours.
  const environment = await readFile(`/proc/${id}/environ`, 'latin1').catch(() => '');
  const prefix = `${markVariable}=`;
  const entry = environment.split('\0').find((line) => line.startsWith(prefix));
  return entry?.slice(prefix.length);
}
