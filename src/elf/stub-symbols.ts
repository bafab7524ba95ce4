import {compareCodeUnits} from '../core/digest.js';
import {ElfFormatError} from './elf-bytes.js';
import {readDynamic} from './elf-dynamic.js';
import type {ElfFile} from './elf-file.js';
import {readDynamicSymbols} from './elf-symbols.js';
import type {ElfSymbol} from './elf-symbols.js';
import {compareDottedVersions, glibcVersionOf} from './glibc-floor.js';

/** A symbol of a stub library: what a linker sees, without the code. */
export interface StubSymbol {
  readonly name: string;
  /** `GLIBC_2.17` */
  readonly version: string;
  /** `foo@@V`, which the linker picks for a plain `foo`. */
  readonly isDefault: boolean;
  readonly binding: 'global' | 'weak';
  readonly kind: 'function' | 'data';
  readonly sizeBytes: number;
  /** Of the real library. Data at equal addresses is one object by several names (`environ`, `__environ`). */
  readonly address: number;
  readonly isWritable: boolean;
}

/** A shared library cut to a glibc version. */
export interface StubLibrary {
  readonly soname: string;
  /** Ordered by name, then by version. */
  readonly symbols: readonly StubSymbol[];
  /** The functions that programs can link against in the real library and not in this one. */
  readonly droppedFunctions: readonly string[];
}

const symbolTypes = {data: 1, function: 2, indirectFunction: 10} as const;
/** Section indexes from here on are no sections: `GLIBC_2.2.5` itself is a symbol with the value 0. */
const reservedSections = 0xff00;
const privateVersion = 'GLIBC_PRIVATE';

/**
 * What a library of glibc provided at version `floor` (`2.17`), according to its symbol versions. The newest kept
 * version of a name becomes its default. Names without a default version, which exist only for programs linked long
 * ago, are omitted. Throws `ElfFormatError` for a library without a soname and for symbols that are neither function
 * nor data.
 */
export function cutAtFloor(elf: ElfFile, floor: string): StubLibrary {
  const soname = readDynamic(elf)?.soname;
  if (soname === undefined) throw new ElfFormatError('not a shared library: it has no soname');
  const byName = groupByName(readDynamicSymbols(elf).filter(isOffered));
  const symbols: StubSymbol[] = [];
  const droppedFunctions: string[] = [];
  for (const [name, offered] of [...byName].sort(([left], [right]) =>
    compareCodeUnits(left, right),
  )) {
    const current = offered.find((symbol) => symbol.version?.isDefault === true);
    if (current === undefined) continue;
    const kept = keepUpTo(floor, offered);
    if (kept.length === 0 && isFunction(current)) droppedFunctions.push(name);
    symbols.push(
      ...kept.map((symbol, index) => stubSymbol(elf, symbol, index === kept.length - 1)),
    );
  }
  return {soname, symbols, droppedFunctions};
}

function isOffered(symbol: ElfSymbol): boolean {
  return (
    symbol.isDefined &&
    symbol.sectionIndex < reservedSections &&
    symbol.version !== undefined &&
    symbol.version.name !== privateVersion
  );
}

function groupByName(symbols: readonly ElfSymbol[]): ReadonlyMap<string, readonly ElfSymbol[]> {
  const groups = new Map<string, ElfSymbol[]>();
  for (const symbol of symbols) {
    const group = groups.get(symbol.name);
    if (group === undefined) groups.set(symbol.name, [symbol]);
    else group.push(symbol);
  }
  return groups;
}

/** The symbols of one name with a glibc version up to the floor, oldest first. */
function keepUpTo(floor: string, symbols: readonly ElfSymbol[]): readonly ElfSymbol[] {
  const versioned = symbols.flatMap((symbol) => {
    const version = glibcVersionOf(symbol.version?.name ?? '');
    return version === undefined ? [] : [{symbol, version}];
  });
  return versioned
    .filter(({version}) => compareDottedVersions(version, floor) <= 0)
    .sort((left, right) => compareDottedVersions(left.version, right.version))
    .map(({symbol}) => symbol);
}

function isFunction({type}: ElfSymbol): boolean {
  return type === symbolTypes.function || type === symbolTypes.indirectFunction;
}

function stubSymbol(elf: ElfFile, symbol: ElfSymbol, isDefault: boolean): StubSymbol {
  const {name, binding, type} = symbol;
  const version = symbol.version?.name ?? '';
  if (!isFunction(symbol) && type !== symbolTypes.data) {
    throw new ElfFormatError(`${name}@${version}: expected a function or data, found type ${type}`);
  }
  if (binding !== 'global' && binding !== 'weak') {
    throw new ElfFormatError(`${name}@${version}: expected it global or weak, found ${binding}`);
  }
  const flags = elf.sections[symbol.sectionIndex]?.flags ?? 0;
  return {
    name,
    version,
    isDefault,
    binding,
    kind: isFunction(symbol) ? 'function' : 'data',
    sizeBytes: symbol.sizeBytes,
    address: symbol.value,
    isWritable: (flags & 1) !== 0,
  };
}
