import {BuildError} from '../core/errors.js';

/** The file is not an ELF file, is truncated, or is inconsistent. */
export class ElfFormatError extends BuildError {
  override readonly name = 'ElfFormatError';
  readonly code = 'E_ELF_FORMAT';
}

/** Random access to the bytes of a file. Readers take only the parts they need, so a file of 200 MB costs little. */
export interface ElfBytes {
  readonly sizeBytes: number;
  /** Exactly `length` bytes from `offset`. The range must be inside the file. */
  readonly slice: (offset: number, length: number) => Uint8Array;
}

/** Random access to bytes that are already in memory. */
export function elfBytesOf(bytes: Uint8Array): ElfBytes {
  return {
    sizeBytes: bytes.length,
    slice: (offset, length) => bytes.subarray(offset, offset + length),
  };
}

/** Random access to a part of a file. */
export function rangeOf(bytes: ElfBytes, start: number, sizeBytes: number): ElfBytes {
  return {sizeBytes, slice: (offset, length) => bytes.slice(start + offset, length)};
}

/** Whether the bytes begin with the ELF magic number. */
export function isElf(bytes: ElfBytes): boolean {
  if (bytes.sizeBytes < 4) return false;
  const [first, second, third, fourth] = bytes.slice(0, 4);
  return first === 0x7f && second === 0x45 && third === 0x4c && fourth === 0x46;
}

/** How the numbers of a file are stored. */
export interface ElfEncoding {
  readonly is64Bit: boolean;
  readonly isLittleEndian: boolean;
}

/** Far larger than any table of a real file; a reader holds a few at a time. */
const maximumViewBytes = 64 << 20;

/** Limit for all strings read from one table. Strings may overlap, so they can exceed the table by far. */
const maximumTextBytes = 32 << 20;

/**
 * A range of an ELF file whose numbers are read with the file's word size and byte order. Every access is checked:
 * outside the range it throws `ElfFormatError` with `what`.
 */
export class ElfView {
  private readonly view: DataView;
  private textLeft = maximumTextBytes;

  constructor(
    private readonly bytes: Uint8Array,
    readonly encoding: ElfEncoding,
    private readonly what: string,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get sizeBytes(): number {
    return this.bytes.length;
  }

  u8(offset: number): number {
    this.check(offset, 1);
    return this.view.getUint8(offset);
  }

  u16(offset: number): number {
    this.check(offset, 2);
    return this.view.getUint16(offset, this.encoding.isLittleEndian);
  }

  u32(offset: number): number {
    this.check(offset, 4);
    return this.view.getUint32(offset, this.encoding.isLittleEndian);
  }

  /** A 64-bit number. Exact up to 2^53; no offset or size of a real file is larger. */
  u64(offset: number): number {
    this.check(offset, 8);
    return Number(this.view.getBigUint64(offset, this.encoding.isLittleEndian));
  }

  /** A number of the file's own word size: an address, an offset or a size. */
  word(offset: number): number {
    return this.encoding.is64Bit ? this.u64(offset) : this.u32(offset);
  }

  /** The zero-terminated string at `offset`. */
  text(offset: number): string {
    this.check(offset, 1);
    const end = this.bytes.indexOf(0, offset);
    if (end === -1) throw new ElfFormatError(`${this.what}: a string has no end (${offset})`);
    this.textLeft -= end - offset;
    if (this.textLeft < 0) {
      throw new ElfFormatError(`${this.what}: its texts are longer than ${maximumTextBytes} bytes`);
    }
    const {buffer, byteOffset} = this.bytes;
    return Buffer.from(buffer, byteOffset + offset, end - offset).toString('latin1');
  }

  /** Whether the range contains the bytes of a text. */
  includes(text: string): boolean {
    const {buffer, byteOffset, byteLength} = this.bytes;
    return Buffer.from(buffer, byteOffset, byteLength).includes(text, 0, 'latin1');
  }

  private check(offset: number, length: number): void {
    if (!Number.isSafeInteger(offset) || offset < 0 || offset + length > this.bytes.length) {
      throw new ElfFormatError(
        `${this.what}: expected ${length} bytes at ${offset}, has ${this.bytes.length}`,
      );
    }
  }
}

/** A view of `length` bytes at `offset` of the file. Throws `ElfFormatError` if the file is shorter. */
export function viewOf(
  bytes: ElfBytes,
  range: {readonly offset: number; readonly length: number},
  encoding: ElfEncoding,
  what: string,
): ElfView {
  const {offset, length} = range;
  const isInside =
    Number.isSafeInteger(offset) &&
    Number.isSafeInteger(length) &&
    offset >= 0 &&
    length >= 0 &&
    offset + length <= bytes.sizeBytes;
  if (!isInside) {
    throw new ElfFormatError(
      `${what}: expected ${length} bytes at ${offset}, the file has ${bytes.sizeBytes}`,
    );
  }
  if (length > maximumViewBytes) {
    throw new ElfFormatError(`${what}: ${length} bytes, more than ${maximumViewBytes}`);
  }
  return new ElfView(bytes.slice(offset, length), encoding, what);
}
