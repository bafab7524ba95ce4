import type {FileHandle} from 'node:fs/promises';
import {arHeaderBytes, arMagic, parseArHeader} from '../elf/ar-header.js';
import {DebError} from './deb-error.js';

/** A package has three, and perhaps a signature. */
const maximumMembers = 20;

/** One member of an ar archive, with the position of its bytes in the file. */
export interface ArMember {
  readonly name: string;
  readonly offset: number;
  readonly sizeBytes: number;
}

/**
 * Lists the members of the ar archive in `file`, in order. Supports the plain names of .deb files, not the long-name
 * tables of static libraries.
 * @throws DebError when the bytes are not an ar archive or are truncated.
 */
export async function listArMembers(
  file: FileHandle,
  fileName: string,
): Promise<readonly ArMember[]> {
  const {size} = await file.stat();
  if ((await read(file, 0, arMagic.length)).toString('latin1') !== arMagic) {
    throw new DebError(`${fileName} is not a Debian package: it does not start as an ar archive.`);
  }
  const members: ArMember[] = [];
  let position = arMagic.length;
  while (position < size) {
    const header = parseArHeader(await read(file, position, arHeaderBytes));
    const offset = position + arHeaderBytes;
    if (header === undefined || offset + header.sizeBytes > size) {
      throw new DebError(
        `${fileName} is damaged: its ar member at byte ${position} is not complete.`,
      );
    }
    const {rawName, sizeBytes} = header;
    const member = {name: rawName.replace(/\/$/, ''), offset, sizeBytes};
    members.push(member);
    if (members.length > maximumMembers) {
      throw new DebError(`${fileName} is not a Debian package: it has too many members.`);
    }
    // Members start at even offsets.
    position = member.offset + member.sizeBytes + (member.sizeBytes % 2);
  }
  return members;
}

async function read(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const {buffer, bytesRead} = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}
