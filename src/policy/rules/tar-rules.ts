import {compareCodeUnits} from '../../core/digest.js';
import {isUstarName} from '../../distribution/members.js';
import type {ArchiveContents, MemberFacts} from '../archive-contents.js';
import {type Offence, rule, type Rule, treeFlavours, expectedFound} from '../rule.js';

const first = 'python/PYTHON.json';

/** Rules about tar headers. */
export const tarRules: readonly Rule[] = [
  rule(
    'tar-first-member',
    'PYTHON.json is the first member of a full archive.',
    ({members}) =>
      members[0]?.path === first
        ? []
        : [{path: first, message: expectedFound('it as the first member', members[0]?.path)}],
    treeFlavours,
  ),
  rule('tar-order', 'Members are sorted by code unit, PYTHON.json apart.', ({members}) => {
    const paths = members.map(({path}) => path).filter((path) => path !== first);
    const at = paths.findIndex(
      (path, index) => index > 0 && compareCodeUnits(paths[index - 1] ?? '', path) > 0,
    );
    return at === -1
      ? []
      : [{path: paths[at] ?? '', message: `expected it in front of ${paths[at - 1] ?? ''}`}];
  }),
  rule('tar-unique', 'No path is in the archive twice.', ({members}) => {
    const seen = new Set<string>();
    return members.flatMap(({path}) => {
      if (seen.has(path))
        return [{path, message: 'expected one member of this name, found another'}];
      seen.add(path);
      return [];
    });
  }),
  rule(
    'tar-case',
    'No two paths differ in case alone: on other systems they would be one file.',
    ({members}) => {
      const seen = new Map<string, string>();
      return members.flatMap(({path}) => {
        const folded = path.toLowerCase();
        const other = seen.get(folded);
        if (other !== undefined && other !== path) {
          return [{path, message: `expected a name that differs in more than case from ${other}`}];
        }
        seen.set(folded, path);
        return [];
      });
    },
  ),
  memberRule('tar-names', 'Names are plain paths below python/.', ({path}) =>
    isPlainName(path) ? undefined : 'expected a plain path below python/',
  ),
  memberRule('tar-ustar-names', 'Names and link targets fit the header of ustar.', (member) => {
    if (!isUstarName(member.path)) return 'expected a name that a ustar header holds';
    return Buffer.byteLength(member.linkTarget ?? '') <= 100
      ? undefined
      : 'expected a link target of at most 100 bytes';
  }),
  memberRule(
    'tar-kinds',
    'Members are files and symbolic links; installers refuse hard links and devices.',
    ({kind}) =>
      kind === 'file' || kind === 'symlink'
        ? undefined
        : expectedFound('a file or a symbolic link', kind),
  ),
  // The mode of a link has no meaning on Linux.
  memberRule('tar-modes', 'Files have the mode 0644 or 0755.', ({kind, mode}) =>
    kind === 'symlink' || mode === 0o644 || mode === 0o755
      ? undefined
      : expectedFound('0644 or 0755', `0${mode.toString(8)}`),
  ),
  memberRule('tar-owner', 'Owner and group are 0 and have no names.', (member) => {
    const {uid, gid, userName, groupName} = member;
    return uid === 0 && gid === 0 && userName === '' && groupName === ''
      ? undefined
      : expectedFound('0:0 without names', `${uid}(${userName}):${gid}(${groupName})`);
  }),
  rule('tar-one-time', 'All members have the same time.', ({members}) => {
    const time = members[0]?.mtimeSeconds;
    const other = members.find(({mtimeSeconds}) => mtimeSeconds !== time);
    if (other === undefined) return [];
    return [{path: other.path, message: expectedFound(String(time), String(other.mtimeSeconds))}];
  }),
  rule('tar-date', "The members' day is the date in the archive's name.", (archive) => {
    const day = new Date((archive.members[0]?.mtimeSeconds ?? 0) * 1000).toISOString();
    const tag = day.slice(0, 10).replaceAll('-', '');
    const wanted = archive.identity?.dateTag;
    if (wanted === undefined || wanted === tag) return [];
    return [{path: archive.fileName, message: expectedFound(wanted, tag)}];
  }),
  memberRule(
    'tar-no-pax',
    'There are no pax records: some clients refuse those of a vendor.',
    ({pax}) => (pax.length === 0 ? undefined : expectedFound('no pax records', pax.join(', '))),
  ),
  memberRule('link-relative', 'Links are relative.', ({linkTarget}) =>
    linkTarget?.startsWith('/') === true
      ? expectedFound('a relative target', linkTarget)
      : undefined,
  ),
  memberRule(
    'link-inside',
    'Links lead to the same folder or below: none leaves the archive, and 7-Zip leaves an empty file for others.',
    ({linkTarget}) =>
      linkTarget?.split('/').includes('..') === true
        ? expectedFound('a target without ..', linkTarget)
        : undefined,
  ),
  linkRule('link-target', 'Links lead to something that the archive holds.', 'missing'),
  linkRule('link-loop', 'Links do not lead in a circle.', 'loop'),
];

function memberRule(
  id: string,
  demand: string,
  problem: (member: MemberFacts) => string | undefined,
): Rule {
  return rule(id, demand, ({members}) =>
    members.flatMap((member): readonly Offence[] => {
      const message = problem(member);
      return message === undefined ? [] : [{path: member.path, message}];
    }),
  );
}

type LinkEnd = 'found' | 'outside' | 'missing' | 'loop';

const linkWords: Readonly<Record<Exclude<LinkEnd, 'found' | 'outside'>, string>> = {
  missing: 'leads to nothing in the archive',
  loop: 'leads in a circle',
};

function linkRule(id: string, demand: string, end: keyof typeof linkWords): Rule {
  return rule(id, demand, (archive) =>
    linkEnds(archive).flatMap((link): readonly Offence[] =>
      link.end === end
        ? [{path: link.path, message: `the link to ${link.target} ${linkWords[end]}`}]
        : [],
    ),
  );
}

interface EndedLink {
  readonly path: string;
  readonly target: string;
  readonly end: LinkEnd;
}

const endsByArchive = new WeakMap<ArchiveContents, readonly EndedLink[]>();

/**
 * Where the relative links of an archive end. Cached, because two rules use it and links may refer to one another.
 */
function linkEnds(archive: ArchiveContents): readonly EndedLink[] {
  const known = endsByArchive.get(archive);
  if (known !== undefined) return known;
  const ends = archive.members.flatMap(({path, kind, linkTarget}): readonly EndedLink[] => {
    if (kind !== 'symlink' || linkTarget === undefined || linkTarget.startsWith('/')) return [];
    return [{path, target: linkTarget, end: followLink(archive, path, linkTarget)}];
  });
  endsByArchive.set(archive, ends);
  return ends;
}

/** Where a relative link ends, following other links and linked folders. */
export function followLink(archive: ArchiveContents, path: string, target: string): LinkEnd {
  const done = path.split('/').slice(0, -1);
  // The next part is the last.
  const rest = target.split('/').reverse();
  for (let steps = 0; rest.length > 0; steps += 1) {
    if (steps > 400) return 'loop';
    const part = rest.pop();
    if (part === undefined || part === '' || part === '.') continue;
    if (part === '..') {
      done.pop();
      if (done.length === 0) return 'outside';
      continue;
    }
    done.push(part);
    const member = archive.byPath.get(done.join('/'));
    if (member?.linkTarget === undefined) continue;
    if (member.linkTarget.startsWith('/')) return 'found';
    done.pop();
    rest.push(...member.linkTarget.split('/').reverse());
  }
  const end = done.join('/');
  return archive.byPath.has(end) || archive.folders.has(end) ? 'found' : 'missing';
}

function isPlainName(name: string): boolean {
  const [root, ...rest] = name.split('/');
  return (
    root === 'python' &&
    rest.length > 0 &&
    rest.every((part) => !['', '.', '..'].includes(part)) &&
    !/[\0-\x1f\x7f\\]/.test(name)
  );
}
