import {compareCodeUnits} from '../core/digest.js';
import {failure, success, type Result} from '../core/errors.js';
import {parseInittab} from '../data/inittab.js';
import {parseCompilerCalls, type BuildCalls, type CompiledSource} from './compiler-calls.js';

/** A build of CPython with recorded compiler calls. */
export interface RecordedBuild {
  readonly calls: BuildCalls;
  /** The modules of the interpreter's inittab. */
  readonly builtin: ReadonlySet<string>;
}

/** An extension module as a build made it. */
export interface BuiltModule {
  readonly linkage: 'static' | 'shared';
  /** How each C file was compiled, by its path relative to `Modules/`. */
  readonly sources: ReadonlyMap<string, CompiledSource>;
  /** Names after `-l`, in code-unit order. */
  readonly libraries: readonly string[];
}

/** The declared parts of a module. For a shared module, the linker's call shows them. */
export interface ModuleParts {
  /** Relative to `Modules/`. */
  readonly sources: readonly string[];
  /** Relative to the build directory. */
  readonly archives: readonly string[];
  readonly libraries: readonly string[];
}

const interpreter = 'python';
const noLink = {inputs: [], libraries: []};

/** Reads a recorded build: the compiler's calls and makesetup's `config.c`. */
export function parseRecordedBuild(callsJson: string, configC: string): Result<RecordedBuild> {
  const calls = parseCompilerCalls('calls.json', callsJson);
  if (!calls.ok) return calls;
  const {entries, mistakes} = parseInittab(configC);
  if (mistakes.length > 0) {
    return failure(mistakes.map((mistake) => ({file: 'config.c', ...mistake})));
  }
  if (!calls.value.linked.has(interpreter)) {
    return failure([{file: 'calls.json', message: `nothing links ${interpreter}`}]);
  }
  const builtin = new Set(entries.map(({name}) => name));
  return success({calls: calls.value, builtin});
}

/**
 * The module as built; `undefined` if there is none of that name. The parts of a built-in module are linked together
 * with everything else, so it has those of `parts` that exist.
 */
export function builtModule(
  {calls, builtin}: RecordedBuild,
  name: string,
  parts: ModuleParts,
): BuiltModule | undefined {
  const file = [...calls.linked.keys()].find(isFileOf(name));
  if (file !== undefined) {
    const {inputs, libraries} = calls.linked.get(file) ?? noLink;
    const sources = new Map(compiledIn(calls, inputs));
    return {linkage: 'shared', sources, libraries: libraries.toSorted(compareCodeUnits)};
  }
  if (!builtin.has(name)) return undefined;
  const {inputs, libraries} = calls.linked.get(interpreter) ?? noLink;
  const wanted = sourcesOf(calls, parts);
  return {
    linkage: 'static',
    sources: new Map(compiledIn(calls, inputs).filter(([source]) => wanted.includes(source))),
    libraries: parts.libraries.filter((name) => libraries.includes(name)),
  };
}

/** The C files of the parts, including those of their archives, relative to `Modules/`. */
export function sourcesOf(calls: BuildCalls, parts: ModuleParts): readonly string[] {
  const inArchives = compiledIn(calls, parts.archives).map(([source]) => source);
  return [...new Set([...parts.sources, ...inArchives])].sort(compareCodeUnits);
}

/** The names of all built modules, unordered. */
export function builtNames({calls, builtin}: RecordedBuild): readonly string[] {
  const shared = [...calls.linked.keys()].flatMap((file) => sharedModule.exec(file)?.[1] ?? []);
  return [...builtin, ...shared];
}

/** The interpreter's own C files and libraries. */
export function interpreterParts({
  calls,
}: RecordedBuild): Readonly<Record<'sources' | 'libraries', readonly string[]>> {
  const {inputs, libraries} = calls.linked.get(interpreter) ?? noLink;
  return {sources: compiledIn(calls, inputs).map(([source]) => source), libraries};
}

/** The makefile links modules in `Modules/`; setup.py of 3.11 and older in a folder of its own. */
const sharedModule = /^(?:Modules|build\/lib\.[^/]+)\/(\w+)\.[^/]*\.so$/;

function isFileOf(name: string): (file: string) => boolean {
  return (file) => sharedModule.exec(file)?.[1] === name;
}

/** What was compiled into the objects, and into the members of the archives, among `files`. */
function compiledIn(
  {compiled, archives}: BuildCalls,
  files: readonly string[],
): readonly (readonly [string, CompiledSource])[] {
  return files
    .flatMap((file) => archives.get(file) ?? [file])
    .flatMap((object) => {
      const found = compiled.get(object);
      return found === undefined ? [] : [[found.source.replace(/^Modules\//, ''), found] as const];
    });
}
