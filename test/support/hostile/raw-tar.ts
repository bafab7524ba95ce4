import {paxRecord} from '../pax-record.js';

/** A tar header as somebody may write it who means harm, and what follows it. */
export interface RawMember {
  readonly name: string | Buffer;
  /** `typeflag`; `0`, a file, when it is left out. */
  readonly type?: string;
  readonly link?: string;
  readonly mode?: number;
  readonly content?: Buffer | string;
  /** The twelve bytes of the size field, or a number for it, whatever the content is. */
  readonly size?: Buffer | string | number;
}

/** The blocks of a tar without its end. */
export function rawTar(...members: readonly RawMember[]): Buffer {
  return Buffer.concat(members.flatMap(blocksOf));
}

/** The two blocks that end a tar. */
export const endOfTar = Buffer.alloc(1024);

/** A pax header for the next member, with these records. */
export function pax(records: Readonly<Record<string, string>>): RawMember {
  const content = Object.entries(records).map(([key, value]) => paxRecord(key, value));
  return {name: 'pax', type: 'x', content: content.join('')};
}

/** A long name for the next member, as GNU tar writes it; `K` for the target of a link. */
export function gnuLong(name: string, type: 'L' | 'K' = 'L'): RawMember {
  return {name: '././@LongLink', type, content: `${name}\0`};
}

/** A size of 64 bits as GNU tar writes what does not fit; negative ones too. */
export function binarySize(value: bigint): Buffer {
  const field = Buffer.alloc(12, value < 0n ? 0xff : 0);
  field.writeBigInt64BE(value, 4);
  if (value >= 0n) field.writeUInt8(0x80, 0);
  return field;
}

function blocksOf(member: RawMember): readonly Buffer[] {
  const content = Buffer.from(member.content ?? '');
  const padding = Buffer.alloc((512 - (content.length % 512)) % 512);
  return [headerOf(member, content.length), content, padding];
}

function headerOf(member: RawMember, contentBytes: number): Buffer {
  const block = Buffer.alloc(512);
  Buffer.from(member.name).copy(block, 0, 0, 100);
  block.write((member.mode ?? 0o644).toString(8).padStart(7, '0'), 100);
  block.write('0000000\x000000000', 108, 'latin1');
  const size = member.size ?? contentBytes;
  if (typeof size === 'number') block.write(size.toString(8).padStart(11, '0'), 124);
  else Buffer.from(size).copy(block, 124, 0, 12);
  block.write('14524770400', 136);
  block.write(member.type ?? '0', 156);
  block.write(member.link ?? '', 157);
  block.write('ustar\x0000', 257, 'latin1');
  block.fill(' ', 148, 156);
  let sum = 0;
  for (const byte of block) sum += byte;
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}
