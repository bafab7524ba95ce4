import {
  abiFlagsOf,
  parseBuildOptions,
  printBuildOptions,
  type BuildOptions,
} from '../core/variant.js';
import type {Flavour} from '../distribution/archive-name.js';

/** The fields of a release asset's name. */
export interface ArchiveIdentity {
  /** `3.14.7` */
  readonly python: string;
  /** `YYYYMMDD` */
  readonly dateTag: string;
  readonly targetTriple: string;
  /** The build options; the name of an install-only archive shows only `abiFlags`. */
  readonly options: BuildOptions | undefined;
  /** `sys.abiflags` */
  readonly abiFlags: string;
  readonly flavour: Flavour;
}

const assetName = new RegExp(
  String.raw`^cpython-(?<python>3\.\d+\.\d+(?:(?:a|b|rc)\d+)?)\+(?<dateTag>\d{8})-(?<targetTriple>[a-z0-9_]+-unknown-linux-[a-z0-9]+)-` +
    String.raw`(?:(?<options>[a-z+]+)-full\.tar\.zst|(?<threads>freethreaded-)?(?<installOnly>install_only(?:_stripped)?)\.tar\.gz)$`,
);

/** Reads the name of a release asset; `undefined` for any other name. */
export function parseAssetName(fileName: string): ArchiveIdentity | undefined {
  const parts = assetName.exec(fileName)?.groups;
  if (parts === undefined) return undefined;
  const {python = '', dateTag = '', targetTriple = '', threads, installOnly} = parts;
  const identity = {python, dateTag, targetTriple};
  if (installOnly !== undefined) {
    const flavour = installOnly === 'install_only' ? 'install_only' : 'install_only_stripped';
    const abiFlags = threads === undefined ? '' : abiFlagsOf(['freethreaded']);
    return {...identity, options: undefined, abiFlags, flavour};
  }
  const options = readBuildOptions(parts['options'] ?? '');
  if (options === undefined) return undefined;
  return {...identity, options, abiFlags: abiFlagsOf(options), flavour: 'full'};
}

/** Parses the option string of an archive: known options, in canonical order. */
export function readBuildOptions(text: string): BuildOptions | undefined {
  const options = parseBuildOptions(text);
  return options.ok && printBuildOptions(options.value) === text ? options.value : undefined;
}
