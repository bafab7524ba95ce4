import {InternalError} from '../core/errors.js';
import {
  abiFlagsOf,
  parseBuildOptions,
  printBuildOptions,
  type BuildOptions,
} from '../core/build-options.js';
import {ownTreeTag} from '../distribution/archive-name.js';
import {archiveExtensions, flavourTable, type Flavour} from '../distribution/flavours.js';

/** The fields of a release asset's name. */
export interface ArchiveIdentity {
  /** `3.14.7` */
  readonly python: string;
  /** `YYYYMMDD` */
  readonly dateTag: string;
  /** The names of the project's overlays. */
  readonly overlays: readonly string[];
  readonly targetTriple: string;
  /** The build options; the name of an install-only archive shows only `abiFlags`. */
  readonly options: BuildOptions | undefined;
  /** `sys.abiflags` */
  readonly abiFlags: string;
  readonly flavour: Flavour;
}

const assetName = new RegExp(
  String.raw`^cpython-(?<python>3\.\d+\.\d+(?:(?:a|b|rc)\d+)?)\+(?<dateTag>\d{8})(?<tags>(?:\.[a-z][a-z0-9]*)*)-(?<targetTriple>[a-z0-9_]+-unknown-linux-[a-z0-9]+)-` +
    String.raw`(?:(?<options>[a-z+-]+)-)?(?<flavour>[a-z_]+)\.(?<extension>tar\.[a-z]+)$`,
);

/** Reads the name of a release asset; `undefined` for any other name. */
export function parseAssetName(fileName: string): ArchiveIdentity | undefined {
  const parts = assetName.exec(fileName)?.groups;
  if (parts === undefined) return undefined;
  const {python = '', dateTag = '', tags = '', targetTriple = '', extension} = parts;
  const overlays = tags.split('.').filter((tag) => tag !== '' && tag !== ownTreeTag);
  const facts = flavourTable.find(({name}) => name === parts['flavour']);
  if (facts === undefined || extension !== archiveExtensions[facts.compressor]) return undefined;
  const identity = {python, dateTag, overlays, targetTriple, flavour: facts.name};
  if (facts.content === 'install') {
    if (parts['options'] === undefined) return {...identity, options: undefined, abiFlags: ''};
    if (parts['options'] !== 'freethreaded') return undefined;
    return {...identity, options: undefined, abiFlags: abiFlagsOf(['freethreaded'])};
  }
  const options = readBuildOptions(parts['options'] ?? '');
  if (options === undefined) return undefined;
  return {...identity, options, abiFlags: abiFlagsOf(options)};
}

/** The flavour of an archive of any name: it is judged by what it holds. */
export function guessFlavour(holds: {
  /** Whether it holds the whole tree of a build. */
  readonly isFull: boolean;
  readonly hasDebug: boolean;
}): Flavour {
  const content = holds.isFull ? 'tree' : 'install';
  const alike = flavourTable.filter((facts) => facts.content === content);
  const found = alike.find(({isStripped}) => isStripped !== holds.hasDebug) ?? alike[0];
  if (found === undefined) throw new InternalError(`no flavour is of the content ${content}`);
  return found.name;
}

/** Parses the option string of an archive: known options, in canonical order. */
export function readBuildOptions(text: string): BuildOptions | undefined {
  const options = parseBuildOptions(text);
  return options.ok && printBuildOptions(options.value) === text ? options.value : undefined;
}
