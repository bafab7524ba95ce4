import {existsSync} from 'node:fs';
import {readFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {defaultStore} from '../../src/builder/default-store.js';
import {sha256} from '../../src/core/digest.js';
import {archiveCases, flavoursOf} from '../support/archive/archives.js';
import {makeOrdinaryUser, type OrdinaryUser} from '../support/ordinary-user.js';
import {byScale} from '../support/scale.js';

/** The store that the archives under test were built in. */
const store = process.env['AMPOULE_STORE'] ?? defaultStore() ?? '';
const command = ['node', 'lib/cli/main.js'];
const vitest = ['node', 'node_modules/vitest/vitest.mjs', 'run'];

/**
 * What depends on who one is: unpacking, paths, modes, roots, terminals, caches. Left out are the tests whose program is
 * the same for everybody and that take longest: CPython's own, those that compile, those that read archives.
 */
const archiveTests = byScale({
  // Sandboxes as roots, paths and links, caches, the sandbox of a stage.
  usual: ['relocation', 'environments', 'terminals', 'shell'],
  full: [
    ...['relocation', 'relocation-matrix', 'standard-library', 'environments', 'certificates'],
    ...['terminals', 'shell', 'producer-checklist', 'left-out'],
  ],
}).map((name) => `test/e2e/${name}.test.ts`);

/** Parsers refuse what they refuse whoever calls them, and trying that takes minutes. */
const sameForEverybody = ['test/integration/hostile/**', 'test/unit/fuzz/**'];

/** Files, folders, locks, sandboxes and terminals of a user without rights, unless everything is asked for. */
const otherTests = byScale({
  usual: [
    ...[
      'test/unit/store',
      'test/unit/archive',
      'test/unit/executor',
      'test/contract/executor-local',
    ],
    ...['faults/damage', 'cli/shell', 'cli/store', 'cli/interrupt', 'cli/home-folder'].map(
      (name) => `test/integration/${name}`,
    ),
    ...['cli/doctor-and-plan', 'debian/unpack-threads'].map((name) => `test/integration/${name}`),
  ],
  full: [],
});

describe('an ordinary user', () => {
  let user: OrdinaryUser;

  beforeAll(async () => {
    user = await makeOrdinaryUser();
    for (const part of ['artifacts', 'records', 'sources', 'source-set.txt']) {
      const source = path.join(store, 'v1', part);
      if (existsSync(source)) await user.give(source, path.join('.cache/ampoule/v1', part));
    }
    await user.give(path.dirname(archiveCases()[0]?.[1].full ?? ''), 'dist');
    // The packages of the test images were fetched once already, when the other tests ran.
    const packages = 'v1/sources';
    const testStore = (uid: number) => `ampoule-test-store-${uid}`;
    const fetched = path.join(tmpdir(), testStore(process.getuid?.() ?? 0), packages);
    if (existsSync(fetched)) {
      await user.give(fetched, path.join('tmp', testStore(user.uid), packages));
    }
  });

  afterAll(() => user[Symbol.asyncDispose]());

  /** The end of what was said, where it did not end well. */
  async function complaintsOf(argv: readonly string[], environment = {}): Promise<string> {
    const {exit, stdout, stderr} = await user.run(argv, environment);
    return exit === 0
      ? ''
      : `${argv.join(' ')} ended with ${exit}\n${stdout.slice(-6000)}${stderr}`;
  }

  it('is not root', async () => {
    const {stdout} = await user.run(['id', '-u']);

    expect(stdout.trim()).not.toBe('0');
  });

  it('is told that this machine can build', async () => {
    const {exit, stdout} = await user.run([...command, 'doctor']);

    expect(stdout).toMatch(/^ok {7}sandbox: starts/m);
    expect(exit).toBe(0);
  });

  it.each(archiveCases())(
    'gets the same archives of %s from a store of its own, without a build',
    async (_title, pair) => {
      const variant = [pair.python, '--options', pair.options];
      const planned = await user.run([...command, 'plan', ...variant]);
      const missing = planned.stdout.split('\n').filter((line) => /^(run|unknown) /.test(line));
      expect(missing, `${store} does not have all of it: npm start`).toEqual([]);

      const {stdout, stderr} = await user.run([...command, 'build', ...variant]);

      expect(stderr).not.toMatch(/^start /m);
      const delivered = stdout.trim().split('\n');
      const names = delivered.map((file) => path.basename(file));
      expect(names).toEqual(
        expect.arrayContaining(flavoursOf(pair).map(({file}) => path.basename(file))),
      );
      for (const file of delivered) {
        const same = path.join(path.dirname(pair.full), path.basename(file));
        expect(sha256(await readFile(file))).toBe(sha256(await readFile(same)));
      }
    },
  );

  it('passes the tests that need no archive, those of the sandbox and of the command line among them', async () => {
    const projects = ['unit', 'contract', 'integration'].map((name) => `--project=${name}`);
    const others = sameForEverybody.map((pattern) => `--exclude=${pattern}`);

    const complaints = await complaintsOf([...vitest, ...projects, ...others, ...otherTests]);

    expect(complaints).toBe('');
  });

  it('passes the tests of the archives', async () => {
    const complaints = await complaintsOf([...vitest, '--project=e2e', ...archiveTests], {
      AMPOULE_E2E_DIST: path.join(user.home, 'dist'),
    });

    expect(complaints).toBe('');
  });
});
