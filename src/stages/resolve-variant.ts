import {failure, success, type Result} from '../core/errors.js';
import type {SourceSet, Target} from '../core/target.js';
import type {ToolchainKind} from '../core/toolchain.js';
import {
  buildOptions,
  parseBuildOptions,
  printBuildOptions,
  pythonsWith,
  whyNotBuildable,
  type BuildOption,
  type BuildOptions,
  type Variant,
} from '../core/variant.js';
import {isPythonIn} from '../data/condition.js';
import {chooseGlibcFloor} from './choose-glibc-floor.js';
import type {Project} from './project.js';
import {findPython, versionOf} from './pythons.js';

/** A requested build, as strings from the command line. */
export interface VariantRequest {
  /** `3.14`, `3.14.7` or `cpython-3.14`. */
  readonly python: string;
  /** A triple. */
  readonly target: string;
  /** An option string, `noopt`. */
  readonly options: string;
  readonly sourceSet: SourceSet;
  readonly toolchain: ToolchainKind;
  /** A glibc version, `suite`, or `undefined` for the target's default floor. */
  readonly glibc: string | undefined;
}

/** Resolves a request to a variant of a project. Mistakes: unknown names, options without a recipe. */
export function resolveVariant(project: Project, request: VariantRequest): Result<Variant> {
  const {sourceSet, toolchain} = request;
  const found = findTarget(project, request.target);
  if (!found.ok) return found;
  const target = found.value;
  const python = findPython(project, request.python, sourceSet);
  if (!python.ok) return python;
  const version = versionOf(python.value, sourceSet);
  const options = resolveOptions(request.options, version);
  if (!options.ok) return options;
  const sysroot = project.images.get(`sysroot/${target.triple}`);
  const floor = chooseGlibcFloor(request.glibc, target, sysroot);
  if (!floor.ok) return floor;
  return success({
    python: version,
    ...{target, sourceSet, toolchain},
    options: options.value,
    ...(floor.value === undefined ? {} : {glibcFloor: floor.value}),
    ...(project.pythonTree === undefined
      ? {}
      : {ownTree: {likePython: project.pythonTree.likePython}}),
  });
}

function findTarget({targets}: Project, triple: string): Result<Target> {
  const target = targets.get(triple);
  if (target !== undefined) return success(target);
  const offered = [...targets.keys()].join(', ');
  const message = `unknown target "${triple}". Wanted one of ${offered}.`;
  return failure([{file: '--target', message}]);
}

function resolveOptions(text: string, python: string): Result<BuildOptions> {
  const options = parseBuildOptions(text);
  if (!options.ok) return options;
  for (const option of options.value) {
    const reason = whyNotBuildable(option) ?? whyNotIn(option, python);
    if (reason === undefined) continue;
    const message =
      `"${printBuildOptions(options.value)}": ${option} cannot be built: ${reason}. ` +
      `Expected some of ${buildableOptions(python).join(', ')}.`;
    return failure([{file: '--options', message}]);
  }
  return options;
}

function whyNotIn(option: BuildOption, python: string): string | undefined {
  const range = pythonsWith(option);
  if (range === undefined || isPythonIn(python, range)) return undefined;
  return `CPython ${python} does not have it, expected ${range}`;
}

/** The build options that can be had for a Python. */
function buildableOptions(python: string): BuildOptions {
  return buildOptions.filter(
    (option) => whyNotBuildable(option) === undefined && whyNotIn(option, python) === undefined,
  );
}
