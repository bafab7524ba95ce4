import {mkdtemp, readdir, readFile, rm, writeFile} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {makeFakeDistribution} from '../../support/fake-distribution.js';
import {startCommand, type RunningCommand} from '../../support/fixture-project.js';
import {makeArchive} from '../../support/make-archive.js';

const main = path.resolve(import.meta.dirname, '../../../lib/cli/main.js');
let scratch: string;

beforeEach(async () => {
  scratch = await mkdtemp(path.join(os.tmpdir(), 'ampoule commands '));
});

afterEach(() => rm(scratch, {recursive: true, force: true}));

const start = (...args: readonly string[]): RunningCommand =>
  startCommand([process.execPath, main, ...args], {...process.env, TMPDIR: scratch});

const inScratch = (name: string) => path.join(scratch, name);

/** What the command left in the temporary folder. */
const leftovers = async () =>
  (await readdir(scratch)).filter((name) => name.startsWith('ampoule-'));

interface Report {
  readonly counts: unknown;
  readonly unexpectedFailures: readonly {readonly name: string; readonly detail: string}[];
  readonly expectedFailures: unknown;
  readonly unexpectedPasses: unknown;
  readonly passedAgain: unknown;
}

describe('ampoule test', () => {
  const expected = `
failures:
  - tests: test.test_known.T.test_a
    reason: it cannot work
  - tests: test.test_good.T.test_a
    reason: long mended
`;

  it('counts, explains and judges what becomes of each module', async () => {
    const archive = await makeFakeDistribution(inScratch('full.tar.gz'));
    await writeFile(inScratch('expected.yaml'), expected);
    const names = ['good', 'bad', 'known', 'skip', 'crash', 'unstable'].map(
      (name) => `test_${name}`,
    );
    const options = ['--json', '--expected-failures', inScratch('expected.yaml')];

    const {code, stdout, stderr} = await start('test', archive, ...names, ...options).result;

    expect([code, stderr.split('\n')]).toEqual([
      1,
      expect.arrayContaining([
        expect.stringMatching(/^\[\d\/6\] test_good: 1 passed, 1 skipped in /),
      ]),
    ]);
    const report = JSON.parse(stdout) as Report;
    expect(report.counts).toEqual({passed: 4, failed: 3, skipped: 2});
    expect(report.unexpectedFailures.map(({name}) => name)).toEqual([
      'test.test_bad.T.test_b',
      'test.test_crash',
    ]);
    expect(report.unexpectedFailures[1]?.detail).toContain('Fatal Python error');
    expect(report.unexpectedFailures[1]?.detail).toContain('ended by SIGSEGV');
    expect(report.expectedFailures).toEqual([
      {name: 'test.test_known.T.test_a', reason: 'it cannot work'},
    ]);
    expect(report.unexpectedPasses).toEqual([
      {name: 'test.test_good.T.test_a', reason: 'long mended'},
    ]);
    expect(report.passedAgain).toEqual(['test_unstable']);
    expect(await leftovers()).toEqual([]);
  });

  it('leaves out what never ends, and counts it as failed', async () => {
    const archive = await makeFakeDistribution(inScratch('full.tar.gz'));
    const hanging =
      'failures: [{tests: test.test_hang.T.test_a, hangs: true, reason: it waits for ever}]';
    await writeFile(inScratch('expected.yaml'), hanging);
    const options = ['--json', '--expected-failures', inScratch('expected.yaml')];

    const {code, stdout} = await start('test', archive, 'test_hang', 'test_good', ...options)
      .result;

    const report = JSON.parse(stdout) as Report;
    expect([code, report.counts]).toEqual([0, {passed: 2, failed: 1, skipped: 1}]);
    expect(report.expectedFailures).toEqual([
      {name: 'test.test_hang.T.test_a', reason: 'it waits for ever'},
    ]);
  });

  it('names a test of which only subtests fail, though the report does not', async () => {
    const archive = await makeFakeDistribution(inScratch('full.tar.gz'));

    const {code, stdout} = await start('test', archive, 'test_subtest', '--json').result;

    const report = JSON.parse(stdout) as Report;
    expect([code, report.counts]).toEqual([1, {passed: 0, failed: 1, skipped: 0}]);
    expect(report.unexpectedFailures).toMatchObject([
      {name: 'test.test_subtest.T.test_a', detail: expect.stringContaining('AssertionError: 1')},
    ]);
  });

  it('prints a table and the end of each trace, without control characters', async () => {
    const archive = await makeFakeDistribution(inScratch('full.tar.gz'));

    const {code, stdout} = await start('test', archive, 'test_bad', '--progress', 'quiet').result;

    expect(code).toBe(1);
    expect(stdout).toMatch(/^test_bad +1 +1 +0 /m);
    expect(stdout).toContain('AssertionError: 1 != 2');
    expect(stdout).not.toContain('\u001b');
  });

  it('ends with 0 when everything passed or was skipped', async () => {
    const archive = await makeFakeDistribution(inScratch('full.tar.gz'));

    const {code, stdout} = await start('test', archive, 'test_good', 'test_skip').result;

    expect(code).toBe(0);
    expect(stdout).toContain("test_skip: No module named 'nothing'");
  });

  it('that is stopped stops everything that runs and removes what it unpacked', async () => {
    const archive = await makeFakeDistribution(inScratch('full.tar.gz'));
    const command = start('test', archive, 'test_hang', 'test_good', '-j', '2');
    await command.said('test_good');
    const running = async () => {
      const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
      const lines = await Promise.all(
        pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
      );
      return lines.filter((line) => line.includes(`${scratch}/ampoule-test-`)).length;
    };
    // The module and the process that left its group.
    while ((await running()) < 2) await sleep(50);

    command.kill('SIGINT');

    expect(await command.result).toMatchObject({code: 130, stdout: ''});
    expect(await running()).toBe(0);
    expect(await leftovers()).toEqual([]);
  });

  it('says that an install_only archive holds no tests', async () => {
    const archive = await makeArchive(inScratch('install_only.tar.gz'), [
      ['python/bin/python3', ''],
    ]);

    const {code, stderr} = await start('test', archive).result;

    expect(code).toBe(2);
    expect(stderr).toContain("CPython's tests are in the full archive only");
    expect(await leftovers()).toEqual([]);
  });
});

describe('ampoule diff', () => {
  const archiveOf = (name: string, text: string) =>
    makeArchive(inScratch(name), [
      ['python/a.txt', `same\n${text}\n`],
      ['python/b.txt', 'same'],
    ]);

  it('ends with 0 and says nothing for equal archives', async () => {
    const [a, b] = [await archiveOf('a.tar.gz', 'x'), await archiveOf('b.tar.gz', 'x')];

    expect(await start('diff', a, b).result).toEqual({code: 0, stdout: '', stderr: ''});
  });

  it('ends with 1 and says what differs', async () => {
    const [a, b] = [await archiveOf('a.tar.gz', 'x'), await archiveOf('b.tar.gz', 'y')];

    const {code, stdout} = await start('diff', a, b).result;

    expect(code).toBe(1);
    expect(stdout).toBe(
      'changed: install/a.txt (7 bytes)\n  @@ -1,2 +1,2 @@\n   same\n  -x\n  +y\n\n' +
        '1 changed, 0 only in A, 0 only in B\n',
    );
    expect(await leftovers()).toEqual([]);
  });
});

describe('a command on what is no archive', () => {
  it.each([['inspect'], ['test'], ['diff']])('ampoule %s ends with 2', async (name) => {
    await writeFile(inScratch('x.tar.gz'), 'no archive');
    const files =
      name === 'diff' ? [inScratch('x.tar.gz'), inScratch('x.tar.gz')] : [inScratch('x.tar.gz')];

    const {code, stdout, stderr} = await start(name, ...files).result;

    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('expected a .tar.zst or a .tar.gz');
  });
});

describe('ampoule inspect', () => {
  it('prints one JSON document with --json, and aligned columns without', async () => {
    const archive = await makeArchive(inScratch('a.tar.gz'), [
      ['python/bin/\u001b[2Jpython3', 'x'],
      ['python/include/python3.14/patchlevel.h', '#define PY_VERSION "3.14.7"'],
    ]);

    const json = await start('inspect', archive, '--json').result;
    const text = await start('inspect', archive, '--elf').result;

    expect(JSON.parse(json.stdout)).toMatchObject({format: 1, files: 2});
    expect(text.stdout).toMatch(/^python {4,}3\.14\.7$/m);
    expect(text.stdout).not.toContain('\u001b');
  });
});
