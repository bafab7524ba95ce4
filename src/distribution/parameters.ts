import * as z from 'zod';
import type {JsonValue} from '../core/digest.js';

const json = z.custom<JsonValue>((value) => value !== undefined);

/** A pinned file that something was built from. */
export type ComponentSource = z.infer<typeof componentSource>;

const componentSource = z.object({
  fileName: z.string(),
  sha256: z.string(),
  /** A URL, or a path below any Debian mirror (`pool/main/...`). */
  location: z.string(),
});

/** A dependency that is linked into the distribution. */
export type Component = z.infer<typeof component>;

const component = z.object({
  name: z.string(),
  version: z.string(),
  /** An SPDX expression. */
  spdx: z.string(),
  sources: z.array(componentSource).readonly(),
});

/** Something that the compiler links in by itself (start files, libgcc): its licence text comes with the parameters. */
export type RuntimePiece = z.infer<typeof runtimePiece>;

const runtimePiece = component.omit({sources: true}).extend({text: z.string()});

/** A toolchain that was built from source for this distribution. */
export type BuiltToolchain = z.infer<typeof builtToolchain>;

const builtToolchain = z.object({
  name: z.string(),
  components: z.array(component.omit({spdx: true})).readonly(),
  /** The packages of the image whose compiler was the first, by name. */
  seedPackages: json,
});

/** The parameters of the host stage `distribution-metadata`: everything here is part of its key. */
export type DistributionParameters = z.infer<typeof distributionParameters>;

/** The form of these parameters. */
export const distributionParameters = z.object({
  /** The version of CPython, `3.14.7`. */
  python: z.string(),
  targetTriple: z.string(),
  /** The build option, `noopt`. */
  options: z.string(),
  /** Seconds since 1970. */
  sourceDateEpoch: z.number(),
  /** The source of CPython itself. */
  pythonSources: z.array(componentSource).readonly(),
  components: z.array(component).readonly(),
  runtimePieces: z.array(runtimePiece).readonly(),
  /** With it comes the input `toolchain`. Absent when the compilers are the image's own. */
  toolchain: builtToolchain.optional(),
  /** The true build record: toolchain, flags, images. Copied into `distribution.json` as it is. */
  buildRecord: json,
});
