import {afterAll, beforeAll, beforeEach, describe, expect, it} from 'vitest';
import {sha256} from '../../../src/core/digest.js';
import {BuildError, messageOf} from '../../../src/core/errors.js';
import {readSuites} from '../../../src/builder/recipe-edit/debian-suites.js';
import {findVersion} from '../../../src/builder/recipe-edit/find-version.js';
import {replaceRecipe} from '../../../src/builder/recipe-edit/write-recipe.js';
import {DiskStore} from '../../../src/store/disk-store.js';
import {parseRecipe} from '../../../src/recipe/parse-recipe.js';
import type {Pins} from '../../../src/recipe/recipe.js';
import {serveArchive, type ArchiveFiles} from '../../support/debian-archive.js';
import {
  bumpHere,
  copyRecipes,
  withReplacements,
  type RecipeCopy,
} from '../../support/recipe-copy.js';
import {makeSigningKey, type SigningKey} from '../../support/signing-key.js';
import {makeSourceArchive, makeSourceSuites} from '../../support/source-suites.js';
import {noUpstream, startUpstream} from '../../support/upstream-hosts.js';
import {startServer, type LoopbackServer} from '../fetch/loopback-server.js';

const day = '2031-02-03';

let key: SigningKey;
let copy: RecipeCopy;
let archive: ArchiveFiles = new Map();
let server: LoopbackServer;
beforeAll(async () => {
  Object.assign(process.env, noUpstream);
  key = await makeSigningKey();
  server = await startServer((request, response) => serveArchive(archive)(request, response));
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(async () => {
  copy = await copyRecipes(key, ['libedit', 'mpdecimal', 'ncurses', 'openssl', 'xz', 'zlib']);
  return () => copy[Symbol.asyncDispose]();
});

const bump = (words: readonly string[], environment: NodeJS.ProcessEnv = {}) =>
  copy.run(['bump', ...words], {AMPOULE_DEBIAN_MIRROR: server.url, ...environment});

/** The same without a process of its own. */
const bumpQuickly = (name: string, version: string) => bumpHere(copy, server.url, [name, version]);

/** The pins of the first version of a recipe, or of a series of it. */
async function pinsOf(name: string, series = ''): Promise<Pins> {
  const recipe = parseRecipe(await copy.recipe(name), name);
  const versions = recipe.ok ? recipe.value.versions : [];
  const pins = versions.find(({upstream}) => upstream.version.startsWith(series));
  if (pins === undefined) throw new Error(`${name} has no ${series}`);
  return pins;
}

/** The version after another one. */
const after = (version: string): string =>
  version.replace(/\d+$/, (last) => String(Number(last) + 1));

const poolPathOf = ({debian: {debian}}: Pins): string => debian?.poolPath ?? '';

/** What makes an old pin the one of other bytes. */
const newPin = (old: Pins['debian'], bytes: Buffer): readonly (readonly [string, string])[] => [
  [old.sha256, sha256(bytes)],
  [`size: ${old.sizeBytes}\n`, `size: ${bytes.length}\n`],
];

describe('ampoule recipe bump', () => {
  it('pins what Debian signed for both sets, marks what was not compared, and keeps all other bytes', async () => {
    const pins = await pinsOf('openssl');
    const {version, date} = pins.debian;
    const next = after(version);
    const bytes = await makeSourceArchive('openssl', day);
    const poolPath = poolPathOf(pins).replace(version, next);
    archive = await makeSourceSuites(key, {trixie: [{poolPath, bytes}]});
    const before = await copy.recipe('openssl');

    const {code, stdout, stderr} = await bump(['openssl', next]);

    expect(code, stderr).toBe(0);
    expect(await copy.recipe('openssl')).toBe(
      withReplacements(
        before,
        [`version: "${version}"`, `version: "${next}"`],
        ...newPin(pins.debian, bytes),
        [`date: ${date}\n`, `date: ${day}\n  unverified: true\n`],
      ),
    );
    expect(stdout).toContain(
      `upstream  ${version} -> ${next}  not compared, so the pin is unverified: https`,
    );
    expect(stdout).toContain(`debian    ${version} -> ${next}  ${server.url}/${poolPath}\n`);
    expect(stdout).toContain(`\n-version: "${version}"\n+version: "${next}"\n`);
    expect(await copy.list('recipes/openssl')).not.toContain(expect.stringMatching(/^\.recipe/));
  });

  it('changes the set whose host answers, and both when both do', async () => {
    const pins = await pinsOf('zlib');
    const {version} = pins.debian;
    const next = after(version);
    const ofDebian = await makeSourceArchive('zlib', day);
    const ofUpstream = await makeSourceArchive('zlib', '2031-02-02', 'FAQ');
    const poolPath = poolPathOf(pins).replace(version, next);
    archive = await makeSourceSuites(key, {sid: [{poolPath, bytes: ofDebian}]});
    const before = await copy.recipe('zlib');
    const url = pins.upstream.urls[0]?.replaceAll(version, next) ?? '';

    const alone = await bump(['zlib', next]);
    const between = await copy.recipe('zlib');
    await using upstream = await startUpstream(['github.com'], new Map([[url, ofUpstream]]));
    const both = await bump(['zlib', next], upstream.environment);

    expect([alone.code, both.code], alone.stderr + both.stderr).toEqual([0, 0]);
    expect(alone.stdout).toContain(`upstream  ${version}  left alone: ${url}: `);
    const [upper, lower] = before.split('  debian:\n');
    const changed = withReplacements(
      lower ?? '',
      [`suite: ${pins.debian.debian?.suite ?? ''}`, 'suite: sid'],
      ...newPin(pins.debian, ofDebian),
      [`date: ${pins.debian.date}`, `date: ${day}`],
    );
    expect(between).toBe(`${upper ?? ''}  debian:\n    version: "${next}"\n${changed}`);
    expect(await copy.recipe('zlib')).toBe(
      withReplacements(
        `${upper ?? ''}  debian:\n${changed}`,
        [`version: "${version}"`, `version: "${next}"`],
        ...newPin(pins.upstream, ofUpstream),
        [`date: ${pins.upstream.date} #`, 'date: 2031-02-02 #'],
        ['    unverified: true\n', ''],
      ),
    );
  });

  it('finds the path in the signed indexes where the template of the recipe does not lead to it', async () => {
    const pins = await pinsOf('libedit');
    const {version} = pins.debian;
    const next = version.replace(/^\d+/, '20310203');
    const bytes = await makeSourceArchive('libedit', day);
    const poolPath = poolPathOf(pins).replace(/\d{8}/, '20310203');
    const zlib = await pinsOf('zlib');
    const repacked = 'pool/main/z/zlib/zlib_9.1.dfsg.orig.tar.gz';
    archive = await makeSourceSuites(key, {
      trixie: [
        {poolPath, bytes},
        {poolPath: repacked, bytes},
      ],
    });

    await bumpQuickly('libedit', next);
    await bumpQuickly('zlib', '9.1');

    expect(await copy.recipe('libedit')).toContain(`\n  debian: ${poolPath}\n`);
    expect((await pinsOf('libedit')).debian.version).toBe(next);
    expect(await copy.recipe('zlib')).toContain('/zlib_{version}.dfsg.orig.tar.gz\n');
    expect((await pinsOf('zlib')).upstream).toEqual(zlib.upstream);
  });

  it('changes the version of a series, with a place of its own where the others have another', async () => {
    await copy.add('cpython');
    const pins = await pinsOf('cpython', '3.14');
    const {version} = pins.debian;
    const next = after(version);
    const bytes = await makeSourceArchive('Python', day);
    const poolPath = poolPathOf(pins).replace(`_${version}`, `_${next}`).replace(/xz$/, 'gz');
    archive = await makeSourceSuites(key, {trixie: [{poolPath, bytes}]});
    const before = await copy.recipe('cpython');

    await bumpQuickly('cpython', next);

    const template = `pool/main/p/python3.14/python3.14_{version}.orig.tar.gz`;
    expect(await copy.recipe('cpython')).toBe(
      withReplacements(
        before,
        [
          `- version: "${version}"\n`,
          `- version: "${next}"\n    debian: ${template}\n    suite: trixie\n`,
        ],
        ...newPin(pins.debian, bytes),
        [
          `size: ${bytes.length}\n    date: ${pins.debian.date}\n`,
          `size: ${bytes.length}\n    date: ${day}\n    unverified: true\n`,
        ],
      ),
    );
  });

  it('adds a series that the recipe does not have', async () => {
    await copy.add('cpython');
    const bytes = await makeSourceArchive('Python', day);
    const poolPath = 'pool/main/p/python3.99/python3.99_3.99.0~rc1.orig.tar.gz';
    archive = await makeSourceSuites(key, {sid: [{poolPath, bytes}]});
    const before = await copy.recipe('cpython');

    const {outcomes} = await bumpQuickly('cpython', '3.99.0rc1');

    expect(outcomes[1]).toMatchObject({set: 'debian', from: 'none', to: '3.99.0rc1'});
    const entry = [
      '  - version: "3.99.0rc1"',
      '    debian: pool/main/p/python3.99/python3.99_{debian-version}.orig.tar.gz',
      `    sha256: ${sha256(bytes)}`,
      `    size: ${bytes.length}`,
      `    date: ${day}`,
      '    unverified: true',
    ];
    expect(await copy.recipe('cpython')).toBe(
      before.replace('\nlicense:', () => `\n${entry.join('\n')}\nlicense:`),
    );
  });
});

describe('ampoule recipe bump refuses, and leaves every file as it was', () => {
  /** Why a bump is refused. */
  async function refusal(name: string, version: string): Promise<string> {
    const before = await copy.recipe(name);
    const error = await bumpQuickly(name, version).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(BuildError);
    expect(await copy.recipe(name)).toBe(before);
    return messageOf(error);
  }

  it('a file that the index has and the mirror has not, asked for once', async () => {
    const pins = await pinsOf('openssl');
    const next = after(pins.debian.version);
    const poolPath = poolPathOf(pins).replace(pins.debian.version, next);
    const bytes = await makeSourceArchive('openssl', day);
    archive = await makeSourceSuites(key, {trixie: [{poolPath, bytes, isLate: true}]});

    const first = server.requests.length;

    const message = await refusal('openssl', next);

    expect(message).toContain(
      `debian: left alone: trixie lists it, but ${server.url}/${poolPath}: the server answered 404; the mirror is behind its own index`,
    );
    const asked = server.requests.slice(first);
    expect(asked.filter((request) => request === `GET /${poolPath}`)).toHaveLength(1);
  });

  it('an archive whose newest file cannot be dated, unless --date names the day', async () => {
    const pins = await pinsOf('xz');
    const next = after(pins.debian.version);
    const poolPath = poolPathOf(pins).replace(pins.debian.version, next);
    archive = await makeSourceSuites(key, {sid: [{poolPath, bytes: Buffer.from('not xz')}]});

    expect(await refusal('xz', next)).toMatch(
      /^xz-utils_\S+ cannot be read: .*nothing was written\. Look with: tar .*--date YYYY-MM-DD/s,
    );
    await bumpHere(copy, server.url, ['xz', next], day);
    expect((await pinsOf('xz')).debian).toMatchObject({version: next, date: day});
    const {before, after: same} = await bumpQuickly('xz', next);
    expect(same).toBe(before);
  });

  it('a recipe that was changed while the new file was looked for', async () => {
    const before = await copy.recipe('xz');

    const replacing = replaceRecipe(copy.folder, 'xz', {before: `${before}#`, after: ''});

    await expect(replacing).rejects.toThrow(
      /recipe\.yaml was changed meanwhile, and is left as it is/,
    );
    expect(await copy.recipe('xz')).toBe(before);
  });

  it('what Debian did not sign', async () => {
    archive = await makeSourceSuites(await makeSigningKey(), {});

    expect(await refusal('openssl', '9.9')).toMatch(
      /InRelease is refused: InRelease has no good signature/,
    );
  });

  it('everything, where no suite can be read', async () => {
    archive = new Map();
    const reading = {
      ...{project: copy.folder, isOffline: true, debianMirror: undefined},
      ...{store: await DiskStore.open(copy.folder), onEvent: () => undefined},
      signal: new AbortController().signal,
    };

    const suites = await readSuites(['sid', 'trixie'], new Set(['openssl']), reading);

    expect(findVersion(['openssl'], '3.5.7', suites)).toEqual({
      kind: 'left',
      reason: expect.stringMatching(
        /^no suite of Debian could be read: not in the store, and --offline forbids downloads/,
      ) as string,
    });
  });

  it('bytes that the index does not say', async () => {
    const pins = await pinsOf('openssl');
    const next = after(pins.debian.version);
    const poolPath = poolPathOf(pins).replace(pins.debian.version, next);
    const bytes = await makeSourceArchive('openssl', day);
    archive = await makeSourceSuites(key, {trixie: [{poolPath, bytes}]});
    archive.set(poolPath, Buffer.concat([bytes.subarray(0, -1), Buffer.from('x')]));

    expect(await refusal('openssl', next)).toMatch(
      /openssl_\S+ is refused: the signed index of trixie says sha256 [0-9a-f]{64}, \d+ bytes; found [0-9a-f]{64}/,
    );
  });

  it('a version that no suite has, and an older one', async () => {
    const pins = await pinsOf('openssl');
    const {version} = pins.debian;
    const bytes = await makeSourceArchive('openssl', day);
    archive = await makeSourceSuites(key, {trixie: [{poolPath: poolPathOf(pins), bytes}]});

    expect(await refusal('openssl', `${version}.99`)).toContain(
      `no suite of Debian has openssl ${version}.99; the newest are ${version} trixie`,
    );
    expect(await refusal('openssl', '1.0')).toBe(
      `openssl 1.0 is older than the pinned ${version}. Name a newer version, or take this one with --allow-older.`,
    );
    await copy.add('cpython');
    expect(await refusal('cpython', '3.99.1')).toContain(
      'debian: left alone: no suite of Debian has the source package',
    );
  });

  it('files of both sets that differ, where the recipe has one pin for them, and a pinned version with other bytes', async () => {
    const pins = await pinsOf('mpdecimal');
    const {version} = pins.debian;
    const next = after(version);
    const [ofDebian, ofUpstream] = [
      await makeSourceArchive('a', day),
      await makeSourceArchive('b', day),
    ];
    const poolPath = poolPathOf(pins);
    archive = await makeSourceSuites(key, {
      trixie: [
        {poolPath: poolPath.replace(version, next), bytes: ofDebian},
        {poolPath, bytes: ofDebian},
      ],
    });
    const [url = ''] = pins.upstream.urls;
    const files = new Map([[url.replaceAll(version, next), ofUpstream]]);
    await using upstream = await startUpstream([new URL(url).host], files);

    const before = [await copy.recipe('mpdecimal'), await copy.list('recipes/mpdecimal')];
    const differs = await bump(['mpdecimal', next], upstream.environment);

    expect(differs).toMatchObject({code: 1, stdout: ''});
    expect([await copy.recipe('mpdecimal'), await copy.list('recipes/mpdecimal')]).toEqual(before);
    expect(differs.stderr).toContain(
      '"source" pins one file for both source sets, but they differ now:',
    );
    expect(differs.stderr).toContain(`sha256 ${sha256(ofUpstream)}`);
    expect(await refusal('mpdecimal', version)).toMatch(
      /is pinned already, and http\S+ has other bytes now:\n {2}pinned sha256 [0-9a-f]{64}\n {3}found sha256/,
    );
  });
});
