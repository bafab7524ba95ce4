import {
  arHeaderBytes,
  arMagic,
  longNameAt,
  parseArHeader,
  type ArHeader,
} from '../elf/ar-header.js';

/** Limit for one member, which is kept in memory; object files have a hundredth of it. */
const maximumMemberBytes = 64 << 20;
const maximumMembers = 100_000;

/** A member of a static library. */
export interface StaticLibraryMember {
  readonly name: string;
  readonly header: ArHeader;
  readonly content: Buffer;
}

/** A static library is damaged. Reported as a finding; never leaves the room that reads. */
export class StaticLibraryError extends Error {
  override readonly name = 'StaticLibraryError';
}

/**
 * Streams the members of a static library, one in memory at a time. The symbol index has the name `/`. The table of
 * long names is resolved and omitted.
 * @throws StaticLibraryError
 */
export async function* readStaticLibrary(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<StaticLibraryMember> {
  const input = new ByteQueue(chunks);
  const start = await input.take(arMagic.length);
  if (start?.toString('latin1') !== arMagic) throw new StaticLibraryError('is not an ar archive');
  let longNames = '';
  let count = 0;
  for (;;) {
    const headerBytes = await input.take(arHeaderBytes);
    if (headerBytes === undefined) {
      if (input.isEmpty) return;
      throw new StaticLibraryError('ends within a header');
    }
    const header = parseArHeader(headerBytes);
    if (header === undefined) throw new StaticLibraryError('has a damaged header');
    count += 1;
    if (count > maximumMembers) {
      throw new StaticLibraryError(`has more than ${maximumMembers} members`);
    }
    if (header.sizeBytes > maximumMemberBytes) {
      throw new StaticLibraryError(
        `claims ${header.sizeBytes} bytes for ${header.rawName}, more than ${maximumMemberBytes}`,
      );
    }
    const content = await input.take(header.sizeBytes);
    if (content === undefined) throw new StaticLibraryError(`ends within ${header.rawName}`);
    if (header.sizeBytes % 2 === 1) await input.take(1);
    if (header.rawName === '//') longNames = content.toString('latin1');
    else yield {name: memberName(header.rawName, longNames), header, content};
  }
}

function memberName(rawName: string, longNames: string): string {
  if (rawName === '/' || rawName === '/SYM64/') return '/';
  const offset = /^\/(\d+)$/.exec(rawName)?.[1];
  if (offset === undefined) return rawName.replace(/\/$/, '');
  return longNameAt(longNames, Number(offset)) ?? rawName;
}

/** A byte stream that is read in pieces of any length. */
class ByteQueue {
  private readonly source: AsyncIterator<Uint8Array>;
  private parts: Uint8Array[] = [];
  private length = 0;

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.source = chunks[Symbol.asyncIterator]();
  }

  get isEmpty(): boolean {
    return this.length === 0;
  }

  /** Exactly `count` bytes; `undefined` when fewer are left. */
  async take(count: number): Promise<Buffer | undefined> {
    while (this.length < count) {
      const next = await this.source.next();
      if (next.done === true) return undefined;
      this.parts.push(next.value);
      this.length += next.value.length;
    }
    const [first] = this.parts;
    const isWhole = first !== undefined && first.length >= count;
    const joined = isWhole ? first : Buffer.concat(this.parts);
    const taken = Buffer.from(joined.buffer, joined.byteOffset, count);
    const rest = joined.subarray(count);
    this.parts = isWhole ? [rest, ...this.parts.slice(1)] : [rest];
    this.length -= count;
    return taken;
  }
}
