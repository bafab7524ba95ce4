import {rm} from 'node:fs/promises';
import path from 'node:path';
import {describe, expect, it} from 'vitest';
import type {TreeInspection} from '../../src/installation/inspect-tree.js';
import type {InterpreterReport} from '../../src/installation/run-interpreter.js';
import {archiveCases} from '../support/archive/archives.js';
import {useDistribution} from '../support/archive/distribution.js';
import {outputOf, run} from '../support/archive/run.js';
import {installFrom} from '../support/archive/unpack.js';
import {copyByLinks} from '../support/archive/ways/way.js';

const main = path.resolve(import.meta.dirname, '../../lib/cli/main.js');

type Inspected = TreeInspection & {readonly interpreter?: InterpreterReport};

/** Runs a command of Ampoule. */
const ampoule = (...args: readonly string[]) => run(process.execPath, [main, ...args]);

async function inspect(...args: readonly string[]): Promise<Inspected> {
  return JSON.parse(
    await outputOf(process.execPath, [main, 'inspect', '--json', ...args]),
  ) as Inspected;
}

describe.each(archiveCases())('the installed tree of %s', (_title, archives) => {
  const distribution = useDistribution(archives);

  it('is told by inspect as its archive is, and lacks only what was left out', async () => {
    const tree = await inspect(distribution.prefix, '--run');

    expect(tree.layout).toBe('prefix');
    expect(tree.paths.interpreter).toBe(distribution.executable);
    expect(tree.facts).toMatchObject({
      python: {value: archives.python},
      target: {value: archives.targetTriple},
      options: {value: archives.options},
    });
    expect(tree.glibc).toMatch(/^2\.(?:[12]?\d|3[01])$/);
    expect(tree.missingLibraries).toEqual([]);
    expect(tree.extensions.flatMap(({missingLibraries}) => missingLibraries)).toEqual([]);
    expect(tree.extensions.length).toBeGreaterThan(90);
    // What only tests use is not in every archive, and stands among the removed.
    expect(tree.missingExtensions.map(({name}) => name)).toContain('_tkinter');
    expect(
      tree.missingExtensions.filter(
        ({name, kind}) =>
          kind !== 'disabled' && !(kind === 'removed' && /^_(?:ctypes_)?test/.test(name)),
      ),
    ).toEqual([]);
    expect(tree.notKnown).toEqual([]);
    expect(tree.interpreter?.version).toContain(archives.python);
    expect(tree.interpreter?.failedImports).toEqual([]);
  });

  it('is said to lack a module whose file was removed', async () => {
    const prefix = path.join(distribution.scratch, 'without _dbm');
    await copyByLinks(distribution, prefix);
    const before = await inspect(prefix);
    const file = before.extensions.find(({name}) => name === '_dbm')?.file ?? '';
    await rm(path.join(prefix, file));

    const {missingExtensions} = await inspect(prefix);

    expect(missingExtensions.find(({name}) => name === '_dbm')?.kind).toBe('removed');
  });

  it('is named as the base of its virtual environments', async () => {
    const place = path.join(distribution.scratch, 'environment');
    await outputOf(distribution.executable, ['-m', 'venv', '--without-pip', place]);

    for (const command of ['inspect', 'test']) {
      const {exit, stderr} = await ampoule(command, place);
      expect(exit).toBe(2);
      expect(stderr).toContain(`is a virtual environment`);
      expect(stderr).toContain(`Next: name its base, ${distribution.prefix}.`);
    }
  });

  it("runs CPython's own tests where they are installed, and says where they are not", async () => {
    const folder = path.join(distribution.scratch, 'with tests');
    await installFrom(archives.full, folder);

    const tested = await ampoule('test', path.join(folder, 'python'), 'test_bool', '--json');

    expect([tested.exit, tested.stderr]).toEqual([0, expect.stringContaining('1 test module,')]);
    expect(JSON.parse(tested.stdout)).toMatchObject({python: archives.python, counts: {failed: 0}});
    if (archives.installed === archives.full) return;
    const refused = await ampoule('test', distribution.prefix, 'test_bool');
    expect([refused.exit, refused.stderr]).toEqual([
      2,
      expect.stringContaining('holds no tests of CPython'),
    ]);
  });
});
