import {readdir, readFile, rm, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {makeFixtureProject, type FixtureProject} from '../../support/fixture-project.js';

let project: FixtureProject;

beforeEach(async () => {
  project = await makeFixtureProject();
});

afterEach(() => project[Symbol.asyncDispose]());

const build = (...options: string[]): readonly string[] => [
  ...['build', '--output', path.join(project.folder, 'dist')],
  ...options,
];

/** Runs a command and tells every attempt of it to reach a host; each is refused. */
async function withoutNetwork(arguments_: readonly string[]) {
  const connections = path.join(project.folder, 'connections');
  await writeFile(connections, '');
  const hook = path.resolve(import.meta.dirname, '../../support/no-network.mjs');
  const result = await project.ampoule(arguments_, {
    NODE_OPTIONS: `--import=${hook}`,
    AMPOULE_TEST_CONNECTIONS: connections,
  });
  return {...result, connections: await readFile(connections, 'utf8')};
}

describe('ampoule fetch', () => {
  it('downloads all that a build needs, prints it, and has nothing to do the second time', async () => {
    const first = await project.ampoule(['fetch']);
    const second = await project.ampoule(['fetch', '--json']);

    expect(first.code).toBe(0);
    expect(first.stdout).toMatch(/^(zlib-1\.0|cpython-3\.14-3\.14\.7)\.tar 0\.0 MB$/m);
    expect(first.stdout).toMatch(/^fetched 1 of \d+ sources, /m);
    const {fetched, present} = JSON.parse(second.stdout) as {
      fetched: unknown[];
      present: {fileName: string; path: string}[];
    };
    expect(fetched).toEqual([]);
    expect(present.map(({fileName}) => fileName)).toContain('cpython-3.14-3.14.7.tar');
    expect(present.map(({fileName}) => fileName)).toContainEqual(
      expect.stringMatching(/^bubblewrap_/),
    );
    expect(project.requests.filter((url) => url.endsWith('.tar'))).toHaveLength(1);
  });

  it('has the network hook see what it does', async () => {
    const {connections} = await withoutNetwork(['fetch']);

    expect(connections).toMatch(/connect/);
  });
});

describe('a build without a network', () => {
  it('reaches for no host once everything was fetched', async () => {
    await project.ampoule(['fetch']);
    const asked = project.requests.length;

    const {connections, stderr} = await withoutNetwork(build('--offline'));

    // The fixture's shell cannot finish a dependency: that it was tried is what counts here.
    expect(stderr).toContain('Stage dependency/zlib');
    expect(connections).toBe('');
    expect(project.requests).toHaveLength(asked);
  });

  it.each(['build', 'fetch', 'shell'])(
    '%s names every source that is missing, and how to get them',
    async (command) => {
      const sources = path.join(project.store, 'v1/sources');
      const before = await readdir(sources);
      await Promise.all(before.map((name) => rm(path.join(sources, name))));
      const words = {build: build(), fetch: ['fetch'], shell: ['shell', 'zlib']}[command] ?? [];

      const {code, stdout, stderr, connections} = await withoutNetwork([...words, '--offline']);

      expect({code, stdout, connections}).toEqual({code: 1, stdout: '', connections: ''});
      const message = stderr.slice(stderr.indexOf('ampoule: '));
      expect(message.split('\n').length).toBeLessThan(12);
      expect(message).toMatch(/^ {2}\S+\.deb, \d+ bytes, sha256 [0-9a-f]{64}$/m);
      expect(message).toContain('Next, with a network: ampoule fetch');
      const [, listPath = ''] = /All of them are listed in (.*)/.exec(message) ?? [];
      const list = (await readFile(listPath, 'utf8')).trimEnd().split('\n');
      const named = [
        'bubblewrap_',
        'busybox-static_',
        ...(command === 'shell' ? [] : ['cpython-']),
      ];
      for (const name of named) expect(list).toContainEqual(expect.stringContaining(name));
      expect(list).toEqual([...new Set(list)]);
      expect(message).toContain(`${list.length} sources (`);
    },
  );

  it('asks nobody which source set to use', async () => {
    const words = build('--offline').filter((word) => word !== '--sources');
    await rm(path.join(project.store, 'v1/source-set.txt'), {force: true});

    const {connections} = await withoutNetwork([...words, '--sources', 'auto']);

    expect(connections).toBe('');
  });
});
