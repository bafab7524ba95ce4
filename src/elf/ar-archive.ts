import {arHeaderBytes, arMagic, longNameAt, parseArHeader} from './ar-header.js';
import {ElfFormatError, rangeOf} from './elf-bytes.js';
import type {ElfBytes} from './elf-bytes.js';

/** Many times the size of a static libpython. */
const maximumMembers = 100_000;
const maximumTableBytes = 16 << 20;

/** One file inside a static library. */
export interface ArMember {
  readonly name: string;
  readonly bytes: ElfBytes;
}

/** Whether the bytes begin like a static library. */
export function isAr(bytes: ElfBytes): boolean {
  return bytes.sizeBytes >= arMagic.length && textAt(bytes, 0, arMagic.length) === arMagic;
}

/**
 * The files in a static library (GNU's format or BSD's, as ar and llvm-ar write them), in order, without the symbol
 * table. Throws `ElfFormatError` if it is not a static library or is truncated.
 */
export function readArMembers(bytes: ElfBytes): readonly ArMember[] {
  if (!isAr(bytes)) throw new ElfFormatError('not a static library: the magic text is missing');
  const members: ArMember[] = [];
  let longNames = '';
  let count = 0;
  for (let at = arMagic.length; at < bytes.sizeBytes;) {
    const offset = at + arHeaderBytes;
    const header =
      offset > bytes.sizeBytes ? undefined : parseArHeader(bytes.slice(at, arHeaderBytes));
    if (header === undefined || offset + header.sizeBytes > bytes.sizeBytes) {
      throw new ElfFormatError(`the member of a static library at ${at} is not complete`);
    }
    count += 1;
    if (count > maximumMembers) {
      throw new ElfFormatError(`it has more than ${maximumMembers} members`);
    }
    const {rawName, sizeBytes} = header;
    if (rawName === '//') longNames = textAt(bytes, offset, Math.min(sizeBytes, maximumTableBytes));
    else if (rawName !== '/' && rawName !== '/SYM64/') {
      members.push(memberOf(rawName, longNames, rangeOf(bytes, offset, sizeBytes)));
    }
    // Members begin at even offsets.
    at = offset + sizeBytes + (sizeBytes % 2);
  }
  return members.filter(({name}) => !name.startsWith('__.SYMDEF'));
}

/** `name/`, `/12` for a name at that offset of the table of long names, or BSD's `#1/12` for one before the content. */
function memberOf(rawName: string, longNames: string, bytes: ElfBytes): ArMember {
  const offset = /^\/(\d+)$/.exec(rawName)?.[1];
  if (offset !== undefined) {
    const name = longNameAt(longNames, Number(offset));
    if (name !== undefined) return {name, bytes};
    throw new ElfFormatError(`a member's name is not in the table: ${rawName}`);
  }
  const length = Number(/^#1\/(\d{1,4})$/.exec(rawName)?.[1] ?? 0);
  if (length === 0) return {name: rawName.replace(/\/$/, ''), bytes};
  if (length > bytes.sizeBytes) throw new ElfFormatError(`a member ends within its name`);
  const name = textAt(bytes, 0, length).replace(/\0+$/, '');
  return {name, bytes: rangeOf(bytes, length, bytes.sizeBytes - length)};
}

function textAt(bytes: ElfBytes, offset: number, length: number): string {
  return Buffer.from(bytes.slice(offset, length)).toString('latin1');
}
