import {gzipSync} from 'node:zlib';
import {paxRecord} from '../pax-record.js';
import {xxhash64} from './xxhash64.js';

/** A member of a tar that is written byte by byte, right or wrong. */
export interface TarMember {
  path: string;
  content: Buffer;
  mode: number;
  mtimeSeconds: number;
  linkTarget?: string;
  /** `typeflag`: by default a file, or a symbolic link where there is a target. */
  type?: string;
  uid?: number;
  userName?: string;
  /** Records of a pax header in front of it. */
  pax?: Record<string, string>;
}

/** A tar in the form ustar, blocks of 512 bytes, ended by two empty ones. */
export function writeTar(members: readonly TarMember[]): Buffer {
  return Buffer.concat([...members.flatMap(memberBlocks), Buffer.alloc(1024)]);
}

function memberBlocks(member: TarMember): readonly Buffer[] {
  const blocks: Buffer[] = [];
  if (member.pax !== undefined) {
    const records = Object.entries(member.pax).map(([key, value]) => paxRecord(key, value));
    const content = Buffer.from(records.join(''));
    blocks.push(header({...member, path: 'pax', type: 'x', content}), padded(content));
  }
  if (!canSplit(member.path)) {
    const content = Buffer.from(`${member.path}\0`);
    blocks.push(header({...member, path: '././@LongLink', type: 'L', content}), padded(content));
  }
  return [...blocks, header(member), padded(member.content)];
}

function header(member: TarMember): Buffer {
  const block = Buffer.alloc(512);
  const octal = (value: number, at: number, length: number) =>
    block.write(value.toString(8).padStart(length - 1, '0'), at, 'latin1');
  const [prefix, name] = split(member.path);
  block.write(name.slice(0, 100), 0);
  block.write(prefix, 345);
  octal(member.mode, 100, 8);
  octal(member.uid ?? 0, 108, 8);
  octal(0, 116, 8);
  octal(member.content.length, 124, 12);
  octal(member.mtimeSeconds, 136, 12);
  block.write(member.type ?? (member.linkTarget === undefined ? '0' : '2'), 156);
  block.write(member.linkTarget ?? '', 157);
  block.write('ustar\x0000', 257, 'latin1');
  block.write(member.userName ?? '', 265);
  block.fill(' ', 148, 156);
  octal(
    block.reduce((sum, byte) => sum + byte, 0),
    148,
    7,
  );
  block.writeUInt8(0, 154);
  return block;
}

function canSplit(path: string): boolean {
  const [prefix, name] = split(path);
  return prefix.length <= 155 && name.length <= 100;
}

function split(path: string): readonly [prefix: string, name: string] {
  if (path.length <= 100) return ['', path];
  const slash = path.indexOf('/', path.length - 101);
  return slash === -1 ? ['', path] : [path.slice(0, slash), path.slice(slash + 1)];
}

function padded(content: Buffer): Buffer {
  return Buffer.concat([content, Buffer.alloc((512 - (content.length % 512)) % 512)]);
}

/** A static library. */
export function writeStaticLibrary(
  members: readonly {readonly name: string; readonly content: Buffer; readonly mtime?: number}[],
  hasIndex = true,
): Buffer {
  const longNames = members.map(({name}) => `${name}/\n`).join('');
  let offset = 0;
  const parts = members.flatMap(({name, content, mtime = 0}) => {
    const reference = `/${offset}`;
    offset += name.length + 2;
    return [arHeader(reference, content.length, mtime), even(content)];
  });
  return Buffer.concat([
    Buffer.from('!<arch>\n'),
    ...(hasIndex ? [arHeader('/', 4), Buffer.alloc(4)] : []),
    arHeader('//', longNames.length),
    even(Buffer.from(longNames)),
    ...parts,
  ]);
}

function arHeader(name: string, sizeBytes: number, mtime = 0): Buffer {
  const fields = [name.padEnd(16), String(mtime).padEnd(12), '0     ', '0     ', '644     '];
  return Buffer.from(`${fields.join('')}${String(sizeBytes).padEnd(10)}\`\n`);
}

function even(content: Buffer): Buffer {
  return content.length % 2 === 0 ? content : Buffer.concat([content, Buffer.from('\n')]);
}

/** How a gzip file is made. */
export interface GzipSettings {
  name?: string;
  mtimeSeconds?: number;
  system?: number;
  /** Cut the content into two members here. */
  cutAt?: number;
}

/** The tar as a gzip file. */
export function writeGzip(tar: Buffer, settings: GzipSettings): Buffer {
  const {cutAt, name, ...rest} = settings;
  if (cutAt !== undefined) {
    const halves = [tar.subarray(0, cutAt), tar.subarray(cutAt)];
    return Buffer.concat(halves.map((half) => writeGzip(half, rest)));
  }
  const file = gzipSync(tar, {level: 1});
  file.writeUInt32LE(settings.mtimeSeconds ?? 0, 4);
  file.writeUInt8(settings.system ?? 3, 9);
  if (name === undefined) return file;
  file.writeUInt8(8, 3);
  return Buffer.concat([file.subarray(0, 10), Buffer.from(`${name}\0`), file.subarray(10)]);
}

/** How a zstd file is made. */
export interface ZstdSettings {
  windowLog?: number;
  hasNoChecksum?: boolean;
  hasNoContentSize?: boolean;
  dictionary?: number;
  trailing?: Buffer;
}

/** The tar as one zstd frame of raw blocks. */
export function writeZstd(tar: Buffer, settings: ZstdSettings): Buffer {
  const {windowLog = 17, hasNoChecksum, hasNoContentSize, dictionary, trailing} = settings;
  const flags =
    (hasNoContentSize === true ? 0 : 0x80) +
    (hasNoChecksum === true ? 0 : 4) +
    (dictionary === undefined ? 0 : 1);
  const blocks: Buffer[] = [];
  const blockBytes = 1 << 16;
  for (let at = 0; at < tar.length; at += blockBytes) {
    const content = tar.subarray(at, at + blockBytes);
    const isLast = at + blockBytes >= tar.length;
    const head = Buffer.alloc(3);
    head.writeUIntLE((content.length << 3) | (isLast ? 1 : 0), 0, 3);
    blocks.push(head, content);
  }
  const size = Buffer.alloc(4);
  size.writeUInt32LE(tar.length);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32LE(hasNoChecksum === true ? 0 : Number(xxhash64(tar) & 0xffff_ffffn));
  return Buffer.concat([
    Buffer.from([0x28, 0xb5, 0x2f, 0xfd, flags, (windowLog - 10) << 3]),
    dictionary === undefined ? Buffer.alloc(0) : Buffer.from([dictionary]),
    hasNoContentSize === true ? Buffer.alloc(0) : size,
    ...blocks,
    hasNoChecksum === true ? Buffer.alloc(0) : checksum,
    trailing ?? Buffer.alloc(0),
  ]);
}
