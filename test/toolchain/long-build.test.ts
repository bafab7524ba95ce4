import {mkdir, readFile, rm, stat, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {afterAll, beforeAll, beforeEach, describe, expect, it} from 'vitest';
import type {Exit} from '../../src/executor/executor.js';
import {openRealToolchain, type RealToolchain} from '../support/real-toolchain.js';

/**
 * A build by make whose compiler writes the second half of an object late. `early` was compiled long before the
 * interruption, `late` is half there when it comes.
 */
const build = `
. /src/long-build.sh
prepare() {
    mkdir -p /build/objects
    cat >/build/objects/Makefile <<'END'
all: early.o late.o
early.o:
	echo early >>/build/compiled
	echo early >$@
	touch -d '10 minutes ago' $@
late.o: early.o
	echo late >>/build/compiled
	printf half >$@
	[ -e /build/quick ] || sleep 600
	echo ' and whole' >>$@
END
}
once prepare prepare
discard_unfinished /build/objects prepare
watch_build
: >/build/objects/.ninja_log
make -s -C /build/objects -j "$AMPOULE_JOBS"
cp /build/objects/*.o /out/
finish
`;

let real: RealToolchain;
let workspace: string;

beforeAll(async () => {
  real = await openRealToolchain(['rootfs/bootstrap']);
});
afterAll(() => real[Symbol.asyncDispose]());

beforeEach(async () => {
  workspace = path.join(real.scratch, 'workspace');
  await rm(workspace, {recursive: true, force: true});
  await mkdir(workspace);
});

async function run(signal = new AbortController().signal): Promise<{exit: Exit; output: string}> {
  for (const name of ['out', 'src']) {
    await rm(path.join(workspace, name), {recursive: true, force: true});
  }
  const script = await readFile('shell/long-build.sh', 'utf8');
  let output = '';
  const exit = await real.executor.run(
    {
      rootfs: real.artifact('rootfs/bootstrap'),
      mounts: [],
      sources: new Map([['long-build.sh', {kind: 'text', text: script}]]),
      argv: ['/bin/sh', '-euc', build],
      environment: {PATH: '/usr/bin', LC_ALL: 'C', TOOLCHAIN_SOURCE: 'none'},
    },
    workspace,
    {jobs: 2},
    (chunk) => (output += Buffer.from(chunk).toString()),
    signal,
  );
  return {exit, output};
}

const inBuild = (name: string) => path.join(workspace, 'build', name);

/** Runs it until the second object is half written and the build has noted that it is under way, then stops it. */
async function interrupt(): Promise<void> {
  const stop = new AbortController();
  const running = run(stop.signal);
  for (;;) {
    const half = await readFile(inBuild('objects/late.o'), 'utf8').catch(() => '');
    if (half === 'half' && (await isThere('safe')) && (await isThere('figures/memory'))) break;
    await sleep(20);
  }
  stop.abort();
  expect((await running).exit).toEqual({kind: 'cancelled'});
}

const isThere = (name: string) =>
  stat(inBuild(name)).then(
    () => true,
    () => false,
  );

const out = (name: string) => readFile(path.join(workspace, 'out', name), 'utf8');

describe('a long build', () => {
  it('makes again what may be half written, and nothing that was done long before', async () => {
    await interrupt();
    await writeFile(inBuild('quick'), '');

    const {exit, output} = await run();

    expect(exit, output).toEqual({kind: 'exited', code: 0});
    expect(output).toContain('prepare: was done by an earlier run');
    expect(output).toContain('goes on: 1 unfinished files of the earlier run removed');
    expect(await out('late.o')).toBe('half and whole\n');
    expect(await readFile(inBuild('compiled'), 'utf8')).toBe('early\nlate\nlate\n');
    expect(await isThere('objects/.ninja_log')).toBe(true);
    expect(output).toMatch(
      /^== figures: \d+ seconds, \d+ processor seconds, at most \d+ MiB, 2 runs, 2 jobs$/m,
    );
  });

  it('begins a phase anew that had not come to its end', async () => {
    await interrupt();
    await rm(inBuild('done/prepare'));
    await writeFile(inBuild('quick'), '');

    const {exit, output} = await run();

    expect(exit, output).toEqual({kind: 'exited', code: 0});
    expect(output).toMatch(/^== \d\d:\d\d:\d\d: prepare$/m);
  });
});
