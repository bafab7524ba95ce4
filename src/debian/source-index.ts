import {parseSha256, type Sha256} from '../core/digest.js';
import {parseControl} from './control.js';
import {archivedVersion} from './source-version.js';

/** An upstream archive in a source package of a suite. */
export interface IndexedSource {
  /** The source package. */
  readonly package: string;
  /** Upstream's version, as `archivedVersion` reads it. */
  readonly version: string;
  /** `pool/main/o/openssl/openssl_3.5.7.orig.tar.gz` */
  readonly poolPath: string;
  readonly sha256: Sha256;
  readonly sizeBytes: number;
}

const archive = /^[^/\s]+_[^/\s_]+\.orig\.tar\.(?:gz|xz|bz2|zst)$/;

/** The source package of a path below a mirror: `openssl` of `pool/main/o/openssl/...`. */
export function sourcePackageOf(poolPath: string): string {
  return poolPath.split('/').at(-2) ?? '';
}

/** The upstream archives of some source packages, from a `Sources` file in pieces of whole paragraphs. */
export async function readSourceIndex(
  pieces: Iterable<string> | AsyncIterable<string>,
  packages: ReadonlySet<string>,
): Promise<readonly IndexedSource[]> {
  const found: IndexedSource[] = [];
  for await (const text of pieces) {
    for (const block of text.split('\n\n')) {
      // Few of forty thousand paragraphs are wanted.
      const name = /^Package: (\S+)$/m.exec(block)?.[1];
      if (name === undefined || !packages.has(name)) continue;
      for (const paragraph of parseControl(block)) found.push(...archivesOf(name, paragraph));
    }
  }
  return found;
}

function archivesOf(
  name: string,
  paragraph: ReadonlyMap<string, string>,
): readonly IndexedSource[] {
  const folder = paragraph.get('directory') ?? '';
  if (!/^pool\/[^\s?#]+$/.test(folder) || folder.includes('..')) return [];
  return (paragraph.get('checksums-sha256') ?? '').split('\n').flatMap((line) => {
    const [digest = '', size = '', file = ''] = line.split(/ +/);
    const sha256 = parseSha256(digest);
    if (sha256 === undefined || !/^\d{1,15}$/.test(size) || !archive.test(file)) return [];
    const poolPath = `${folder}/${file}`;
    const version = archivedVersion(poolPath);
    return [{package: name, version, poolPath, sha256, sizeBytes: Number(size)}];
  });
}
