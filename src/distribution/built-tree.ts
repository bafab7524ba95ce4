import {inputTree, type HostFunctionContext} from '../core/host-function.js';
import {readInTree, TreeFileError, type Tree} from '../core/tree-file.js';
import {parseModulesJson, type ExpectedModule} from '../data/modules-json.js';
import {DistributionError, readOrThrow} from './distribution-error.js';
import type {LinkedPart} from './linkage/module-parts.js';
import {linkedParts} from './linkage/module-parts.js';
import {readCoreObjects, readModuleObjects} from './linkage/makefile-modules.js';
import type {ModuleObjects} from './linkage/makefile-modules.js';
import {parseMakefile} from './linkage/makefile.js';
import type {TreeEntry} from './members.js';
import type {LinkedFile} from './linkage/built-links.js';
import {coreOwner, readLinks} from './linkage/built-links.js';
import {parseProfileMatch, type ProfileMatch} from './profile-match.js';
import {parseRuntimeFacts} from './runtime-facts.js';
import type {RuntimeFacts} from './runtime-facts.js';
import {walkTree} from './tree.js';

/** A finished interpreter with the metadata of its build. */
export interface BuiltTree {
  /** The cpython artifact. */
  readonly tree: Tree;
  readonly entries: readonly TreeEntry[];
  readonly runtime: RuntimeFacts;
  readonly configC: string;
  readonly expected: readonly ExpectedModule[];
  /** The actual link entries by owner: `core` and each extension module that has objects. */
  readonly parts: ReadonlyMap<string, LinkedPart>;
  /** How a frozen profile fits the source; `undefined` if there is none. */
  readonly profileMatch: ProfileMatch | undefined;
  /** The static libraries from which the linker extracted members, with the linker's paths. */
  readonly linkedArchives: ReadonlySet<string>;
}

/** Reads the inputs `cpython`, `setup-local` and `sysroot`. Throws `DistributionError`. */
export async function readBuiltTree(context: HostFunctionContext): Promise<BuiltTree> {
  const tree = inputTree(context, 'cpython');
  const text = (file: string) => readText(tree, file);
  const entries = await walkTree(tree.hostPath);
  const runtime = parseRuntimeFacts(text('meta/runtime.json'));
  const makefile = parseMakefile(text(`python/${runtime.platformConfig}/Makefile`));
  const modules = readModuleObjects(makefile);
  const coreObjects = readCoreObjects(makefile, modules);
  refuseMissingObjects(entries, [...coreObjects, ...modules.flatMap(({objects}) => objects)]);
  const {needs, extracted} = readLinks({
    cpython: tree,
    sysroot: inputTree(context, 'sysroot'),
    cLibrary: `lib/${runtime.configVars['MULTIARCH'] ?? ''}/libc.so.6`,
    links: [
      executableLink(runtime, coreObjects, modules),
      ...modules.filter(({isShared}) => isShared).map((module) => sharedLink(runtime, module)),
    ],
    otherRecords: [`libpython${runtime.majorMinorVersion}${runtime.abiFlags}.so`],
  });
  return {
    tree,
    runtime,
    entries,
    configC: text('python/build/Modules/config.c'),
    expected: readOrThrow(
      parseModulesJson(readText(inputTree(context, 'setup-local'), 'modules.json')),
    ),
    profileMatch: entries.some((entry) => entry.path === profileMatchFile)
      ? parseProfileMatch(text(profileMatchFile))
      : undefined,
    parts: linkedParts(coreObjects, modules, needs),
    linkedArchives: new Set(extracted.map(({archive}) => archive)),
  };
}

const profileMatchFile = 'meta/profile-match.json';

const inittabObject = 'Modules/config.o';

function executableLink(
  runtime: RuntimeFacts,
  coreObjects: readonly string[],
  modules: readonly ModuleObjects[],
): LinkedFile {
  const builtin = modules.filter(({isShared}) => !isShared);
  return {
    path: runtime.executable,
    record: 'python',
    objects: new Map([
      [coreOwner, coreObjects.filter((object) => object !== inittabObject)],
      // The table of built-in modules refers to all of them; that is not a dependency.
      ['program', [inittabObject, 'Programs/python.o']],
      ...builtin.map(({name, objects}) => [name, objects] as const),
    ]),
  };
}

function sharedLink(runtime: RuntimeFacts, {name, objects}: ModuleObjects): LinkedFile {
  const fileName = `${name}${runtime.suffixes['extension']?.[0] ?? ''}`;
  const folder = `${runtime.paths['stdlib'] ?? ''}/lib-dynload`;
  return {path: `${folder}/${fileName}`, record: fileName, objects: new Map([[name, objects]])};
}

function refuseMissingObjects(entries: readonly TreeEntry[], objects: readonly string[]): void {
  const known = new Set(entries.map((entry) => entry.path));
  const missing = objects.filter((object) => !known.has(`python/build/${object}`));
  if (missing.length === 0) return;
  throw new DistributionError(
    missing.map((object) => `build/${object} was linked, but is not in the built tree`),
  );
}

function readText(tree: Tree, file: string): string {
  try {
    return readInTree(tree, file).toString();
  } catch (error) {
    if (!(error instanceof TreeFileError && error.isMissing)) throw error;
    throw new DistributionError([`${file}: the artifact that was built does not hold it`]);
  }
}
