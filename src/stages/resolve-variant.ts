import {failure, success, type Result} from '../core/errors.js';
import type {SourceSet, Target} from '../core/target.js';
import type {ToolchainKind} from '../core/toolchain.js';
import {
  buildOptions,
  buildOptionTable,
  parseBuildOptions,
  printBuildOptions,
  type BuildOption,
  type BuildOptions,
} from '../core/build-options.js';
import {usualProfileKind, type ProfileKind, type Variant} from '../core/variant.js';
import {isPythonIn} from '../data/condition.js';
import {profilePlace} from '../profile/profile-record.js';
import {compareDottedVersions} from '../elf/glibc-floor.js';
import {chooseGlibcFloor} from './choose-glibc-floor.js';
import {trainedOptions} from './names.js';
import type {Project} from './project.js';
import {findPython, versionOf} from './pythons.js';

/** A requested build, as strings from the command line. */
export interface VariantRequest {
  /** `3.14`, `3.14.7` or `cpython-3.14`. */
  readonly python: string;
  /** A triple. */
  readonly target: string;
  /** An option string, `noopt`; `undefined` for the usual ones: see `usualBuildOptions`. */
  readonly options?: string | undefined;
  readonly sourceSet: SourceSet;
  readonly toolchain: ToolchainKind;
  /** A glibc version, `suite`, or `undefined` for the target's default floor. */
  readonly glibc: string | undefined;
  /** Where the profile of a build with the option `pgo` comes from; by default, from the project. */
  readonly profile?: ProfileKind | undefined;
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
  const {profile} = request;
  const text = request.options ?? usualBuildOptions(project, {python: version, target, profile});
  const options = resolveOptions(text, {python: version, toolchain});
  if (!options.ok) return options;
  const sysroot = project.images.get(`sysroot/${target.triple}`);
  const floor = chooseGlibcFloor(request.glibc, target, sysroot);
  if (!floor.ok) return floor;
  const tooOld = whyTooOld(options.value, floor.value);
  if (tooOld !== undefined) return failure([{file: '--glibc', message: tooOld}]);
  return success({
    python: version,
    ...{target, sourceSet, toolchain},
    options: options.value,
    ...(options.value.includes('pgo') && {profile: profile ?? usualProfileKind}),
    ...(floor.value === undefined ? {} : {glibcFloor: floor.value}),
    ...(project.pythonTree === undefined
      ? {}
      : {ownTree: {likePython: project.pythonTree.likePython}}),
  });
}

/**
 * The build options when nobody names any: those of the target, without `pgo` where the project has no profile. A
 * developer's own tree fits no frozen profile, and is built again and again.
 */
function usualBuildOptions(
  {pythonTree, profiles}: Project,
  {python, target, profile}: {python: string; target: Target; profile: ProfileKind | undefined},
): string {
  if (pythonTree !== undefined) return 'noopt';
  const words = target.options.split('+');
  if (profile !== undefined || !words.includes('pgo')) return target.options;
  const trained = trainedOptions(words).join('+');
  if (profiles.has(profilePlace({python, target: target.triple, options: trained}))) {
    return target.options;
  }
  return words.includes('lto') ? words.filter((word) => word !== 'pgo').join('+') : 'noopt';
}

function findTarget({targets}: Project, triple: string): Result<Target> {
  const target = targets.get(triple);
  if (target !== undefined) return success(target);
  const offered = [...targets.keys()].join(', ');
  const message = `unknown target "${triple}". Expected one of ${offered}.`;
  return failure([{file: '--target', message}]);
}

function resolveOptions(text: string, context: OptionContext): Result<BuildOptions> {
  const options = parseBuildOptions(text);
  if (!options.ok) return options;
  for (const option of options.value) {
    const reason = whyNot(option, context);
    if (reason === undefined) continue;
    const offered = buildOptions.filter((other) => whyNot(other, context) === undefined);
    const message =
      `"${printBuildOptions(options.value)}": ${option} cannot be built: ${reason}. ` +
      `Expected some of ${offered.join(', ')}.`;
    return failure([{file: '--options', message}]);
  }
  return options;
}

/** What decides, beside the recipe, whether an option can be built. */
type OptionContext = Pick<Variant, 'python' | 'toolchain'>;

function whyNot(option: BuildOption, {python, toolchain}: OptionContext): string | undefined {
  const {notBuildable, pythons, notInOthers, notBootstrapped} = buildOptionTable[option];
  if (notBuildable !== undefined) return notBuildable;
  if (pythons !== undefined && !isPythonIn(python, pythons)) {
    const inIt = notInOthers === undefined ? 'does not have it' : `is not for it: ${notInOthers}`;
    return `CPython ${python} ${inIt}, expected ${pythons}`;
  }
  return toolchain === 'bootstrap' ? notBootstrapped : undefined;
}

function whyTooOld(options: BuildOptions, floor: string | undefined): string | undefined {
  if (floor === undefined) return undefined;
  for (const option of options) {
    const oldest = buildOptionTable[option].oldestGlibc;
    if (oldest === undefined || compareDottedVersions(floor, oldest) >= 0) continue;
    return `${floor} is too old for the build option ${option}, whose runtime needs glibc ${oldest}`;
  }
  return undefined;
}
