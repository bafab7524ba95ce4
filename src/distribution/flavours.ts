import {InternalError} from '../core/errors.js';

/** What an archive of one kind is like. */
interface FlavourEntry {
  /** As it stands in file names. */
  readonly name: string;
  /**
   * `tree`: the whole `python/` of a build, with objects, PYTHON.json and `install/`; the name tells the build options.
   * `install`: what an installer unpacks, without `install/` in the paths; the name tells free-threading alone.
   */
  readonly content: 'tree' | 'install';
  /** Whether the programs are without debug information. */
  readonly isStripped: boolean;
  readonly compressor: 'zstd' | 'gzip';
}

/** Every flavour, in the order in which archives are made and told. */
const table = [
  {name: 'full', content: 'tree', isStripped: false, compressor: 'zstd'},
  {name: 'install_only', content: 'install', isStripped: false, compressor: 'gzip'},
  {name: 'install_only_stripped', content: 'install', isStripped: true, compressor: 'gzip'},
] as const satisfies readonly FlavourEntry[];

/** The name of a flavour. */
export type Flavour = (typeof table)[number]['name'];

/** What an archive of this flavour is like. */
export type FlavourFacts = FlavourEntry & {readonly name: Flavour};

/** Every flavour: the one place that says which there are. Adding one is adding an entry. */
export const flavourTable: readonly FlavourFacts[] = table;

/** The names of the flavours of which this holds. */
export function flavoursThat(holds: (facts: FlavourFacts) => boolean): readonly Flavour[] {
  return flavourTable.filter(holds).map(({name}) => name);
}

/** What an archive of a flavour is like. */
export function factsOf(flavour: Flavour): FlavourFacts {
  const facts = flavourTable.find(({name}) => name === flavour);
  if (facts === undefined) throw new InternalError(`there is no flavour ${flavour}`);
  return facts;
}

/** The end of a file name that a compressor gives. */
export const archiveExtensions: Readonly<Record<FlavourFacts['compressor'], string>> = {
  zstd: 'tar.zst',
  gzip: 'tar.gz',
};
