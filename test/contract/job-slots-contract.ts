import {expect, it} from 'vitest';
import type {Executor} from '../../src/executor/executor.js';
import {jobsGuestPath} from '../../src/executor/workspace.js';

/** The executor under test, and how to run a script in it. */
export interface JobSlotsCase {
  readonly executor: () => Executor;
  readonly sh: (script: string) => Promise<{readonly output: string}>;
  /** Whether the stages share the job slots with this process. */
  readonly areShared: () => boolean;
}

const pipe = jobsGuestPath;
/** Runs a command that would wait for the pipe. */
const shortly = (command: string): string => `(${command} & sleep 0.3; kill $! 2>/dev/null; wait)`;
/** Prints how many slots are in the pipe, and puts them back. */
const count = `n=$( ${shortly(`cat ${pipe}`)} | wc -c); echo $n; head -c $n /dev/zero | tr '\\0' + >${pipe}`;

/** What a stage does to the pipe of the job slots is put right, and no other stage notices it. */
export function keepsJobSlots({executor, sh, areShared}: JobSlotsCase): void {
  const whereShared = (run: () => Promise<void>) => async () => {
    if (areShared()) return run();
    // Each make has slots of its own.
    expect((await sh(`ls ${pipe}; true`)).output).toContain('No such file');
  };

  async function expectAllSlots(): Promise<void> {
    const {size} = executor().jobs;
    expect((await sh(count)).output).toBe(`${size}\n`);
    const {signal} = new AbortController();
    const releases = await Promise.all(
      Array.from({length: size}, () => executor().jobs.acquire(signal)),
    );
    const stop = new AbortController();
    const further = executor().jobs.acquire(stop.signal);
    stop.abort(new Error('no slot is left'));
    await expect(further).rejects.toThrow('no slot is left');
    for (const release of releases) release();
    expect((await sh(count)).output).toBe(`${size}\n`);
  }

  it.each([
    ['fills the pipe', shortly(`cat /dev/zero >${pipe}`)],
    ['invents slots', `printf %060d 0 | tr 0 + >${pipe}`],
    ['keeps slots', `head -c 3 ${pipe}`],
  ])('puts the job slots right after a stage that %s', (_, script) =>
    whereShared(async () => {
      await sh(script);

      await expectAllSlots();
    })(),
  );

  it('shows slots that a stage invents to no other stage', () =>
    whereShared(async () => {
      const other = sh(`for i in 1 2 3 4 5 6; do ${count}; done`);
      const liar = sh(`for i in 1 2 3 4 5; do printf %060d 0 | tr 0 + >${pipe}; sleep 0.1; done`);

      const seen = (await other).output.trim().split('\n').map(Number);
      await liar;

      expect(seen).toHaveLength(6);
      expect(Math.max(...seen)).toBeLessThanOrEqual(executor().jobs.size);
      await expectAllSlots();
    })());

  it('lets no stage replace the pipe of the job slots', () =>
    whereShared(async () => {
      const {output} = await sh(
        `for act in "rm -f" "chmod 0" "ln -sfn /dev/null" "touch -d @0" "mv -f /build/file"; do
           touch /build/file; $act ${pipe} 2>/dev/null && echo "did $act"; done; true`,
      );

      expect(output).toBe('');
      await expectAllSlots();
    })());
}
