/** Limits of a tar reader. A tar may declare anything. */
export interface TarLimits {
  readonly members: number;
  /** Folders that contain members, each counted once. */
  readonly folders: number;
  /** Names, link targets and extended records of all members together. */
  readonly nameBytes: number;
  /** All members together. */
  readonly totalBytes: number;
}

/** Several times the needs of the largest distribution and the largest package. */
export const defaultTarLimits: TarLimits = {
  members: 200_000,
  folders: 50_000,
  nameBytes: 64 << 20,
  totalBytes: 4 * (1 << 30),
};

/** The longest path on Linux. */
const pathBytes = 4096;
const pathFolders = 100;

/** More than a long name, a pax header and buffered data can take. */
const unclaimedBytes = 64 << 20;

/** The fields of a member's header that are checked. */
export interface TarHeader {
  readonly name: string;
  readonly size: number;
  readonly linkname?: string | null;
  readonly pax?: Readonly<Record<string, string>> | null;
  /** Offset of the content in the tar. */
  readonly byteOffset?: number;
}

/** Enforces the limits of a tar reader. Throws `RangeError` when one is exceeded. */
export class TarWatch {
  private members = 0;
  private nameBytes = 0;
  private totalBytes = 0;
  /** Offset of the end of the last member. */
  private claimedBytes = 0;
  private unpackedBytes = 0;
  private readonly folders = new Set<string>();

  constructor(private readonly limits: TarLimits = defaultTarLimits) {}

  /** A member begins. */
  take(header: TarHeader): void {
    const {members, nameBytes, totalBytes} = this.limits;
    this.members += 1;
    this.totalBytes += header.size;
    this.claimedBytes = (header.byteOffset ?? 0) + header.size;
    this.nameBytes += header.name.length + (header.linkname?.length ?? 0);
    for (const [key, value] of Object.entries(header.pax ?? {})) {
      this.nameBytes += key.length + value.length;
    }
    if (this.members > members) this.refuse(`has more than ${members} members`);
    if (this.totalBytes > totalBytes) this.refuse(`holds more than ${totalBytes} bytes`);
    if (this.nameBytes > nameBytes) this.refuse(`has more than ${nameBytes} bytes of names`);
    this.takeName(header.name, 'a name');
    this.takeName(header.linkname ?? '', 'a target of a link');
    this.takeFolders(header.name);
  }

  /** Reports the number of bytes decompressed so far. */
  unpack(bytes: number): void {
    this.unpackedBytes += bytes;
    if (this.unpackedBytes > this.claimedBytes + unclaimedBytes) {
      this.refuse(`has more than ${unclaimedBytes} bytes that belong to no member`);
    }
  }

  private takeName(name: string, what: string): void {
    const parts = name.split('/', pathFolders + 1).length;
    if (name.length <= pathBytes && parts <= pathFolders) return;
    this.refuse(
      `has ${what} of more than ${pathBytes} characters or ${pathFolders} parts: ${name.slice(0, 100)}...`,
    );
  }

  private takeFolders(name: string): void {
    for (let end = name.lastIndexOf('/'); end > 0; end = name.lastIndexOf('/', end - 1)) {
      const folder = name.slice(0, end);
      if (this.folders.has(folder)) return;
      this.folders.add(folder);
      if (this.folders.size > this.limits.folders) {
        this.refuse(`has more than ${this.limits.folders} folders`);
      }
    }
  }

  private refuse(problem: string): never {
    throw new RangeError(`it ${problem}`);
  }
}

/** The same chunks of a decompressed archive, each reported to the watch. */
export async function* watched(
  chunks: AsyncIterable<Uint8Array>,
  watch: TarWatch,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    watch.unpack(chunk.length);
    yield chunk;
  }
}
