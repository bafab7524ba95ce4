import {printBuildOptions, type BuildOptions} from './build-options.js';
import type {SourceSet, Target} from './target.js';
import type {ToolchainKind} from './toolchain.js';

/** Where the profile of a build with the option `pgo` comes from: a file of the project, the build itself, or nowhere. */
export const profileKinds = ['frozen', 'train', 'none'] as const;

/** A kind of profile; `none` builds the configuration of `pgo` without one. */
export type ProfileKind = (typeof profileKinds)[number];

/** Where a profile comes from when nobody says it. */
export const usualProfileKind: ProfileKind = 'frozen';

/** One distribution of CPython: everything that distinguishes it from others of the same checkout. */
export interface Variant {
  /** The exact version of CPython, `3.14.7`. */
  readonly python: string;
  readonly target: Target;
  readonly options: BuildOptions;
  /** Present with the option `pgo` only. */
  readonly profile?: ProfileKind;
  readonly toolchain: ToolchainKind;
  readonly sourceSet: SourceSet;
  /** The glibc floor, `2.17`; without one it is the sysroot's own glibc. */
  readonly glibcFloor?: string;
  /** Present if a developer's own tree is built, and not the pinned source of this version. */
  readonly ownTree?: OwnTree;
}

/** What is known of a developer's own tree of CPython. Its content is that of a source. */
export interface OwnTree {
  /** The version of the recipe whose `when:` and patches apply: that of the tree if its series is known. */
  readonly likePython: string;
}

/** The inputs of everything compiled, for any Python. */
export type Platform = Pick<Variant, 'target' | 'toolchain' | 'sourceSet' | 'glibcFloor'>;

/** The inputs of a static library: the platform, and others only if its recipe has a `when:` on them. */
export type LibraryParts = Platform & Partial<Pick<Variant, 'python' | 'options' | 'ownTree'>>;

/** `3.14` of `3.14.7`: the part that patch releases do not change. */
export function seriesOf(python: string): string {
  return python.split('.').slice(0, 2).join('.');
}

/**
 * The name of a variant or of a part of one: `3.14-x86_64-unknown-linux-gnu.2.17-noopt`. Python by its minor version,
 * so that the name survives upgrades; the floor after the triple, as in zig; Debian's toolchain, upstream's sources and a
 * frozen profile are implied; a developer's own tree is never mistaken for a pinned source. Missing parts are omitted. Different variants of a project have different names.
 */
export function variantName(parts: Partial<Variant>): string {
  const {python, target, glibcFloor, options, profile, toolchain, sourceSet, ownTree} = parts;
  return [
    ...(python === undefined ? [] : [seriesOf(python)]),
    ...(target === undefined
      ? []
      : [[target.triple, ...(glibcFloor === undefined ? [] : [glibcFloor])].join('.')]),
    ...(options === undefined ? [] : [printBuildOptions(options)]),
    ...(profile === undefined || profile === usualProfileKind ? [] : [`profile-${profile}`]),
    ...(toolchain === undefined || toolchain === 'debian' ? [] : [toolchain]),
    ...(sourceSet === 'debian' ? ['debian-sources'] : []),
    ...(ownTree === undefined ? [] : ['own-tree']),
  ].join('-');
}

/** A variant as JSON, with its options as one string. */
export function variantAsJson({options, ...rest}: Variant): object {
  const {python, target, sourceSet, toolchain, glibcFloor, ownTree, profile} = rest;
  return {
    ...{python, target: target.triple, sourceSet, options: printBuildOptions(options), toolchain},
    ...(profile === undefined ? {} : {profile}),
    ...(glibcFloor === undefined ? {} : {glibcFloor}),
    ...(ownTree === undefined ? {} : {ownTree}),
  };
}
