import {mkdir, readdir, readFile, rm, stat} from 'node:fs/promises';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {sha256} from '../../../src/core/digest.js';
import {
  inReleasePath,
  makeArchive,
  packagesPath,
  poolPathOf,
  serveArchive,
  signArchive,
  type ArchiveFiles,
} from '../../support/debian-archive.js';
import {makeFixtureProject, type FixtureProject} from '../../support/fixture-project.js';
import {makeSigningKey, type SigningKey} from '../../support/signing-key.js';
import {startServer, type LoopbackServer} from '../fetch/loopback-server.js';

const make = {name: 'make', version: '4.4', depends: 'libc6 (>= 2.38)'};
const packages = [
  make,
  {name: 'busybox-static', version: '1:1.37-1'},
  {name: 'libc6', version: '2.41'},
];
const lockFile = 'docker/build/image.lock.json';

let project: FixtureProject;
let key: SigningKey;
let archive: ArchiveFiles;
let server: LoopbackServer;
beforeEach(async () => {
  project = await makeFixtureProject();
  key = await makeSigningKey();
  await mkdir(path.join(project.folder, 'docker/keyrings'));
  await project.write('docker/keyrings/test.asc', key.file.text);
  // A lock of today would make every archive of this test an older one.
  await project.edit(lockFile, '2026-09-12T07:55:41Z', '2020-01-01T00:00:00Z');
  archive = await makeArchive(key, packages);
  server = await startServer(serveArchive(archive));
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
  await project[Symbol.asyncDispose]();
});

const lock = (...options: string[]) =>
  project.ampoule(['image', 'lock', 'build', ...options], {AMPOULE_DEBIAN_MIRROR: server.url});

const read = (file: string) => readFile(path.join(project.folder, file), 'utf8');

/** The message of a command that failed with `code` and left the lock as it was, with nothing beside it. */
async function refusal(code: number, ...options: string[]): Promise<string> {
  const before = await read(lockFile);
  const result = await lock(...options);
  expect(result).toMatchObject({code, stdout: ''});
  expect(await read(lockFile)).toBe(before);
  expect(await readdir(path.join(project.folder, 'docker/build'))).toEqual([
    'image.lock.json',
    'image.yaml',
  ]);
  return result.stderr.slice(result.stderr.indexOf('ampoule: '));
}

describe('ampoule image lock', () => {
  it('writes the packages and all they depend on, and prints what changed', async () => {
    const {code, stdout} = await lock();

    expect(code).toBe(0);
    expect(stdout.split('\n')[0]).toMatch(
      /^docker\/build\/image\.lock\.json: changed, 3 packages of trixie as of 20\S+Z$/,
    );
    expect(stdout).toContain('\n  changed  make 4.4.1-2 -> 4.4\n');
    expect(stdout).toContain('\n  removed  gcc-14-base ');
    expect(await read(lockFile)).toContain(
      `  "make": "4.4 amd64 ${sha256(archive.get(poolPathOf(make)) ?? '')} `,
    );
  });

  it('leaves the file alone when the same packages come from a later Release', async () => {
    await lock();
    const file = path.join(project.folder, lockFile);
    const [text, {ino}] = [await read(lockFile), await stat(file)];
    await signArchive(archive, key, {Date: new Date().toUTCString()});

    const {code, stdout} = await lock('--check');
    await lock();

    expect(code).toBe(0);
    expect(stdout).toContain(`${lockFile}: unchanged, 3 packages`);
    expect(await read(lockFile)).toBe(text);
    expect((await stat(file)).ino).toBe(ino);
  });

  it('prints additions, removals and changes as JSON, and only asks with --check', async () => {
    await lock();
    const before = await read(lockFile);
    const others = packages.filter((entry) => entry !== make);
    const newer = [...others, {...make, version: '4.5', depends: 'libnew'}];
    for (const [file, bytes] of await makeArchive(key, [
      ...newer,
      {name: 'libnew', version: '1'},
    ])) {
      archive.set(file, bytes);
    }

    const {code, stdout, stderr} = await lock('--check', '--json');

    expect(code).toBe(1);
    expect(stderr).toContain('1 of 1 locks would change');
    expect(await read(lockFile)).toBe(before);
    expect(JSON.parse(stdout)).toMatchObject({
      images: [
        {
          image: 'build',
          file: lockFile,
          outcome: 'changed',
          mirror: server.url,
          packages: 3,
          added: [{name: 'libnew', version: '1'}],
          removed: [{name: 'libc6', version: '2.41'}],
          changed: [{name: 'make', before: '4.4', after: '4.5'}],
        },
      ],
    });
  });

  it.each([
    ['that is not there', () => rm(path.join(project.folder, lockFile)), ''],
    [
      'that cannot be read',
      () => project.write(lockFile, '<<<<<<< HEAD\n'),
      `${lockFile} cannot be read`,
    ],
  ])('makes a lock in place of one %s', async (_title, damage, wanted) => {
    await damage();

    const {code, stdout, stderr} = await lock();

    expect(code).toBe(0);
    expect(stderr).toContain(wanted);
    expect(stdout).toContain(`${lockFile}: new, 3 packages`);
    expect(stdout).toContain('  added    libc6 2.41\n');
  });

  it('takes a suite whose time is over when that is allowed, and the lock says so', async () => {
    await signArchive(archive, key, {'Valid-Until': 'Sat, 01 Aug 2026 00:00:00 UTC'});

    const {code} = await lock('--allow-expired');

    expect(code).toBe(0);
    expect(await read(lockFile)).toContain('"expired-since": "2026-08-01T00:00:00Z"');
    expect((await lock('--allow-expired')).stdout).toContain('unchanged');
  });
});

describe('ampoule image lock refuses, and touches nothing', () => {
  it.each([
    [
      'a Release that was changed',
      () => change(inReleasePath, (text) => text.replace('Suite:', 'Label: x\nSuite:')),
      /InRelease is refused: InRelease has no good signature:.*digest did not match/s,
    ],
    [
      'a Release without a signature',
      () => change(inReleasePath, (text) => text.replace(/^-----BEGIN PGP SIGNATURE[^]*/m, '')),
      /InRelease is not signed/,
    ],
    [
      'a Release signed by another key',
      async () => signArchive(archive, await makeSigningKey()),
      /key [0-9A-F]{16}: it is not in docker\/keyrings/,
    ],
    [
      'a Release whose time is over',
      () => signArchive(archive, key, {'Valid-Until': 'Sat, 01 Aug 2026 00:00:00 UTC'}),
      /was valid until 2026-08-01T00:00:00Z.*--allow-expired/s,
    ],
    [
      'a Release of the future',
      () => signArchive(archive, key, {Date: 'Fri, 01 Jan 2100 00:00:00 UTC'}),
      /InRelease is of 2100-01-01T00:00:00Z, which is later than this machine's time/,
    ],
    [
      'a Release of another suite',
      () => signArchive(archive, key, {Suite: 'oldstable', Codename: 'bookworm'}),
      /InRelease is of the suite bookworm, oldstable, expected trixie/,
    ],
    [
      'a Release that is older than the lock',
      () => signArchive(archive, key, {Date: 'Tue, 31 Dec 2019 00:00:00 UTC'}),
      /trixie of 2019-12-31T00:00:00Z, but .* made from that of 2020-01-01T00:00:00Z.*--allow-older/s,
    ],
    [
      'packages that the Release does not know',
      () => change(packagesPath, (text) => `${text.slice(0, -1)}x`),
      /Packages\.gz is refused: expected, by InRelease, sha256 [0-9a-f]{64}, \d+ bytes, found sha256/,
    ],
    [
      'packages of another size',
      () => change(packagesPath, (text) => `${text}x`),
      /Packages\.gz is refused: expected, by InRelease, .* found sha256 [0-9a-f]{64}, \d+ bytes/,
    ],
  ])('%s', async (_title, tamper, wanted) => {
    await tamper();

    expect(await refusal(1)).toMatch(wanted);
  });

  it('a package that the suite does not have, and one that is needed by another', async () => {
    archive = await makeArchive(key, [make]);
    await using smaller = await startServer(serveArchive(archive));

    const message = await refusal(2, '--debian-mirror', smaller.url);

    expect(message).toContain(
      'docker/build/image.yaml: "packages": the suite trixie has no package busybox-static',
    );
    expect(message).toContain('docker/build/image.yaml: the package make needs libc6 (>= 2.38)');
  });

  it('an image that is not there, with those that are', async () => {
    const message = await refusal(2, 'nonesuch');

    expect(message).toMatch(/unknown image nonesuch .*one of build, sandbox, sysroot-x86_64/);
  });

  it('a mirror that does not answer when no other one serves, with all that were asked', async () => {
    archive.clear();

    const message = await refusal(1);

    expect(message).toContain("Debian's suite trixie could not be read from any mirror");
    expect(message).toContain(`${server.url}/${inReleasePath}: the server answered 404`);
    expect(message).toContain('https://snapshot.debian.org/archive/debian/');
  });
});

describe('a build from a lock', () => {
  const build = () =>
    project.ampoule(['build', '--output', path.join(project.folder, 'dist')], {
      AMPOULE_DEBIAN_MIRROR: server.url,
    });

  beforeEach(async () => {
    await lock();
    for (const name of ['zlib', 'cpython-3.14'])
      archive.set(`pool/main/${name}.tar`, project.source);
  });

  it('refuses a package whose bytes are not the locked ones', async () => {
    const bytes = Buffer.from(archive.get(poolPathOf(make)) ?? '');
    const wanted = sha256(bytes);
    bytes[100] = 0xff;
    archive.set(poolPathOf(make), bytes);

    const {code, stdout, stderr} = await build();

    expect({code, stdout}).toEqual({code: 1, stdout: ''});
    expect(stderr).toContain('Checksum mismatch for make_4.4_amd64.deb');
    expect(stderr).toContain(`expected sha256 ${wanted}`);
    expect(stderr).toContain(`found sha256 ${sha256(bytes)}`);
    expect(await readdir(path.join(project.store, 'v1/sources'))).not.toContain(wanted);
  });

  it('names a package that is gone, its version, and the command that finds its successor', async () => {
    archive.delete(poolPathOf(make));

    const {code, stderr} = await build();

    expect(code).toBe(1);
    expect(stderr).toContain('The package make 4.4 of the image build may have left the mirrors');
    const command = /run `ampoule ([^`]*)`/.exec(stderr)?.[1]?.split(' ') ?? [];
    const newer = packages.map((entry) => (entry === make ? {...make, version: '4.5'} : entry));
    for (const [file, bytes] of await makeArchive(key, newer)) archive.set(file, bytes);
    const relocked = await project.ampoule(command, {AMPOULE_DEBIAN_MIRROR: server.url});
    expect(relocked.stdout).toContain('changed  make 4.4 -> 4.5');
  });

  it('says that there is no lock, or that it serves the definition no more, and how to make it anew', async () => {
    await project.edit('docker/build/image.yaml', '  - make\n', '  - make\n  - patch\n');
    await rm(path.join(project.folder, 'docker/sandbox/image.lock.json'));

    const {code, stderr} = await build();

    expect(code).toBe(2);
    expect(stderr).toContain(
      'does not have the package patch that image.yaml wants: run `ampoule image lock build`',
    );
    expect(stderr).toContain('There is no lock yet: run `ampoule image lock sandbox`');
  });
});

/** Changes a file of the archive as text. */
function change(file: string, edit: (text: string) => string): Promise<void> {
  const text = archive.get(file)?.toString('latin1') ?? '';
  archive.set(file, Buffer.from(edit(text), 'latin1'));
  return Promise.resolve();
}
