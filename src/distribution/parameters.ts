import type {JsonValue} from '../core/digest.js';
import {JsonReader} from './json-reader.js';

/** A pinned source of a component. */
export interface ComponentSource {
  readonly fileName: string;
  readonly sha256: string;
  /** A URL, or a path below any Debian mirror (`pool/main/...`). */
  readonly location: string;
}

/** A dependency that is linked into the distribution. */
export interface Component {
  readonly name: string;
  readonly version: string;
  /** An SPDX expression. */
  readonly spdx: string;
  readonly sources: readonly ComponentSource[];
}

/** Something that the compiler links implicitly (start files, libgcc); its licence text is part of the parameters. */
export interface RuntimePiece {
  readonly name: string;
  readonly version: string;
  readonly spdx: string;
  readonly text: string;
}

/** A toolchain that was built from source for this distribution. */
export interface BuiltToolchain {
  readonly name: string;
  readonly components: readonly Pick<Component, 'name' | 'version' | 'sources'>[];
  /** The packages of the seed image, by name. */
  readonly seedPackages: JsonValue;
}

/** The parameters of the host stage `distribution-metadata`: everything here is part of its key. */
export interface DistributionParameters {
  /** The version of CPython, `3.14.7`. */
  readonly python: string;
  readonly targetTriple: string;
  /** The option string, `noopt`. */
  readonly options: string;
  /** Seconds since 1970. */
  readonly sourceDateEpoch: number;
  /** The source of CPython itself. */
  readonly pythonSources: readonly ComponentSource[];
  readonly components: readonly Component[];
  readonly runtimePieces: readonly RuntimePiece[];
  /** Requires the input `toolchain`. `undefined` if the compilers are the image's own. */
  readonly toolchain?: BuiltToolchain;
  /** The build record: toolchain, flags, images. Copied into `distribution.json` unchanged. */
  readonly buildRecord: JsonValue;
}

/** The parameters as JSON, for the host stage. */
export function distributionParametersJson(parameters: DistributionParameters): JsonValue {
  return JSON.parse(JSON.stringify(parameters)) as JsonValue;
}

/** Reads the parameters back. Throws `DistributionError` for a missing value or a wrong type. */
export function parseDistributionParameters(value: JsonValue): DistributionParameters {
  const json = new JsonReader('parameters', value);
  return {
    python: json.get('python').text(),
    targetTriple: json.get('targetTriple').text(),
    options: json.get('options').text(),
    sourceDateEpoch: json.get('sourceDateEpoch').number(),
    pythonSources: json.get('pythonSources').list(readSource),
    components: json.get('components').list((item) => ({
      name: item.get('name').text(),
      version: item.get('version').text(),
      spdx: item.get('spdx').text(),
      sources: item.get('sources').list(readSource),
    })),
    runtimePieces: json.get('runtimePieces').list((item) => ({
      name: item.get('name').text(),
      version: item.get('version').text(),
      spdx: item.get('spdx').text(),
      text: item.get('text').text(),
    })),
    ...(memberOf(value, 'toolchain') === null
      ? {}
      : {toolchain: readToolchain(json.get('toolchain'), memberOf(value, 'toolchain'))}),
    buildRecord: memberOf(value, 'buildRecord'),
  };
}

function readToolchain(json: JsonReader, value: JsonValue): BuiltToolchain {
  return {
    name: json.get('name').text(),
    components: json.get('components').list((item) => ({
      name: item.get('name').text(),
      version: item.get('version').text(),
      sources: item.get('sources').list(readSource),
    })),
    seedPackages: memberOf(value, 'seedPackages'),
  };
}

function readSource(item: JsonReader): ComponentSource {
  return {
    fileName: item.get('fileName').text(),
    sha256: item.get('sha256').text(),
    location: item.get('location').text(),
  };
}

function memberOf(value: JsonValue, key: string): JsonValue {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  return (value as {readonly [key: string]: JsonValue | undefined})[key] ?? null;
}
