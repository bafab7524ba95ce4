import type {StageId} from '../core/stage-id.js';
import {variantName, type LibraryParts, type Variant} from '../core/variant.js';
import type {Flavour} from '../distribution/flavours.js';
import type {StageMount} from '../graph/stage.js';
import {toolsGuestPath} from '../recipe/environment.js';
import {toolchainStageIds, usualToolchain} from './toolchain-stages.js';

/**
 * The inputs of each kind of stage. Ids contain these parts, and the functions that make the stages receive no others,
 * so in one graph stages with the same id are equal.
 */
export const stageParts = {
  suite: ['target'],
  floorTexts: ['target', 'glibcFloor'],
  setupFiles: ['python', 'toolchain', 'sourceSet', 'ownTree'],
  setupLocal: ['python', 'target', 'options', 'toolchain', 'sourceSet', 'ownTree'],
  upstreamAudit: ['python', 'target', 'glibcFloor', 'toolchain', 'sourceSet', 'ownTree'],
} as const satisfies Readonly<Record<string, readonly (keyof Variant)[]>>;

/** The parts of a variant that a kind of stage depends on. */
export type PartsOf<Kind extends keyof typeof stageParts> = Pick<
  Variant,
  (typeof stageParts)[Kind][number]
>;

/** The stages that every compile needs. */
export interface PlatformNames {
  /** The stage, and the image that it unpacks. */
  readonly rootfs: StageId;
  /** The same with the compiler's runtimes for profiles and sanitizers. */
  readonly instrumentRootfs: StageId;
  /** The same with a Python, which makes the parts of the JIT. */
  readonly jitRootfs: StageId;
  /** The toolchain; `undefined` if the rootfs contains it. */
  readonly toolchain: StageId | undefined;
  readonly suite: StageId;
  readonly floorTexts: StageId;
  readonly sysroot: StageId;
  /** The image that the sysroot is made from. */
  readonly sysrootImage: string;
  /** The stage that builds a recipe. */
  readonly dependency: (recipe: string) => StageId;
}

/** The stage that tries what the stage of a dependency built, if its recipe has a `test`. */
export function testOf(dependency: StageId): StageId {
  return dependency.replace(/^dependency\//, 'test/');
}

/** The stages of one variant. */
export interface StageNames extends PlatformNames {
  readonly setupFiles: StageId;
  readonly setupLocal: StageId;
  /** The next two are what is trained, with the option `pgo`. */
  readonly trainedSetupLocal: StageId;
  readonly instrumented: StageId;
  /** The profile, trained or frozen. */
  readonly profile: StageId;
  readonly cpython: StageId;
  readonly smoke: StageId;
  readonly metadata: StageId;
  readonly archive: (flavour: Flavour) => StageId;
  readonly validation: (flavour: Flavour) => StageId;
  readonly upstreamAudit: StageId;
  readonly recordedAudit: StageId;
}

/** The parts that the library of a recipe depends on. */
export type LibraryPartsOf = (recipe: string, parts: LibraryParts) => LibraryParts;

/** The names of the stages that a library is compiled with. */
export function platformNames(parts: LibraryParts, libraryParts: LibraryPartsOf): PlatformNames {
  const {target, glibcFloor, toolchain, sourceSet} = parts;
  const {rootfs, instrumentRootfs, jitRootfs, isBuilt} = toolNames[toolchain];
  // A sysroot without a floor is unpacked, not compiled; with Debian's toolchain, it does not depend on sources.
  const compiler = {toolchain, ...(isBuilt && {sourceSet})};
  const compiled = glibcFloor === undefined ? {} : {glibcFloor, ...compiler};
  return {
    rootfs,
    instrumentRootfs,
    jitRootfs,
    toolchain: isBuilt ? toolchainStageIds({sourceSet, ...usualToolchain(target)}).llvm : undefined,
    suite: `suite/${nameOf('suite', parts)}`,
    floorTexts: `glibc-floor/${nameOf('floorTexts', parts)}`,
    sysroot: `sysroot/${variantName({target, ...compiled})}`,
    sysrootImage: `sysroot/${target.triple}`,
    dependency: (recipe) => `dependency/${recipe}/${variantName(libraryParts(recipe, parts))}`,
  };
}

/** The names of the stages of a variant. */
export function stageNames(variant: Variant, libraryParts: LibraryPartsOf): StageNames {
  const name = variantName(variant);
  const trained = trainedVariant(variant);
  return {
    ...platformNames(variant, libraryParts),
    setupFiles: `setup-files/cpython-${nameOf('setupFiles', variant)}`,
    setupLocal: `setup-local/cpython-${nameOf('setupLocal', variant)}`,
    trainedSetupLocal: `setup-local/cpython-${nameOf('setupLocal', trained)}`,
    instrumented: `instrumented/${variantName(trained)}`,
    profile: `profile/${variantName(trained)}`,
    cpython: `cpython/${name}`,
    smoke: `smoke/${name}`,
    metadata: `distribution/${name}/metadata`,
    archive: (flavour) => `distribution/${name}/${flavour}`,
    validation: (flavour) => `validation/${name}/${flavour}`,
    upstreamAudit: `audit/upstream-${nameOf('upstreamAudit', variant)}`,
    recordedAudit: `audit/recorded-${name}`,
  };
}

/** The variant whose training serves this one. */
export function trainedVariant(variant: Variant): Variant {
  return {...variant, options: trainedOptions(variant.options)};
}

/**
 * The build options of that variant: link-time optimization comes after what the profile describes, so variants with and
 * without it share the training.
 */
export function trainedOptions<Option extends string>(
  options: readonly Option[],
): readonly Option[] {
  return options.filter((option) => option !== 'lto');
}

/** The image to build in, and whether the compilers come from a stage instead. */
const toolNames = {
  debian: {
    rootfs: 'rootfs/build',
    instrumentRootfs: 'rootfs/instrument',
    jitRootfs: 'rootfs/jit',
    isBuilt: false,
  },
  // Its compiler can write profiles, but has neither sanitizers nor a Python.
  bootstrap: {
    rootfs: 'rootfs/base',
    instrumentRootfs: 'rootfs/base',
    jitRootfs: 'rootfs/base',
    isBuilt: true,
  },
} as const satisfies Readonly<Record<Variant['toolchain'], object>>;

function nameOf(kind: keyof typeof stageParts, parts: Partial<Variant>): string {
  const wanted: readonly string[] = stageParts[kind];
  return variantName(
    Object.fromEntries(Object.entries(parts).filter(([part]) => wanted.includes(part))),
  );
}

/** The mounts of a stage that compiles an interpreter: compilers, sysroot, libraries. */
export function compileMounts(
  names: PlatformNames,
  dependencies: readonly string[],
): readonly StageMount[] {
  return [
    ...toolMounts(names),
    {guestPath: '/sysroot', stages: [names.sysroot]},
    {guestPath: '/deps', stages: dependencies.map(names.dependency)},
  ];
}

/** The first mounts of a stage that compiles. */
export function toolMounts({toolchain}: Pick<PlatformNames, 'toolchain'>): readonly StageMount[] {
  return toolchain === undefined ? [] : [{guestPath: toolsGuestPath, stages: [toolchain]}];
}
