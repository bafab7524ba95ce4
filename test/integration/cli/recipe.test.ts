import {readdirSync} from 'node:fs';
import path from 'node:path';
import {pathToFileURL} from 'node:url';
import {afterAll, beforeAll, beforeEach, describe, expect, it} from 'vitest';
import {sha256} from '../../../src/core/digest.js';
import {parseRecipe} from '../../../src/recipe/parse-recipe.js';
import {serveArchive, type ArchiveFiles} from '../../support/debian-archive.js';
import {copyRecipes, type RecipeCopy} from '../../support/recipe-copy.js';
import {makeSigningKey, type SigningKey} from '../../support/signing-key.js';
import {makeSourceArchive, makeSourceSuites} from '../../support/source-suites.js';
import {startUpstream} from '../../support/upstream-hosts.js';
import {startServer, type LoopbackServer} from '../fetch/loopback-server.js';

let key: SigningKey;
let copy: RecipeCopy;
let archive: ArchiveFiles = new Map();
let server: LoopbackServer;
beforeAll(async () => {
  key = await makeSigningKey();
  server = await startServer((request, response) => serveArchive(archive)(request, response));
});
afterAll(() => server[Symbol.asyncDispose]());
const copyOf =
  (...recipes: readonly string[]) =>
  async () => {
    copy = await copyRecipes(key, recipes.length === 0 ? undefined : recipes);
    return () => copy[Symbol.asyncDispose]();
  };

const run = (words: readonly string[], environment: NodeJS.ProcessEnv = {}) =>
  copy.run(words, {AMPOULE_DEBIAN_MIRROR: server.url, ...environment});

async function pinOf(name: string) {
  const recipe = parseRecipe(await copy.recipe(name), name);
  if (!recipe.ok) throw new Error(name);
  const {debian} = recipe.value.pins;
  return {...debian, poolPath: debian.debian?.poolPath ?? ''};
}

const openSslTags = 'https://github.com/openssl/openssl/releases/tag';
/** Pages of upstream's hosts: releases and what is none, of this series and of others. */
const upstreamPages = {
  'https://github.com/openssl/openssl/tags.atom': [
    'openssl-9.9.9-beta1',
    'openssl-9.9.1',
    'openssl-9.10.0',
    'OpenSSL_1_1_1w',
  ]
    .map((tag) => `<link rel="alternate" type="text/html" href="${openSslTags}/${tag}"/>`)
    .join('\n'),
  'https://www.python.org/ftp/python/':
    '<a href="../">up</a> <a href="3.14.90/">a</a> <a href="3.14.100/">b</a> <a href="3.99.0/">c</a>',
  'https://www.sqlite.org/2026/': "<a href='sqlite-autoconf-9091200.tar.gz'>a</a>",
};

describe('ampoule recipe check', () => {
  beforeEach(copyOf());

  it('reads every recipe and contacts no host', async () => {
    const hook = path.resolve(import.meta.dirname, '../../support/no-network.mjs');

    const {code, stdout, stderr} = await run(['check', '--json'], {
      NODE_OPTIONS: `--import ${pathToFileURL(hook).href}`,
      AMPOULE_TEST_CONNECTIONS: '/dev/full',
    });

    expect(code, stderr).toBe(0);
    const {recipes} = JSON.parse(stdout) as {recipes: readonly {recipe: string}[]};
    expect([...new Set(recipes.map(({recipe}) => recipe))]).toEqual(readdirSync('recipes').sort());
    expect(recipes).toContainEqual({
      recipe: 'openssl',
      upstream: (await pinOf('openssl')).version,
      debian: (await pinOf('openssl')).version,
      isSameFile: true,
      isUnverified: false,
    });
  });

  it('tells each mistake of the named recipes with file, line and column', async () => {
    await copy.edit('openssl', ['version: "', 'version: '], ['  sha256: ', '  sha: ']);
    await copy.edit('zlib', ['spdx: Zlib', 'spdx: Zlibb'], ['0001-keep', '0001-kept']);
    await copy.edit('bzip2', ['spdx: bzip2-1.0.6', 'spdx: bzip3']);
    await copy.edit('xz', ['provides:', 'depends: [zlip]\nprovides:']);
    await copy.edit('sqlite', ['sha256: ee6a', 'sha256: 0000'], ['spdx: blessing', 'spdx: TODO']);

    const names = ['openssl', 'zlib', 'bzip2', 'xz', 'sqlite'];
    const {code, stdout, stderr} = await run(['check', ...names]);

    expect({code, stdout}).toEqual({code: 2, stdout: ''});
    for (const mistake of [
      /^(?:ampoule: )?recipes\/openssl\/recipe\.yaml:3:10: "version" must be in quotes/m,
      /^recipes\/openssl\/recipe\.yaml:8:3: .*"sha"/m,
      /^recipes\/zlib\/recipe\.yaml:\d+:\d+: 0001-kept\S+ does not lie beside the recipe\. Did you mean 0001-keep/m,
      /^(?:ampoule: )?recipes\/bzip2\/recipe\.yaml:\d+:17: "spdx": expected an SPDX licence expression .*found "bzip3"/m,
      /^recipes\/xz\/recipe\.yaml:\d+:11: unknown recipe "zlip"\. Did you mean zlib/m,
      /^recipes\/sqlite\/recipe\.yaml:\d+:\d+: licenses\/sqlite\/LICENSE\.md: expected sha256 0000/m,
      /^recipes\/sqlite\/recipe\.yaml:\d+:9: TODO: still to be written/m,
    ]) {
      expect(stderr).toMatch(mistake);
    }
    expect(stderr).not.toContain('recipes/ncurses');
  });
});

describe('ampoule recipe outdated', () => {
  beforeEach(copyOf('cpython', 'libedit', 'ncurses', 'openssl', 'sqlite', 'zlib'));

  /** The next archives of a recipe, by their versions. */
  const archivesOf = (
    {poolPath, version}: {readonly poolPath: string; readonly version: string},
    bytes: Buffer,
    ...versions: readonly string[]
  ) => versions.map((other) => ({poolPath: poolPath.replace(version, other), bytes}));

  it('compares pins with the signed indexes of all suites and the pages of upstream, and offline with what it read last', async () => {
    const [openssl, zlib] = [await pinOf('openssl'), await pinOf('zlib')];
    const libedit = (await pinOf('libedit')).poolPath.replace(/\d{8}/, '20310203');
    const bytes = await makeSourceArchive('x', '2031-02-03');
    const suites = {
      bullseye: archivesOf(openssl, bytes, '1.1.1w'),
      trixie: [
        ...archivesOf(openssl, bytes, '9.9.1', '9.9.2~rc1'),
        ...archivesOf(zlib, bytes, zlib.version),
      ],
      forky: archivesOf(openssl, bytes, '9.10.0'),
      sid: [...archivesOf(openssl, bytes, '9.10.0'), {poolPath: libedit, bytes}],
    };
    archive = await makeSourceSuites(key, suites, {'Valid-Until': 'Sat, 01 Aug 2026 00:00:00 UTC'});
    const pages = new Map(
      Object.entries(upstreamPages).map(([url, page]) => [url, Buffer.from(page)]),
    );
    const hosts = ['github.com', 'www.python.org', 'www.sqlite.org', 'thrysoee.dk'];
    await using upstream = await startUpstream(hosts, pages);
    const names = ['openssl', 'zlib', 'libedit', 'cpython', 'sqlite'];

    const online = await run(['outdated', '--json', ...names], upstream.environment);
    const asked = server.requests.length;
    const offline = await run(['outdated', '--offline', ...names]);

    expect([online.code, offline.code], online.stderr + offline.stderr).toEqual([0, 0]);
    expect(server.requests).toHaveLength(asked);
    expect(online.stderr).toMatch(/^trixie: its mirror is behind: it was valid until 2026-08-01/m);
    const found = JSON.parse(online.stdout) as {suites: object[]; recipes: {recipe: string}[]};
    expect(found.suites).toHaveLength(5);
    expect(found.suites[0]).toMatchObject({suite: 'trixie', mirror: server.url});
    const of = (name: string) => found.recipes.filter(({recipe}) => recipe === name);
    expect(of('openssl')).toMatchObject([
      {
        upstream: {pinned: openssl.version, isOutdated: true, newest: {version: '9.10.0'}},
        debian: {
          pinned: openssl.version,
          isOutdated: true,
          newer: [
            {version: '9.9.2rc1', where: ['trixie']},
            {version: '9.10.0', where: ['forky', 'sid']},
          ],
        },
      },
    ]);
    expect(of('libedit')).toMatchObject([
      {debian: {newest: {version: '20310203-3.1', where: ['sid']}, isListed: false}},
    ]);
    expect(of('zlib')).toMatchObject([
      {
        upstream: {problems: ['https://github.com/madler/zlib/tags.atom: the server answered 404']},
        debian: {isOutdated: false, newer: []},
      },
    ]);
    expect(of('cpython')).toContainEqual(
      expect.objectContaining({
        upstream: expect.objectContaining({
          newest: {version: '3.14.100', where: ['https://www.python.org/ftp/python/']},
        }) as object,
      }),
    );
    expect(of('sqlite')).toMatchObject([{upstream: {newest: {version: '9.9.12'}}}]);
    expect(upstream.requests.filter((url) => url.includes('python.org'))).toHaveLength(1);
    expect(offline.stdout).toMatch(/^recipe +pinned +newer upstream +newer in Debian$/m);
    expect(offline.stdout).toMatch(
      /^openssl +\S+ +\? +9\.9\.2rc1 trixie, 9\.10\.0 forky sid, no suite has the pinned file any more$/m,
    );
    expect(offline.stdout).toMatch(
      /\n {2}not asked: --offline\n\n2 of \d+ have something newer\.\n$/,
    );
  });
});

describe('ampoule recipe new', () => {
  beforeEach(copyOf('xz'));

  it('writes a recipe with its pins and marks for the rest, and never over another one', async () => {
    const bytes = await makeSourceArchive('foo-1.2', '2031-02-03', 'configure', 'COPYING');
    const poolPath = 'pool/main/f/foo/foo_1.2.orig.tar.gz';
    archive = await makeSourceSuites(key, {trixie: [{poolPath, bytes}]});
    const words = ['new', 'foo', '1.2', '--debian', 'foo'];
    const url = 'https://foo.example/foo-1.2.tar.gz';

    const made = await run([...words, '--url', url]);
    const skeleton = await copy.recipe('foo');
    const again = await run([...words, '--url', url]);

    expect(made.code, made.stderr).toBe(0);
    expect(made.stdout).toContain('Next: replace each TODO, then ');
    expect(skeleton).toContain(`
version: "1.2"
source:
  url: https://foo.example/foo-{version}.tar.gz
  debian: pool/main/f/foo/foo_{version}.orig.tar.gz
  suite: trixie
  sha256: ${sha256(bytes)}
  size: ${bytes.length}
  date: 2031-02-03
  unverified: true
`);
    expect(skeleton).toContain('files: [COPYING]}');
    expect(skeleton).toContain('system: autotools\n');
    expect(again).toMatchObject({code: 2, stdout: ''});
    expect(again.stderr).toContain('recipes/foo is there already, and nothing was written');
    expect(await copy.list('recipes')).not.toContainEqual(expect.stringMatching(/^\./));
  });

  it('pins a file for each set where they differ', async () => {
    const ofDebian = await makeSourceArchive('foo-2.8.3', '2031-02-03');
    const ofUpstream = await makeSourceArchive('foo-2.8.3', '2031-02-02', 'configure');
    const poolPath = 'pool/main/f/foo/foo_2.8.3+dfsg.orig.tar.gz';
    archive = await makeSourceSuites(key, {sid: [{poolPath, bytes: ofDebian}]});
    const url = 'https://foo.example/R_2_8_3/foo-2.8.3.tar.gz';
    const words = ['2.8.3', '--debian', 'foo', '--url', url];
    await using upstream = await startUpstream(['foo.example'], new Map([[url, ofUpstream]]));

    const both = await run(['new', 'bar', ...words], upstream.environment);

    expect(both.code, both.stderr).toBe(0);
    expect(await copy.recipe('bar')).toContain(
      `foo-{version}.tar.gz\n    sha256: ${sha256(ofUpstream)}\n    size: ${ofUpstream.length}\n    date: 2031-02-02\n  # `,
    );
    expect(await copy.recipe('bar')).toContain(`foo_{version}+dfsg.orig.tar.gz\n    suite: sid\n`);
  });
});
