import type {ExpectedModule} from './expected-modules.js';
import {DistributionError} from './distribution-error.js';
import {describeExtensions, linkEntry, linkProblems} from './extensions.js';
import type {LinkableComponent} from './extensions.js';
import {parseInittab} from './inittab.js';
import {readCoreLibraries, readCoreObjects, readLinkedModules} from './linked-modules.js';
import {parseMakefile} from './makefile.js';
import type {InstallOnlyExclusions, TreeEntry} from './members.js';
import type {DistributionParameters} from './parameters.js';
import {pythonJsonPaths, renderPythonJson} from './python-json.js';
import type {RuntimeFacts} from './runtime-facts.js';

/** Everything that PYTHON.json is made from, as texts and values. */
export interface DescriptionInputs {
  readonly parameters: DistributionParameters;
  readonly runtime: RuntimeFacts;
  readonly expected: readonly ExpectedModule[];
  readonly makefile: string;
  readonly configC: string;
  /** The files and links of the tree, below `python/`, PYTHON.json and the licence texts included. */
  readonly entries: readonly TreeEntry[];
  readonly maximumGlibcVersion: string | undefined;
  readonly components: readonly LinkableComponent[];
}

/** Extension modules that only CPython's own tests use: their shared libraries are not in install-only archives. */
const testExtensions: readonly string[] = [
  '_ctypes_test',
  '_testbuffer',
  '_testcapi',
  '_testexternalinspection',
  '_testimportmultiple',
  '_testinternalcapi',
  '_testlimitedcapi',
  '_testmultiphase',
  '_testsinglephase',
];

/** PYTHON.json's text, and what the install-only archive leaves out. Throws `DistributionError` with all problems. */
export function describeDistribution(inputs: DescriptionInputs): {
  readonly pythonJson: string;
  readonly exclusions: InstallOnlyExclusions;
} {
  const {runtime, parameters, entries} = inputs;
  const paths = entries.map((entry) => entry.path);
  const known = new Set(paths);
  const hasPath = (path: string) => known.has(`python/${path}`);
  const standardLibrary = runtime.paths['stdlib'] ?? '';
  const makefile = parseMakefile(inputs.makefile);
  const linked = readLinkedModules(makefile);
  const {extensions, problems} = describeExtensions({
    expected: inputs.expected,
    inittab: parseInittab(inputs.configC),
    linked,
    components: inputs.components,
    hasPath,
    dynamicLoadDirectory: `${standardLibrary}/lib-dynload`,
    extensionSuffix: runtime.suffixes['extension']?.[0] ?? '',
  });
  const coreObjects = readCoreObjects(makefile, linked).map((object) => `build/${object}`);
  const coreLinks = readCoreLibraries(makefile).map((name) => linkEntry(name, hasPath));
  const named = [...Object.values(pythonJsonPaths(runtime)), ...coreObjects];
  const isPrefix = (prefix: string) => paths.some((path) => path.startsWith(`python/${prefix}/`));
  const all = [
    ...problems,
    ...linkProblems('the interpreter', coreLinks),
    ...identityProblems(inputs),
    ...libraryProblems(inputs),
    ...named
      .filter((path) => !hasPath(path))
      .map((path) => `PYTHON.json names ${path}, which is not in the built tree`),
    ...[...Object.values(runtime.paths), runtime.platformConfig]
      .filter((prefix) => !isPrefix(prefix))
      .map(
        (prefix) => `PYTHON.json names the folder ${prefix}, in which the built tree has no file`,
      ),
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

/** The interpreter must be the one that was asked for. */
function identityProblems({runtime, parameters}: DescriptionInputs): readonly string[] {
  if (runtime.version === parameters.python) return [];
  return [`the interpreter is Python ${runtime.version}, wanted ${parameters.python}`];
}

/** A static library that no component claims would be shipped without its licence. */
function libraryProblems({entries, components}: DescriptionInputs): readonly string[] {
  const provided = new Set(components.flatMap(({staticLibraries}) => staticLibraries));
  return entries.flatMap(({path}) => {
    const name = /^python\/build\/lib\/lib(.+)\.a$/.exec(path)?.[1];
    if (name === undefined || provided.has(name)) return [];
    return [`build/lib/lib${name}.a: no dependency of this distribution has such a library`];
  });
}
