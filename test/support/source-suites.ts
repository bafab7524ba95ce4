import path from 'node:path';
import {gzipSync} from 'node:zlib';
import {sha256} from '../../src/core/digest.js';
import {makeTar} from '../unit/debian/deb-builder.js';
import type {ArchiveFiles} from './debian-archive.js';
import {clearSign, type SigningKey} from './signing-key.js';

/** An archive that a suite of a test has. */
export interface SuiteArchive {
  /** `pool/main/o/openssl/openssl_3.5.9.orig.tar.gz` */
  readonly poolPath: string;
  readonly bytes: Buffer;
  /** Listed, but not there. */
  readonly isLate?: boolean;
}

/** What Debian calls the suites that the recipes use. */
const suiteNames: Readonly<Record<string, string>> = {
  bullseye: 'oldoldstable',
  bookworm: 'oldstable',
  trixie: 'stable',
  forky: 'testing',
  sid: 'unstable',
};

/** A mirror with every suite that the recipes use, each signed with `key`, and source archives in some of them. */
export async function makeSourceSuites(
  key: SigningKey,
  archives: Readonly<Record<string, readonly SuiteArchive[]>>,
  fields: Readonly<Record<string, string>> = {},
): Promise<ArchiveFiles> {
  const files: ArchiveFiles = new Map();
  for (const [codename, suite] of Object.entries(suiteNames)) {
    const listed = archives[codename] ?? [];
    const index = gzipSync(listed.map(paragraphOf).join('\n'));
    files.set(`dists/${codename}/main/source/Sources.gz`, index);
    const release = {
      Origin: 'Debian',
      Suite: suite,
      Codename: codename,
      Date: new Date(Date.now() - 60_000).toUTCString(),
      ...fields,
      SHA256: `\n ${sha256(index)} ${index.length} main/source/Sources.gz`,
    };
    const lines = Object.entries(release).map(([name, value]) => `${name}: ${value}\n`);
    files.set(`dists/${codename}/InRelease`, Buffer.from(await clearSign(lines.join(''), [key])));
    for (const {poolPath, bytes, isLate} of listed) if (isLate !== true) files.set(poolPath, bytes);
  }
  return files;
}

function paragraphOf({poolPath, bytes}: SuiteArchive): string {
  const name = path.posix.basename(poolPath);
  const [, source = '', version = ''] = /^(.*)_(.*)\.orig\.tar\.\w+$/.exec(name) ?? [];
  return (
    `Package: ${source}\nBinary: lib${source}\nVersion: ${version}-1\nDirectory: ${path.posix.dirname(poolPath)}\n` +
    `Checksums-Sha256:\n ${sha256(bytes)} ${bytes.length} ${name}\n` +
    ` ${sha256('x')} 1 ${source}_${version}-1.debian.tar.xz\n`
  );
}

/** A source archive whose newest file is of the end of a day. */
export async function makeSourceArchive(
  name: string,
  day: string,
  ...files: readonly string[]
): Promise<Buffer> {
  const old = new Date('2001-01-01T00:00:00Z');
  return gzipSync(
    await makeTar([
      // Only files count: folders have the time at which they were packed.
      {name: `${name}/`, type: 'directory', mtime: new Date('2030-01-01T00:00:00Z')},
      {name: `${name}/README`, content: name, mtime: old},
      ...files.map((file) => ({name: `${name}/${file}`, content: file, mtime: old})),
      {name: `${name}/src/last.c`, content: 'x', mtime: new Date(`${day}T23:59:59Z`)},
    ]),
  );
}
