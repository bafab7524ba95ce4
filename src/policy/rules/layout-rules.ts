import type {ArchiveContents} from '../archive-contents.js';
import {testPackages} from '../extension-set.js';
import {
  installFlavours,
  type Offence,
  rule,
  type Rule,
  treeFlavours,
  expectedFound,
} from '../rule.js';

const parts = {
  full: ['PYTHON.json', 'build', 'install', 'licenses'],
  installOnly: ['bin', 'include', 'lib', 'share'],
} as const;

/** Rules about the layout of files. */
export const layoutRules: readonly Rule[] = [
  rule(
    'archive-name',
    'The name is that of a release asset: cpython-X.Y.Z+YYYYMMDD-<triple>-<options>-full.tar.zst, or -install_only(_stripped).tar.gz.',
    ({fileName, identity}) =>
      identity === undefined
        ? [{path: fileName, message: 'expected the name of a release asset'}]
        : [],
  ),
  rule(
    'archive-target',
    'The target triple of the name is known.',
    ({fileName, identity, targets}) =>
      identity === undefined || targets.has(identity.targetTriple)
        ? []
        : [
            {
              path: fileName,
              message: expectedFound([...targets.keys()].join(' or '), identity.targetTriple),
            },
          ],
  ),
  rule(
    'layout-top-level',
    'python/ holds PYTHON.json, build, install, licenses and nothing else; of install-only archives bin, include, lib, share.',
    (archive) => {
      const known: readonly string[] = partsOf(archive);
      const seen = new Set<string>();
      return archive.members.flatMap(({path}) => {
        const [root, top = ''] = path.split('/');
        if (root !== 'python' || known.includes(top) || seen.has(top)) return [];
        seen.add(top);
        return [{path, message: expectedFound(`one of ${known.join(', ')}`, top)}];
      });
    },
  ),
  rule(
    'layout-python-links',
    'bin/python and bin/python3 are links to the program beside them.',
    (archive) =>
      ['python', 'python3'].flatMap((name) => {
        const path = `${archive.prefix}/bin/${name}`;
        const wanted = programName(archive);
        const got = archive.byPath.get(path)?.linkTarget;
        return got === wanted ? [] : [{path, message: expectedFound(`a link to ${wanted}`, got)}];
      }),
  ),
  rule(
    'layout-bin-executable',
    "Everything in bin/ can be started, but gdb's commands.",
    (archive) =>
      archive.members
        .filter(
          ({path, kind, mode}) =>
            path.startsWith(`${archive.prefix}/bin/`) &&
            !path.endsWith('-gdb.py') &&
            kind === 'file' &&
            (mode & 0o111) === 0,
        )
        .map(({path, mode}) => ({
          path,
          message: expectedFound('mode 0755', `0${mode.toString(8)}`),
        })),
  ),
  rule('layout-no-bytecode', 'There are no compiled Python files.', ({members}) =>
    members
      .filter(({path}) => path.includes('/__pycache__/') || /\.py[co]$/.test(path))
      .map(({path}) => ({path, message: 'expected no compiled Python file'})),
  ),
  filesRule('layout-standard-library', 'The standard library is there.', (archive) =>
    ['os.py', 'encodings/__init__.py', 'site.py', 'LICENSE.txt'].map(
      (name) => `${archive.standardLibrary}/${name}`,
    ),
  ),
  filesRule('layout-headers', 'The C headers are there.', (archive) =>
    ['Python.h', 'pyconfig.h', 'patchlevel.h'].map((name) => `${includeFolder(archive)}/${name}`),
  ),
  filesRule(
    'layout-libpython',
    'libpython is there under each name that linkers use.',
    (archive) => [
      `${archive.prefix}/lib/${libraryName(archive)}.so.1.0`,
      `${archive.prefix}/lib/${libraryName(archive)}.so`,
      // The stable ABI has no debug build.
      ...(archive.abiFlags.includes('d') ? [] : [`${archive.prefix}/lib/libpython3.so`]),
    ],
  ),
  rule(
    'layout-pip',
    'pip is installed, and ensurepip has its wheel for use without a network.',
    (archive) => {
      const wanted = [
        `${archive.standardLibrary}/ensurepip/_bundled/pip-`,
        `${archive.standardLibrary}/site-packages/pip/`,
      ];
      return wanted
        .filter((start) => !archive.members.some(({path}) => path.startsWith(start)))
        .map((start) => ({path: `${start}*`, message: 'expected it in the archive'}));
    },
  ),
  filesRule('layout-terminfo', 'The database of terminals is there.', ({prefix}) => [
    `${prefix}/share/terminfo/x/xterm-256color`,
    `${prefix}/share/terminfo/l/linux`,
  ]),
  rule('layout-sysconfig', 'There is one _sysconfigdata file, and it is no link.', (archive) => {
    const found = archive.members.filter(
      ({path, kind}) =>
        kind === 'file' && path.startsWith(`${archive.standardLibrary}/_sysconfigdata_`),
    );
    return found.length === 1
      ? []
      : [
          {
            path: `${archive.standardLibrary}/_sysconfigdata_*.py`,
            message: expectedFound('one file', String(found.length)),
          },
        ];
  }),
  rule(
    'layout-no-static-library',
    'Install-only archives have no static libpython.',
    ({members}) => offences(members, ({path}) => /\/libpython[^/]*\.a$/.test(path)),
    installFlavours,
  ),
  rule(
    'layout-no-tests',
    "Install-only archives have none of the standard library's tests.",
    ({members, standardLibrary}) => {
      const folders = testPackages.map(
        (name) => `${standardLibrary}/${name.replaceAll('.', '/')}/`,
      );
      return offences(members, ({path}) => folders.some((folder) => path.startsWith(folder)));
    },
    installFlavours,
  ),
];

/** `python3.14` */
export function programName({majorMinor, abiFlags}: ArchiveContents): string {
  return `python${majorMinor}${abiFlags}`;
}

/** `libpython3.14` */
export function libraryName({majorMinor, abiFlags}: ArchiveContents): string {
  return `libpython${majorMinor}${abiFlags}`;
}

function includeFolder(archive: ArchiveContents): string {
  return `${archive.prefix}/include/${programName(archive)}`;
}

function partsOf({flavour}: ArchiveContents): readonly string[] {
  return treeFlavours.includes(flavour) ? parts.full : parts.installOnly;
}

function filesRule(
  id: string,
  demand: string,
  wanted: (archive: ArchiveContents) => readonly string[],
): Rule {
  return rule(id, demand, (archive) =>
    wanted(archive)
      .filter((path) => !archive.byPath.has(path))
      .map((path) => ({path, message: 'expected it in the archive'})),
  );
}

function offences(
  members: ArchiveContents['members'],
  isOffence: (member: ArchiveContents['members'][number]) => boolean,
): readonly Offence[] {
  return members
    .filter(isOffence)
    .map(({path}) => ({path, message: 'expected it left out of an install-only archive'}));
}
