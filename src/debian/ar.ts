import type {FileHandle} from 'node:fs/promises';
import {DebError} from './deb-error.js';

/** One member of an ar archive: where its bytes lie in the file. */
export interface ArMember {
  readonly name: string;
  readonly offset: number;
  readonly sizeBytes: number;
}

const magic = '!<arch>\n';
const headerBytes = 60;

/**
 * Lists the members of the ar archive in `file`, in the order they stand.
 * Knows the plain names of .deb files, not the long-name tables of static libraries.
 * @throws DebError when the bytes are no ar archive or end too early.
 */
export async function listArMembers(
  file: FileHandle,
  fileName: string,
): Promise<readonly ArMember[]> {
  const {size} = await file.stat();
  if ((await readText(file, 0, magic.length)) !== magic) {
    throw new DebError(`${fileName} is not a Debian package: it does not start as an ar archive.`);
  }
  const members: ArMember[] = [];
  let position = magic.length;
  while (position < size) {
    const header = await readText(file, position, headerBytes);
    const name = header.slice(0, 16).trimEnd().replace(/\/$/, '');
    const sizeText = header.slice(48, 58).trim();
    const member = {name, offset: position + headerBytes, sizeBytes: Number(sizeText)};
    const isWhole =
      header.slice(58) === '`\n' &&
      /^\d+$/.test(sizeText) &&
      member.offset + member.sizeBytes <= size;
    if (!isWhole) {
      throw new DebError(
        `${fileName} is damaged: its ar member at byte ${position} is not complete.`,
      );
    }
    members.push(member);
    // Members start at even offsets.
    position = member.offset + member.sizeBytes + (member.sizeBytes % 2);
  }
  return members;
}

async function readText(file: FileHandle, position: number, length: number): Promise<string> {
  const {buffer, bytesRead} = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.toString('latin1', 0, bytesRead);
}
