import {readdir, readFile} from 'node:fs/promises';
import path from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {
  makeFixtureProject,
  type FixtureProject,
  type RunningCommand,
} from '../../support/fixture-project.js';
import {addToolchain} from '../../support/toolchain-project.js';

/** Each run of the stage adds a line, and only the third comes to its end. */
const endless = `
echo run >>/build/runs
[ "$(wc -l </build/runs)" -ge 3 ] || sleep 600
cp /build/runs /out/runs
ln /out/runs /out/another-name
echo '== figures: 90 seconds, 150 processor seconds, at most 123 MiB, 3 runs, 2 jobs'
`;

let project: FixtureProject;

beforeEach(async () => {
  project = await makeFixtureProject('images');
});

afterEach(() => project[Symbol.asyncDispose]());

const arguments_ = ['toolchain', '--sources', 'debian', '--jobs', '2'];

/** Waits until a run of the stage has begun that is the `count`th. */
async function begun(count: number, running: RunningCommand): Promise<void> {
  const ended = running.result.then(({stderr}) => {
    throw new Error(`ended before run ${count}:\n${stderr}`);
  });
  const work = path.join(project.store, 'v1/work');
  const look = async (): Promise<void> => {
    for (;;) {
      for (const key of await readdir(work).catch(() => [])) {
        const file = path.join(work, key, 'build/runs');
        const text = await readFile(file, 'utf8').catch(() => '');
        if (text.split('\n').length > count) return;
      }
      await sleep(20);
    }
  };
  await Promise.race([look(), ended]);
  // Nobody waits for it any more.
  ended.catch(() => undefined);
}

describe('ampoule toolchain', () => {
  it('goes on after Ctrl-C and after a kill, and tells what each stage took', async () => {
    await addToolchain(project, {llvm: endless});
    const first = project.start(arguments_);
    await begun(1, first);
    first.kill('SIGINT');
    const interrupted = await first.result;
    const second = project.start(arguments_);
    await begun(2, second);
    second.kill('SIGKILL');
    const killed = await second.result;

    const third = await project.ampoule(arguments_);

    expect([interrupted.code, killed.code, third.code], third.stderr).toEqual([130, null, 0]);
    expect(killed.stderr).toContain('resuming toolchain/llvm');
    expect(third.stderr).toContain('resuming toolchain/llvm');
    // Those before it were done in the first run.
    expect(third.stderr).not.toMatch(/^start +toolchain\/(cmake|binutils|gcc)/m);
    const row = third.stdout.split('\n').find((line) => line.startsWith('toolchain/llvm'));
    expect(row?.split(/ {2,}/)).toEqual([
      'toolchain/llvm/debian-sources',
      ...['built', '2', '1.5', '2.5', '123 MiB', '3', '12 B'],
    ]);
    expect(await readdir(path.join(project.store, 'v1/work'))).toEqual([]);
  });

  it('is restored, not built again, for a build and for another run', async () => {
    await addToolchain(project, {});
    await project.ampoule(arguments_);

    const again = await project.ampoule([...arguments_, '--json']);
    const plan = await project.ampoule(['plan', '--toolchain', 'bootstrap']);

    const {stages} = JSON.parse(again.stdout) as {
      readonly stages: readonly {readonly stage: string; readonly outcome: string}[];
    };
    expect(stages.map(({outcome}) => outcome)).toEqual(stages.map(() => 'restored'));
    expect(plan.stdout).toMatch(/^restore +[0-9a-f]{12} toolchain\/llvm\/debian-sources$/m);
  });

  it('builds some of its stages alone, with what they need', async () => {
    await addToolchain(project, {});

    const {code, stdout, stderr} = await project.ampoule([...arguments_, 'gcc']);

    expect(code, stderr).toBe(0);
    expect([...stdout.matchAll(/^\S+\/\S+/gm)].map(([stage]) => stage)).toEqual([
      'rootfs/bootstrap',
      'toolchain/binutils/debian-sources',
      'toolchain/gcc/debian-sources',
    ]);
  });

  it('is kept by `store gc`, also what the last run was not asked for', async () => {
    await addToolchain(project, {});
    await project.ampoule(arguments_);
    await project.ampoule([...arguments_, 'binutils']);

    const collected = await project.ampoule(['store', 'gc']);
    const again = await project.ampoule(arguments_);

    expect(collected.code, collected.stderr).toBe(0);
    expect(again.stderr).not.toMatch(/^start /m);
  });

  it('refuses what names nothing', async () => {
    await addToolchain(project, {});

    const stage = await project.ampoule([...arguments_, 'glibc']);
    const [unknown, absent] = await Promise.all(
      ['X86,arm64', 'AArch64'].map((targets) =>
        project.ampoule([...arguments_, '--llvm-targets', targets]),
      ),
    );

    expect(stage).toMatchObject({code: 2});
    expect(stage.stderr).toContain('unknown stage "glibc"');
    expect(unknown).toMatchObject({code: 2});
    expect(unknown?.stderr).toMatch(
      /--llvm-targets: expected X86 and any of AArch64, .*; found "arm64"/,
    );
    expect(absent).toMatchObject({code: 2});
    expect(absent?.stderr).toContain('found "AArch64" without X86');
  });

  it('is the same however its processors are told', async () => {
    await addToolchain(project, {});
    await project.ampoule([...arguments_, '--llvm-targets', 'X86,AArch64']);

    const again = await project.ampoule([...arguments_, '--llvm-targets', 'AArch64,X86,X86']);

    expect(again.stderr).not.toMatch(/^start /m);
  });
});
