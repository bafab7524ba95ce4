/** What Debian adds to the version of an archive that it packed anew. */
const packedAnew = /(?:[+.~-](?:dfsg|ds|repack)[.\d]*)+$/;

/**
 * The upstream version in the name of a source archive of Debian, in a form that `compareDebianVersions` orders: `1.3.2` of
 * `zlib_1.3.dfsg+really1.3.2.orig.tar.gz`, `3.15.0~rc2` of `python3.15_3.15.0~rc2.orig.tar.xz`.
 */
export function archivedVersion(poolPath: string): string {
  const [, packed = ''] = /_([^_/]+)\.orig\.tar\.[a-z0-9]+$/.exec(poolPath) ?? [];
  const [, really] = /[+.~]really(.+)$/.exec(packed) ?? [];
  return (really ?? packed).replace(packedAnew, '');
}

/** Whether Debian packed the archive itself, as its version says: its bytes are not those of a release. */
export function isPackedAnew(poolPath: string): boolean {
  return packedAnew.test(poolPath.replace(/\.orig\.tar\.[a-z0-9]+$/, ''));
}

/** Whether an archived version is a version of upstream's: without Debian's `~`, and with the same parts in any order. */
export function isSameVersion(archived: string, version: string): boolean {
  const parts = (text: string): string => text.split('-').sort().join('-');
  return parts(asUpstream(archived)) === parts(version);
}

/** An archived version as upstream writes it, with the parts in the order of a version that is known in both forms. */
export function upstreamForm(
  archived: string,
  known: {readonly archived: string; readonly version: string},
): string {
  const text = asUpstream(archived);
  const parts = text.split('-');
  const order = asUpstream(known.archived).split('-');
  const wanted = known.version.split('-');
  if (parts.length !== order.length || !isSameVersion(known.archived, known.version)) return text;
  return wanted.map((part) => parts[order.indexOf(part)]).join('-');
}

function asUpstream(archived: string): string {
  return archived.replaceAll('~', '');
}
