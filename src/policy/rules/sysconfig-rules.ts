import type {ArchiveContents} from '../archive-contents.js';
import {followLink} from './tar-rules.js';
import {rule, expectedFound, type Offence, type Rule} from '../rule.js';
import {
  parseSysconfigData,
  recordedFlags,
  type SysconfigVariables,
} from '../../data/sysconfig-data.js';

/** Flags that gcc with GNU ld refuses, or that only make sense in the build. */
const foreignFlag =
  /^(?:-fuse-ld|--sysroot|-isysroot|-f(?:file|debug|macro)-prefix-map|-fdebug-default-version|-fstack-clash|-flto|-ffat-lto|-fprofile|-fsanitize|-march=|-W(?!l,)|-Wl,-z|-Wl,--exclude-libs)/;

/** From Python 3.15 on upstream's configure asks extension modules for frame pointers; before, it is a choice of this build. */
const framePointerFlag = /^-(?:f|m)(?:no-)?omit-(?:leaf-)?frame-pointer$/;

/** Program names that exist on every machine; uv and others write the same ones. */
const tools: Readonly<Record<string, string>> = {CC: 'cc', CXX: 'c++', AR: 'ar', LDSHARED: 'cc'};

/** Rules about Python's own record of its build, for pip, installers and pkg-config. */
export const sysconfigRules: readonly Rule[] = [
  rule('sysconfig-syntax', '_sysconfigdata can be read by the strictest installer.', (archive) => {
    const file = dataFile(archive);
    if (file === undefined || !('problem' in file)) return [];
    return [{path: file.path, message: file.problem}];
  }),
  dataRule(
    'sysconfig-prefix',
    'The recorded prefix is /install, which installers replace.',
    (variables) =>
      ['prefix', 'exec_prefix'].flatMap((name) => differs(variables, name, '/install')),
  ),
  dataRule('sysconfig-paths', 'Recorded absolute paths begin with /install.', (variables) =>
    [...variables].flatMap(([name, value]) => {
      const foreign = String(value)
        .split(/\s+/)
        .find((word) => /^'?(?:-[ILR]|--?[\w-]+=)?\/(?!install\b)[\w.]/.test(word));
      const isOfSystem = systemVariables.includes(name) || systemPaths.test(foreign ?? '');
      return foreign === undefined || isOfSystem ? [] : [`${name} has ${foreign}`];
    }),
  ),
  dataRule(
    'sysconfig-flags',
    'Recorded flags are such that a plain gcc with GNU ld takes them.',
    (variables, archive) =>
      recordedFlags(variables)
        .filter(
          (flag) =>
            foreignFlag.test(flag) || (minorOf(archive) < 15 && framePointerFlag.test(flag)),
        )
        .map((flag) => `expected no ${flag}`),
  ),
  dataRule('sysconfig-tools', 'Recorded tools are cc, c++ and ar.', (variables) =>
    Object.entries(tools).flatMap(([name, wanted]) => {
      const got = String(variables.get(name) ?? '').split(' ')[0];
      return got === wanted ? [] : [`${name}: ${expectedFound(wanted, got)}`];
    }),
  ),
  dataRule(
    'sysconfig-abi',
    'Py_DEBUG and Py_GIL_DISABLED fit the build options.',
    (variables, {abiFlags}) =>
      (
        [
          ['Py_DEBUG', 'd'],
          ['Py_GIL_DISABLED', 't'],
        ] as const
      ).flatMap(([name, flag]) => {
        const wanted = abiFlags.includes(flag) ? 1 : 0;
        const got = variables.get(name) ?? 0;
        return got === wanted
          ? []
          : [`${name}: ${expectedFound(String(wanted), JSON.stringify(got))}`];
      }),
  ),
  dataRule(
    'sysconfig-version',
    'VERSION and the suffix of extension modules are those of the archive.',
    (variables, archive) => {
      const {multiarch = ''} = archive.targets.get(archive.identity?.targetTriple ?? '') ?? {};
      const version = `${archive.majorMinor.replace('.', '')}${archive.abiFlags}`;
      return [
        ...differs(variables, 'VERSION', archive.majorMinor),
        ...(multiarch === ''
          ? []
          : differs(variables, 'EXT_SUFFIX', `.cpython-${version}-${multiarch}.so`)),
      ];
    },
  ),
  rule(
    'sysconfig-json',
    'From Python 3.14 on, _sysconfig_vars holds the same values as _sysconfigdata.',
    (archive) => (minorOf(archive) < 14 ? [] : variablesJsonProblems(archive)),
  ),
  rule(
    'sysconfig-build-details',
    'From Python 3.14 on, build-details.json names its prefix by a relative path, and only what the archive holds.',
    (archive) => (minorOf(archive) < 14 ? [] : buildDetailsProblems(archive)),
  ),
  rule(
    'sysconfig-pkg-config',
    'The .pc files find their prefix from where they lie.',
    ({contents, prefix}) => {
      const files = [...contents].filter(([path]) => path.startsWith(`${prefix}/lib/pkgconfig/`));
      if (files.length === 0) {
        return [{path: `${prefix}/lib/pkgconfig/*.pc`, message: 'expected it in the archive'}];
      }
      return files.flatMap(([path, content]): readonly Offence[] => {
        const got = /^prefix=(.*)$/m.exec(content.toString('utf8'))?.[1];
        const wanted = '${pcfiledir}/../..';
        return got?.replace(/^"(.*)"$/, '$1') === wanted
          ? []
          : [{path, message: `prefix: ${expectedFound(wanted, got)}`}];
      });
    },
  ),
];

/** Paths that are the same on every machine; TZPATH lists system paths on purpose (PEP 615). */
const systemPaths = /^\/(?:bin\/(?:sh|bash)|usr\/bin\/env|dev\/\w+)$/;
const systemVariables: readonly string[] = ['TZPATH'];

/** `_sysconfig_vars` has the value that a running interpreter computes, `_sysconfigdata` the value of the Makefile. */
const computedVariables: readonly string[] = ['srcdir'];

type DataFile =
  | {readonly path: string; readonly variables: SysconfigVariables}
  | {readonly path: string; readonly problem: string};

/** The only `_sysconfigdata` file; `undefined` if there is none or more than one. */
function dataFile({contents, standardLibrary}: ArchiveContents): DataFile | undefined {
  const found = [...contents].filter(([path]) =>
    path.startsWith(`${standardLibrary}/_sysconfigdata_`),
  );
  const [entry] = found;
  if (entry === undefined || found.length > 1) return undefined;
  const [path, content] = entry;
  try {
    return {path, variables: parseSysconfigData(content.toString('utf8'))};
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return {path, problem: error.message};
  }
}

function dataRule(
  id: string,
  demand: string,
  problems: (variables: SysconfigVariables, archive: ArchiveContents) => readonly string[],
): Rule {
  return rule(id, demand, (archive) => {
    const file = dataFile(archive);
    if (file === undefined || !('variables' in file)) return [];
    return problems(file.variables, archive).map((message) => ({path: file.path, message}));
  });
}

function differs(variables: SysconfigVariables, name: string, wanted: string): readonly string[] {
  const got = variables.get(name);
  return got === wanted ? [] : [`${name}: ${expectedFound(wanted, String(got))}`];
}

function variablesJsonProblems(archive: ArchiveContents): readonly Offence[] {
  const file = dataFile(archive);
  const start = `${archive.standardLibrary}/_sysconfig_vars_`;
  const entry = [...archive.contents].find(([path]) => path.startsWith(start));
  if (entry === undefined) return [{path: `${start}*.json`, message: 'expected it in the archive'}];
  const [path, content] = entry;
  const json = parseJson(content.toString('utf8'));
  if (json === undefined) return [{path, message: 'expected a JSON object'}];
  if (file === undefined || !('variables' in file)) return [];
  return [...file.variables]
    .filter(([name, value]) => !computedVariables.includes(name) && json[name] !== value)
    .map(([name, value]) => ({
      path,
      message: `${name}: ${expectedFound(JSON.stringify(value), JSON.stringify(json[name]))}`,
    }));
}

/** Where build-details.json names files and folders, relative to the prefix. */
const detailsWithPaths = [
  ['base_interpreter'],
  ['libpython', 'dynamic'],
  ['libpython', 'dynamic_stableabi'],
  ['libpython', 'static'],
  ['c_api', 'headers'],
  ['c_api', 'pkgconfig_path'],
] as const;

function buildDetailsProblems(archive: ArchiveContents): readonly Offence[] {
  const path = `${archive.standardLibrary}/build-details.json`;
  const details = parseJson(archive.contents.get(path)?.toString('utf8'));
  const got = details?.['base_prefix'];
  if (got !== '../..') {
    return [{path, message: `base_prefix: ${expectedFound('"../.."', JSON.stringify(got))}`}];
  }
  return detailsWithPaths.flatMap((keys): readonly Offence[] => {
    const named = keys.reduce<unknown>((value, key) => asRecord(value)?.[key], details);
    if (typeof named !== 'string') return [];
    const end = followLink(archive, `${archive.prefix}/.`, named);
    return end === 'found'
      ? []
      : [{path, message: `${keys.join('.')}: the archive does not hold ${named}`}];
  });
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}

function parseJson(text: string | undefined): Readonly<Record<string, unknown>> | undefined {
  try {
    return asRecord(JSON.parse(text ?? ''));
  } catch {
    return undefined;
  }
}

function minorOf({majorMinor}: ArchiveContents): number {
  return Number(majorMinor.split('.')[1] ?? 0);
}
