import {execFileSync} from 'node:child_process';
import {readdir, readFile} from 'node:fs/promises';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {ownProcesses} from '../../support/faults/own-processes.js';
import {
  leftovers,
  makeFaultProject,
  type FaultProject,
} from '../../support/faults/fault-project.js';

let project: FaultProject;

beforeAll(async () => {
  project = await makeFaultProject();
});

afterAll(() => project[Symbol.asyncDispose]());

/** How often each stage ran: every run has a log. */
async function runs(store: string): Promise<Readonly<Record<string, number>>> {
  const logs = path.join(store, 'v1/logs');
  const counts = (await readdir(logs)).map(async (name) => {
    const files = await readdir(path.join(logs, name));
    return [decodeURIComponent(name), files.filter((file) => file.endsWith('.log')).length];
  });
  return Object.fromEntries(await Promise.all(counts)) as Record<string, number>;
}

const inFolder = (cwd: string) => ({cwd, encoding: 'utf8'}) as const;

const archive = (output: string, variant: string) =>
  readFile(path.join(output, `fixture-${variant}.tar`));

const shared = {'rootfs/build': 1, 'rootfs/sandbox': 1, 'part/alpha': 1, 'part/beta': 1};

// Each has a store of its own, and mostly waits.
describe.concurrent('several builders on one empty store', () => {
  it('that build the same, build each stage once', async () => {
    const store = await project.newStore();
    const outputs = ['a', 'b', 'c'].map((name) => path.join(store, name));

    const results = await Promise.all(outputs.map((output) => project.build({store, output})));

    for (const {code, stderr} of results) expect(code, stderr).toBe(0);
    expect(await runs(store)).toEqual({...shared, 'whole/one': 1, 'archive/one': 1});
    const [first, ...others] = await Promise.all(outputs.map((output) => archive(output, 'one')));
    for (const other of others) expect(other.equals(first ?? Buffer.alloc(0))).toBe(true);
    expect(await leftovers(store)).toEqual([]);
  });

  it('that build different targets, build what these share once', async () => {
    const store = await project.newStore();
    const output = path.join(store, 'dist');

    const results = await Promise.all(
      ['one', 'two', 'three'].map((variant) => project.build({store, output, variant})),
    );

    for (const {code, stderr} of results) expect(code, stderr).toBe(0);
    const own = ['one', 'two', 'three'].flatMap((variant) => [
      `whole/${variant}`,
      `archive/${variant}`,
    ]);
    expect(await runs(store)).toEqual({...shared, ...Object.fromEntries(own.map((id) => [id, 1]))});
    expect((await readdir(output)).sort()).toEqual([
      'SHA256SUMS',
      'fixture-one.tar',
      'fixture-three.tar',
      'fixture-two.tar',
    ]);
    expect(execFileSync('sha256sum', ['--check', '--strict', 'SHA256SUMS'], inFolder(output))).toBe(
      'fixture-one.tar: OK\nfixture-three.tar: OK\nfixture-two.tar: OK\n',
    );
    expect(await leftovers(store)).toEqual([]);
  });

  it('of which one is killed, go on without it', async () => {
    const store = await project.newStore();
    const doomed = project.start({store, output: path.join(store, 'a'), stageSeconds: 1});
    await doomed.said('start    part/alpha');

    const other = project.build({store, output: path.join(store, 'b'), stageSeconds: 1});
    doomed.kill('SIGKILL');
    const {code, stderr} = await other;

    expect(code, stderr).toBe(0);
    await project.build({store, stageSeconds: 1});
    expect(await leftovers(store)).toEqual([]);
  });

  it('in containers of their own, wait for each other all the same', async () => {
    const store = await project.newStore();
    const settings = {store, stageSeconds: 1, wrapper: ownProcesses};

    const results = await Promise.all(
      ['a', 'b'].map((name) => project.build({...settings, output: path.join(store, name)})),
    );

    for (const {code, stderr} of results) expect(code, stderr).toBe(0);
    expect(await runs(store)).toEqual({...shared, 'whole/one': 1, 'archive/one': 1});
    expect(results.map(({stderr}) => stderr).join('\n')).toMatch(
      /^waiting {2}.*: being built by process \d+ in another container$/m,
    );
    expect(await leftovers(store)).toEqual([]);
  });

  it('in containers of their own, of which one is killed, go on without it', async () => {
    const store = await project.newStore();
    const settings = {store, stageSeconds: 1, wrapper: ownProcesses};
    const doomed = project.start({...settings, output: path.join(store, 'a')});
    await doomed.said('start    part/alpha');

    doomed.kill('SIGKILL');
    const {code, stderr} = await project.build({...settings, output: path.join(store, 'b')});

    expect(code, stderr).toBe(0);
    expect(await leftovers(store)).toEqual([]);
  });
});
