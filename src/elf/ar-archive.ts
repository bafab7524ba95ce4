import {arHeaderBytes, arMagic, parseArHeader} from './ar-header.js';
import {ElfFormatError} from './elf-bytes.js';
import type {ElfBytes} from './elf-bytes.js';

/** One file inside a static library. */
export interface ArMember {
  readonly name: string;
  readonly bytes: ElfBytes;
}

/** Whether the bytes begin as a static library does. */
export function isAr(bytes: ElfBytes): boolean {
  return bytes.sizeBytes >= arMagic.length && textAt(bytes, 0, arMagic.length) === arMagic;
}

/**
 * The files in a static library (GNU's format, as GNU ar and llvm-ar write it), in order, without the symbol table.
 * Throws `ElfFormatError` when it is no static library or is cut short.
 */
export function readArMembers(bytes: ElfBytes): readonly ArMember[] {
  if (!isAr(bytes)) throw new ElfFormatError('not a static library: the magic text is missing');
  const members: ArMember[] = [];
  let longNames = '';
  for (let at = arMagic.length; at < bytes.sizeBytes;) {
    const offset = at + arHeaderBytes;
    const header =
      offset > bytes.sizeBytes ? undefined : parseArHeader(bytes.slice(at, arHeaderBytes));
    if (header === undefined || offset + header.sizeBytes > bytes.sizeBytes) {
      throw new ElfFormatError(`the member of a static library at ${at} is not complete`);
    }
    const {rawName, sizeBytes} = header;
    if (rawName === '//') longNames = textAt(bytes, offset, sizeBytes);
    else if (rawName !== '/' && rawName !== '/SYM64/') {
      members.push({name: fullName(rawName, longNames), bytes: rangeOf(bytes, offset, sizeBytes)});
    }
    // Members begin at even offsets.
    at = offset + sizeBytes + (sizeBytes % 2);
  }
  return members;
}

/** `name/`, or `/12` for a name at that offset of the table of long names. */
function fullName(name: string, longNames: string): string {
  const offset = /^\/(\d+)$/.exec(name)?.[1];
  if (offset === undefined) return name.replace(/\/$/, '');
  const end = longNames.indexOf('/\n', Number(offset));
  if (end === -1) throw new ElfFormatError(`a member's name is not in the table: ${name}`);
  return longNames.slice(Number(offset), end);
}

function rangeOf(bytes: ElfBytes, start: number, sizeBytes: number): ElfBytes {
  return {sizeBytes, slice: (offset, length) => bytes.slice(start + offset, length)};
}

function textAt(bytes: ElfBytes, offset: number, length: number): string {
  return Buffer.from(bytes.slice(offset, length)).toString('latin1');
}
