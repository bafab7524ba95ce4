import {gzipSync} from 'node:zlib';
import {sha256} from '../../src/core/digest.js';
import {serve, type Handler} from '../integration/fetch/loopback-server.js';
import {makeAr, makeTar} from '../unit/debian/deb-builder.js';
import {clearSign, type SigningKey} from './signing-key.js';

/** A package of a test's archive. */
export interface ArchivePackage {
  readonly name: string;
  readonly version: string;
  readonly depends?: string;
}

/** The files of a Debian mirror by their path below its address; what a test changes is what is served. */
export type ArchiveFiles = Map<string, Buffer>;

/** Fields of the Release file, by name, beside or in place of the usual ones. */
export type ReleaseFields = Readonly<Record<string, string>>;

/** Where the archive's suite has its packages. */
export const packagesPath = 'dists/trixie/main/binary-amd64/Packages.gz';
/** Where the archive's suite is signed. */
export const inReleasePath = 'dists/trixie/InRelease';

/** A mirror with the suite trixie, signed with `key`. */
export async function makeArchive(
  key: SigningKey,
  packages: readonly ArchivePackage[],
  fields: ReleaseFields = {},
): Promise<ArchiveFiles> {
  const files: ArchiveFiles = new Map();
  const paragraphs: string[] = [];
  for (const entry of packages) {
    const deb = await makeDeb(entry);
    const poolPath = poolPathOf(entry);
    files.set(poolPath, deb);
    paragraphs.push(
      `Package: ${entry.name}\nVersion: ${entry.version}\nArchitecture: amd64\nDepends: ${entry.depends ?? ''}\n` +
        `Filename: ${poolPath}\nSize: ${deb.length}\nSHA256: ${sha256(deb)}\n`,
    );
  }
  const index = gzipSync(paragraphs.join('\n'));
  files.set(packagesPath, index);
  await signArchive(files, key, fields);
  return files;
}

/** Where the archive has a package. */
export function poolPathOf({name, version}: ArchivePackage): string {
  return `pool/main/${name}/${name}_${version}_amd64.deb`;
}

/** Writes InRelease anew for what the archive holds now. */
export async function signArchive(
  files: ArchiveFiles,
  key: SigningKey,
  fields: ReleaseFields = {},
): Promise<void> {
  const index = files.get(packagesPath) ?? Buffer.alloc(0);
  const release = {
    Origin: 'Debian',
    Suite: 'stable',
    Codename: 'trixie',
    Date: new Date(Date.now() - 60_000).toUTCString(),
    'No-Support-for-Architecture-all': 'Packages',
    ...fields,
    SHA256: `\n ${sha256(index)} ${index.length} main/binary-amd64/Packages.gz`,
  };
  const lines = Object.entries(release).map(([name, value]) => `${name}: ${value}\n`);
  files.set(inReleasePath, Buffer.from(await clearSign(lines.join(''), [key])));
}

/** Serves the files as they are when they are asked for. */
export function serveArchive(files: ArchiveFiles): Handler {
  return (request, response) => {
    const bytes = files.get(request.url?.slice(1) ?? '');
    if (bytes === undefined) response.writeHead(404).end();
    else serve(bytes)(request, response);
  };
}

async function makeDeb({name, version}: ArchivePackage): Promise<Buffer> {
  // Equal packages have equal bytes, whenever they are made.
  const mtime = new Date(0);
  const control = await makeTar([{name: './control', content: `Package: ${name}\n`, mtime}]);
  const data = await makeTar([{name: `./usr/share/${name}`, content: version, mtime}]);
  return makeAr([
    ['debian-binary', Buffer.from('2.0\n')],
    ['control.tar.gz', gzipSync(control)],
    ['data.tar.gz', gzipSync(data)],
  ]);
}
