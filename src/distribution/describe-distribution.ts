import {compareCodeUnits} from '../core/digest.js';
import {formatDiagnostic} from '../core/errors.js';
import {hasSanitizer, parseBuildOptions} from '../core/build-options.js';
import {parseInittab, type InittabEntry} from '../data/inittab.js';
import type {ExpectedModule} from '../data/modules-json.js';
import {DistributionError} from './distribution-error.js';
import {describeExtensions} from './extension-entries.js';
import type {LinkableComponent} from './extension-entries.js';
import {worksIn} from './licences/incorporated-works.js';
import {linkEntries, linkProblems, type LinkEntry} from './linkage/python-json-links.js';
import {coreProblems, objectProblems} from './linkage/undeclared-links.js';
import type {LinkedPart} from './linkage/module-parts.js';
import type {InstallOnlyExclusions, TreeEntry} from './members.js';
import type {DistributionParameters} from './parameters.js';
import {pythonJsonPaths, renderPythonJson} from './python-json.js';
import {coreOwner} from './linkage/built-links.js';
import type {RuntimeFacts} from './runtime-facts.js';

/** The inputs of PYTHON.json, as texts and values. */
export interface DescriptionInputs {
  readonly parameters: DistributionParameters;
  readonly runtime: RuntimeFacts;
  readonly expected: readonly ExpectedModule[];
  /** The actual link entries, by owner. */
  readonly parts: ReadonlyMap<string, LinkedPart>;
  readonly configC: string;
  /** The files and links of the tree, below `python/`, PYTHON.json and the licence texts included. */
  readonly entries: readonly TreeEntry[];
  readonly maximumGlibcVersion: string | undefined;
  readonly components: readonly LinkableComponent[];
}

/**
 * Extension modules that only CPython's own tests use; install-only archives do not contain their shared libraries.
 * Those of `static-modules/testing.yaml` that are shared in some Python; the list stands here too because a stage keeps
 * no files.
 */
export const testExtensions: readonly string[] = [
  '_ctypes_test',
  '_testbuffer',
  '_testcapi',
  '_testexternalinspection',
  '_testimportmultiple',
  '_testlimitedcapi',
  '_testmultiphase',
  '_testsinglephase',
];

/**
 * The text of PYTHON.json, and what the install-only archive leaves out. Throws `DistributionError` with all problems.
 */
export function describeDistribution(inputs: DescriptionInputs): {
  readonly pythonJson: string;
  readonly exclusions: InstallOnlyExclusions;
} {
  const {runtime, parameters, entries, parts} = inputs;
  const known = new Set(entries.map((entry) => entry.path));
  const hasPath = (path: string) => known.has(`python/${path}`);
  const {entries: inittab, mistakes} = parseInittab(inputs.configC);
  const standardLibrary = runtime.paths['stdlib'] ?? '';
  const {extensions, problems} = describeExtensions({
    expected: inputs.expected,
    inittab,
    parts,
    components: inputs.components,
    worksOf: ({usedObjects}) => worksIn(usedObjects, runtime.version),
    hasPath,
    dynamicLoadDirectory: `${standardLibrary}/lib-dynload`,
    extensionSuffix: runtime.suffixes['extension']?.[0] ?? '',
  });
  const core = parts.get(coreOwner);
  const coreObjects = (core?.objects ?? []).map((object) => `build/${object}`);
  const coreLinks = [...linkEntries(core, []), ...runtimeLinks(parameters)];
  const required = new Set(inputs.expected.flatMap((m) => (m.required ? [m.name] : [])));
  const all = [
    ...problems,
    ...coreProblems(core, required),
    ...linkProblems('the interpreter', coreLinks, hasPath),
    ...identityProblems(inputs),
    ...mistakes.map((mistake) => formatDiagnostic({file: 'config.c', ...mistake})),
    ...inittabProblems(inittab, runtime),
    ...libraryProblems(inputs),
    ...objectProblems(builtObjects(entries), parts),
    ...pathProblems(inputs, hasPath),
  ];
  if (all.length > 0) throw new DistributionError(all);
  return {
    pythonJson: renderPythonJson({
      runtime,
      targetTriple: parameters.targetTriple,
      options: parameters.options,
      maximumGlibcVersion: inputs.maximumGlibcVersion,
      testPackages: runtime.testPackages,
      coreObjects,
      coreLinks,
      extensions,
    }),
    exclusions: {
      standardLibrary,
      testPackages: runtime.testPackages,
      testExtensions: testExtensions.flatMap((name) => extensions[name]?.[0].shared_lib ?? []),
    },
  };
}

/** The compiler links the runtime of a sanitizer with libraries that no object of CPython needs. */
function runtimeLinks({options}: DistributionParameters): readonly LinkEntry[] {
  const parsed = parseBuildOptions(options);
  return parsed.ok && hasSanitizer(parsed.value) ? [{name: 'resolv', system: true}] : [];
}

/** The interpreter must be the requested one. */
function identityProblems({runtime, parameters}: DescriptionInputs): readonly string[] {
  if (runtime.version === parameters.python) return [];
  return [`the interpreter is Python ${runtime.version}, expected ${parameters.python}`];
}

/** The table of built-in modules that embedders edit must match the interpreter. */
function inittabProblems(
  inittab: readonly InittabEntry[],
  {builtinModules}: RuntimeFacts,
): readonly string[] {
  const names = inittab.map(({name}) => name).toSorted(compareCodeUnits);
  if (names.join() === builtinModules.toSorted(compareCodeUnits).join()) return [];
  return [
    `config.c lists the modules ${names.join(' ')}; the interpreter has ${builtinModules.join(' ')}`,
  ];
}

/** A static library that belongs to no component would be shipped without its licence; an unused one needlessly. */
function libraryProblems({entries, components, parts}: DescriptionInputs): readonly string[] {
  const provided = new Set(components.flatMap(({staticLibraries}) => staticLibraries));
  const linked = new Set([...parts.values()].flatMap(({libraries}) => libraries));
  return entries.flatMap(({path}) => {
    const name = /^python\/build\/lib\/lib(.+)\.a$/.exec(path)?.[1];
    if (name === undefined) return [];
    return [
      ...(provided.has(name)
        ? []
        : [`build/lib/lib${name}.a: no dependency of this distribution has such a library`]),
      ...(linked.has(name) ? [] : [`build/lib/lib${name}.a: nothing is linked with it`]),
    ];
  });
}

function builtObjects(entries: readonly TreeEntry[]): readonly string[] {
  return entries.flatMap(({path}) => /^python\/build\/(.+\.o)$/.exec(path)?.[1] ?? []);
}

/** Everything that PYTHON.json names outside the extension modules must exist. */
function pathProblems(
  {runtime, entries}: DescriptionInputs,
  hasPath: (path: string) => boolean,
): readonly string[] {
  const named = Object.values(pythonJsonPaths(runtime));
  const folders = [...Object.values(runtime.paths), runtime.platformConfig];
  const isFolder = (folder: string) =>
    entries.some((entry) => entry.path.startsWith(`python/${folder}/`));
  return [
    ...named
      .filter((path) => !hasPath(path))
      .map((path) => `PYTHON.json names ${path}, which is not in the built tree`),
    ...folders
      .filter((folder) => !isFolder(folder))
      .map((folder) => `PYTHON.json names the folder ${folder}, in which the tree has no file`),
  ];
}
