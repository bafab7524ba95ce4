/** The magic bytes of every ar archive: static libraries and Debian packages. */
export const arMagic = '!<arch>\n';

/** The length of a member's header. Headers start at even offsets. */
export const arHeaderBytes = 60;

/** The header of a member of an ar archive. */
export interface ArHeader {
  /** As written, without trailing spaces: `foo.o/`, `/12` for a name in the table of long names. */
  readonly rawName: string;
  /** Seconds since 1970; 0 in a reproducible archive. */
  readonly mtimeSeconds: number;
  readonly uid: number;
  readonly gid: number;
  readonly sizeBytes: number;
}

/** Reads a member's header; `undefined` if the bytes are not one. */
export function parseArHeader(bytes: Uint8Array): ArHeader | undefined {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  const number = (start: number, end: number) => text.slice(start, end).trim();
  const sizeText = number(48, 58);
  if (text.length !== arHeaderBytes || !text.endsWith('`\n') || !/^\d+$/.test(sizeText)) {
    return undefined;
  }
  return {
    rawName: text.slice(0, 16).trimEnd(),
    // The tables of names and symbols may leave these empty.
    mtimeSeconds: Number(number(16, 28)),
    uid: Number(number(28, 34)),
    gid: Number(number(34, 40)),
    sizeBytes: Number(sizeText),
  };
}

/** Longer names cannot be file names. */
const maximumNameBytes = 4096;

/** The name at an offset of the table of long names; `undefined` if it is not terminated. */
export function longNameAt(table: string, offset: number): string | undefined {
  const text = table.slice(offset, offset + maximumNameBytes);
  const end = text.indexOf('\n');
  return end === -1 ? undefined : text.slice(0, end).replace(/\/$/, '');
}
