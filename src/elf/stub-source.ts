import {compareDottedVersions, glibcVersionOf} from './glibc-floor.js';
import type {StubLibrary, StubSymbol} from './stub-symbols.js';

/** The inputs for assembler and linker to make a stub library. */
export interface StubSource {
  /** For the assembler: every symbol with its version, type, size and binding. */
  readonly assembly: string;
  /** For the linker: the versions; nothing else is visible. */
  readonly versionScript: string;
}

/**
 * Renders a stub library as text; equal libraries give equal text. The result contains no executable code. Types have a
 * `%`: a `@`, which means the same elsewhere, begins a comment on ARM.
 */
export function renderStubLibrary({symbols}: StubLibrary): StubSource {
  const labelled = symbols.map((symbol, index) => ({symbol, label: `stub_${index}`}));
  const functions = labelled.filter(({symbol}) => symbol.kind === 'function');
  const data = labelled.filter(({symbol}) => symbol.kind === 'data');
  const assembly = [
    '.text',
    ...functions.flatMap(({label}) => [`${label}:`, '.byte 0']),
    ...renderData(data),
    ...labelled.flatMap(renderSymbol),
    '.section .note.GNU-stack,"",%progbits',
    '',
  ];
  return {assembly: assembly.join('\n'), versionScript: renderVersionScript(symbols)};
}

interface Labelled {
  readonly symbol: StubSymbol;
  readonly label: string;
}

/** Symbols that share bytes, and the address of those bytes in the real library. */
interface DataBlock {
  readonly start: number;
  end: number;
  readonly isWritable: boolean;
  readonly members: Labelled[];
}

/**
 * A linker that copies `environ` into an executable gives the copy every name that the library has for that address. So
 * names that share bytes there must share them here.
 */
function dataBlocks(data: readonly Labelled[]): readonly DataBlock[] {
  const blocks: DataBlock[] = [];
  for (const member of [...data].sort(
    (left, right) => left.symbol.address - right.symbol.address,
  )) {
    const {address, sizeBytes, isWritable} = member.symbol;
    const last = blocks.at(-1);
    if (last !== undefined && (address < last.end || address === last.start)) {
      last.end = Math.max(last.end, address + sizeBytes);
      last.members.push(member);
    } else {
      blocks.push({start: address, end: address + sizeBytes, isWritable, members: [member]});
    }
  }
  return blocks;
}

function renderData(data: readonly Labelled[]): readonly string[] {
  return dataBlocks(data).flatMap(({start, end, isWritable, members}) => {
    let at = start;
    const lines = [
      isWritable ? '.data' : '.section .rodata,"a",%progbits',
      `.balign ${alignmentOf(start)}`,
    ];
    for (const {label, symbol} of members) {
      if (symbol.address > at) lines.push(`.skip ${symbol.address - at}`);
      at = symbol.address;
      lines.push(`${label}:`);
    }
    // An object without a size still has an address of its own.
    return [...lines, `.skip ${Math.max(1, end - at)}`];
  });
}

/** No data of glibc is aligned to more than a cache line; a copy in an executable gets what is found here. */
function alignmentOf(address: number): number {
  const highest = 64;
  let alignment = 1;
  while (alignment < highest && address % (alignment * 2) === 0) alignment *= 2;
  return alignment;
}

function renderSymbol({symbol, label}: Labelled): readonly string[] {
  const {name, version, isDefault, binding, kind, sizeBytes} = symbol;
  return [
    `${binding === 'weak' ? '.weak' : '.globl'} ${label}`,
    `.type ${label}, %${kind === 'function' ? 'function' : 'object'}`,
    `.size ${label}, ${sizeBytes}`,
    `.symver ${label}, ${name}${isDefault ? '@@' : '@'}${version}`,
  ];
}

function renderVersionScript(symbols: readonly StubSymbol[]): string {
  const names = new Map<string, string[]>();
  for (const {name, version} of symbols) names.set(version, [...(names.get(version) ?? []), name]);
  const numberOf = (version: string): string => glibcVersionOf(version) ?? '';
  const versions = [...names].sort(([left], [right]) =>
    compareDottedVersions(numberOf(left), numberOf(right)),
  );
  // The assembly names the versions too, but lld hides `foo@V` unless the script lists it.
  return versions
    .map(([version, members], index) => {
      const lines = members.map((name) => `    ${name};\n`).join('');
      return `${version} {\n  global:\n${lines}${index === 0 ? '  local: *;\n' : ''}};\n`;
    })
    .join('');
}
