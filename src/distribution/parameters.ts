import * as v from 'valibot';
import type {JsonValue} from '../core/digest.js';
import {profileKinds} from '../core/variant.js';
import {jsonList as list} from '../data/json-text.js';

const json = v.custom<JsonValue>((value) => value !== undefined);

/** A pinned source of a component. */
export type ComponentSource = v.InferOutput<typeof componentSource>;

const componentSource = v.object({
  fileName: v.string(),
  sha256: v.string(),
  /** A URL, or a path below any Debian mirror (`pool/main/...`). */
  location: v.string(),
});

/** A dependency that is linked into the distribution. */
export type Component = v.InferOutput<typeof component>;

const component = v.object({
  name: v.string(),
  version: v.string(),
  /** An SPDX expression. */
  spdx: v.string(),
  sources: list(componentSource),
});

/** Something that the compiler links implicitly (start files, libgcc); its licence text is part of the parameters. */
export type RuntimePiece = v.InferOutput<typeof runtimePiece>;

const runtimePiece = v.object({...v.omit(component, ['sources']).entries, text: v.string()});

/** A toolchain that was built from source for this distribution. */
export type BuiltToolchain = v.InferOutput<typeof builtToolchain>;

const builtToolchain = v.object({
  name: v.string(),
  components: list(v.omit(component, ['spdx'])),
  /** The packages of the seed image, by name. */
  seedPackages: json,
});

/** Where the profile of a build with the option `pgo` comes from. */
export type ProfileSource = v.InferOutput<typeof profileSource>;

const profileSource = v.object({
  kind: v.picklist(profileKinds),
  /** The digest of a frozen one's compressed file. */
  sha256: v.exactOptional(v.string()),
});

/** The parameters of the host stage `distribution-metadata`: everything here is part of its key. */
export type DistributionParameters = v.InferOutput<typeof distributionParameters>;

/** The form of these parameters. */
export const distributionParameters = v.object({
  /** The version of CPython, `3.14.7`. */
  python: v.string(),
  targetTriple: v.string(),
  /** The option string, `noopt`. */
  options: v.string(),
  /** Seconds since 1970. */
  sourceDateEpoch: v.number(),
  /** The source of CPython itself. */
  pythonSources: list(componentSource),
  /** Present if that is a developer's own tree. */
  ownTree: v.exactOptional(v.object({likePython: v.string()})),
  /** Present if the project had overlays. */
  overlays: v.exactOptional(
    list(
      v.object({
        name: v.string(),
        description: v.exactOptional(v.string()),
        sha256: v.string(),
        modules: list(v.string()),
      }),
    ),
  ),
  /** Present with the option `pgo`. */
  profile: v.exactOptional(profileSource),
  components: list(component),
  runtimePieces: list(runtimePiece),
  /** With it comes the input `toolchain`. Absent when the compilers are the image's own. */
  toolchain: v.exactOptional(builtToolchain),
  /** The build record: toolchain, flags, images. Copied into `distribution.json` unchanged. */
  buildRecord: json,
});
