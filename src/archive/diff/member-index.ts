import {createHash} from 'node:crypto';
import {layoutPath} from '../layout.js';
import {
  readArchive,
  requireDistribution,
  type ArchiveMember,
  type MemberKind,
} from '../read-archive.js';

/** The properties of a member that are compared without reading its content. */
export interface IndexedMember {
  /** As it stands in the archive. */
  readonly member: string;
  /** In the layout of the full flavour, below `python/`. */
  readonly path: string;
  readonly kind: MemberKind;
  readonly mode: number;
  readonly sizeBytes: number;
  readonly linkTarget: string | undefined;
  /** sha256 of the content; empty unless it is a file. */
  readonly digest: string;
  /** `0:0 root:root` */
  readonly owner: string;
  readonly mtimeSeconds: number;
}

/** One pass over an archive. */
export interface ArchiveIndex {
  readonly members: readonly IndexedMember[];
  /** `3.14`; `undefined` if no folder shows it. */
  readonly majorMinor: string | undefined;
}

/** Reads every member's head and digest. @throws ArchiveError when the archive cannot be read. */
export async function indexArchive(archive: string, signal: AbortSignal): Promise<ArchiveIndex> {
  const members: IndexedMember[] = [];
  let majorMinor: string | undefined;
  for await (const member of readArchive(archive)) {
    signal.throwIfAborted();
    const path = layoutPath(member.path);
    majorMinor ??= /^install\/(?:include|lib)\/python(3\.\d+)t?\//.exec(path)?.[1];
    members.push({
      member: member.path,
      path,
      kind: member.kind,
      mode: member.mode,
      sizeBytes: member.sizeBytes,
      linkTarget: member.linkTarget,
      digest: member.kind === 'file' ? await digestOf(member) : '',
      owner: `${member.uid}:${member.gid} ${member.userName}:${member.groupName}`,
      mtimeSeconds: member.mtimeSeconds,
    });
  }
  const names = members.map(({member}) => member);
  requireDistribution(archive, names);
  return {members, majorMinor};
}

async function digestOf(member: ArchiveMember): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of member.chunks()) hash.update(chunk);
  return hash.digest('hex');
}

/**
 * Maps paths of two Python versions to a common name, so that they can be paired: `python3.13/abc.py` of one and
 * `python3.14/abc.py` of the other are `python{3.13,3.14}/abc.py`. Equal versions leave paths as they are.
 */
export function pairedNames(
  before: string | undefined,
  after: string | undefined,
): Readonly<Record<'before' | 'after', (path: string) => string>> {
  const same = (path: string) => path;
  if (before === undefined || after === undefined || before === after) {
    return {before: same, after: same};
  }
  const dotless = (version: string) => version.replace('.', '');
  const naming = (version: string) => {
    const dotted = new RegExp(
      String.raw`(?<![\d.])${version.replace('.', String.raw`\.`)}(?!\d)`,
      'g',
    );
    const tag = new RegExp(String.raw`(?<=cpython-|cp)${dotless(version)}(?!\d)`, 'g');
    return (path: string) =>
      path
        .replace(dotted, `{${before},${after}}`)
        .replace(tag, `{${dotless(before)},${dotless(after)}}`);
  };
  return {before: naming(before), after: naming(after)};
}
