import path from 'node:path';
import {ArchiveError} from '../archive/archive-error.js';
import {fileBytesOf, holdBytes, type FileBytes} from '../archive/member-bytes.js';
import {readStaticLibrary, StaticLibraryError} from '../archive/read-ar.js';
import {compressionOf, readArchive, type ArchiveMember} from '../archive/read-archive.js';
import {seriesOf} from '../core/variant.js';
import {arMagic} from '../elf/ar-header.js';
import {ElfFormatError, isElf} from '../elf/elf-bytes.js';
import {readElf} from '../elf/elf-file.js';
import type {
  MemberFacts,
  ReadContents,
  StaticLibraryFacts,
  UnreadableFile,
} from './archive-contents.js';
import {guessFlavour, parseAssetName} from './archive-identity.js';
import {findBuildPaths, type BuildPath} from './build-paths.js';
import {isReadable, readCompressionFacts, type CompressionFacts} from './compression-facts.js';
import {readElfFacts, type ElfFacts} from './elf-facts.js';
import {parsePythonJson} from './python-json.js';
import {treeFlavours} from './rule.js';

/** Limits for one file that rules read as a whole, and for all of them: many times the real sizes. */
const keptFileBytes = 4 << 20;
const keptBytes = 64 << 20;

/** Limits for ELF files, including members of static libraries, and for the names of their dynamic symbols. */
const maximumElfFiles = 50_000;
const maximumSymbolNames = 1_000_000;

/** Files that rules read as a whole. */
const keptFiles =
  /^python\/(?:PYTHON\.json|licenses\/[^/]+|build\/Modules\/config\.c|(?:install\/)?(?:bin\/[^/]*|share\/ampoule\/.+|lib\/pkgconfig\/[^/]+\.pc|lib\/python3\.\d+t?\/(?:_sysconfigdata_[^/]*\.py|_sysconfig_vars_[^/]*\.json|build-details\.json)))$/;

/**
 * Gathers the facts for all rules in one pass over the archive. `scratchPath` is a folder for unnamed temporary files.
 * @throws ArchiveError when the file is not an archive or is damaged.
 */
export async function readContents(file: string, scratchPath: string): Promise<ReadContents> {
  const compression = await compressionFacts(file);
  const reading = new Reading(file, scratchPath);
  if (isReadable(compression)) {
    for await (const member of readArchive(file)) await reading.take(member);
  }
  return reading.finish(path.basename(file), compression);
}

async function compressionFacts(file: string): Promise<CompressionFacts> {
  const compression = await compressionOf(file);
  try {
    return readCompressionFacts(file, compression);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new ArchiveError(file, error.message, {cause: error});
  }
}

class Reading {
  private readonly members: MemberFacts[] = [];
  private readonly contents = new Map<string, Buffer>();
  private readonly shebangs = new Map<string, string>();
  private readonly elfFiles: ElfFacts[] = [];
  private readonly staticLibraries: StaticLibraryFacts[] = [];
  private readonly unreadable: UnreadableFile[] = [];
  private readonly buildPaths: BuildPath[] = [];

  private keptBytes = 0;
  private symbolNames = 0;

  constructor(
    private readonly archive: string,
    private readonly scratchPath: string,
  ) {}

  async take(member: ArchiveMember): Promise<void> {
    this.members.push(factsOf(member));
    if (member.kind !== 'file') return;
    if (member.sizeBytes === 0) {
      if (keptFiles.test(member.path)) this.contents.set(member.path, Buffer.alloc(0));
      return;
    }
    try {
      await this.takeContent(member);
    } catch (error) {
      if (!(error instanceof ElfFormatError || error instanceof StaticLibraryError)) throw error;
      this.unreadable.push({path: member.path, problem: error.message});
    }
  }

  private async takeContent(member: ArchiveMember): Promise<void> {
    const chunks = member.chunks()[Symbol.asyncIterator]();
    const first = await chunks.next();
    if (first.done === true) return;
    const head = Buffer.from(first.value);
    const all = rejoin(head, chunks);
    if (head.toString('latin1', 0, arMagic.length) === arMagic) {
      // Unread content would block the archive.
      await this.takeStaticLibrary(member.path, all).finally(() => drain(all));
      return;
    }
    using bytes = await holdBytes(all, member.sizeBytes, this.scratchPath);
    if (isElf(bytes)) this.takeElf(member.path, bytes);
    else this.takeText(member.path, bytes);
  }

  private takeText(memberPath: string, bytes: FileBytes): void {
    if (keptFiles.test(memberPath)) this.keep(memberPath, bytes);
    const head = bytes.window(0, Math.min(200, bytes.sizeBytes));
    const shebang = /^#!\s*(\S+)/.exec(head.toString('latin1'))?.[1];
    if (shebang !== undefined) this.shebangs.set(memberPath, shebang);
    const [hit] = findBuildPaths(bytes);
    if (hit === undefined) return;
    this.buildPaths.push({path: memberPath, section: undefined, text: hit.text});
  }

  private keep(memberPath: string, bytes: FileBytes): void {
    if (bytes.sizeBytes > keptFileBytes) {
      const problem = `has ${bytes.sizeBytes} bytes, more than ${keptFileBytes}`;
      this.unreadable.push({path: memberPath, problem});
      return;
    }
    this.keptBytes += bytes.sizeBytes;
    if (this.keptBytes > keptBytes) {
      throw new ArchiveError(this.archive, `has texts of more than ${keptBytes} bytes`);
    }
    this.contents.set(memberPath, Buffer.from(bytes.slice(0, bytes.sizeBytes)));
  }

  private takeElf(memberPath: string, bytes: FileBytes): void {
    const {facts, buildPaths} = readElfFacts(memberPath, bytes);
    this.elfFiles.push(facts);
    this.buildPaths.push(...buildPaths);
    this.symbolNames += facts.undefined.size + facts.exported.size;
    if (this.elfFiles.length > maximumElfFiles) {
      throw new ArchiveError(this.archive, `has more than ${maximumElfFiles} ELF files`);
    }
    if (this.symbolNames > maximumSymbolNames) {
      throw new ArchiveError(this.archive, `has more than ${maximumSymbolNames} dynamic symbols`);
    }
  }

  private async takeStaticLibrary(
    memberPath: string,
    chunks: AsyncIterable<Uint8Array>,
  ): Promise<void> {
    let hasIndex = false;
    const foreignMembers: string[] = [];
    const stampedMembers: string[] = [];
    for await (const {name, header, content} of readStaticLibrary(chunks)) {
      if (name === '/') {
        hasIndex = true;
        continue;
      }
      if (header.mtimeSeconds !== 0 || header.uid !== 0 || header.gid !== 0) {
        stampedMembers.push(name);
      }
      const bytes = fileBytesOf(content);
      if (isElf(bytes)) this.takeElf(`${memberPath}(${name})`, bytes);
      if (!isElf(bytes) || readElf(bytes).type !== 'relocatable') foreignMembers.push(name);
    }
    this.staticLibraries.push({path: memberPath, hasIndex, foreignMembers, stampedMembers});
  }

  finish(fileName: string, compression: CompressionFacts): ReadContents {
    const {members, contents, shebangs, elfFiles} = this;
    const byPath = new Map(members.map((member) => [member.path, member]));
    const identity = parseAssetName(fileName);
    const json = contents.get('python/PYTHON.json');
    const folders = foldersOf(members);
    const isFull =
      identity === undefined ? json !== undefined : treeFlavours.includes(identity.flavour);
    const hasDebug = elfFiles.some(({debugSections}) => debugSections.length > 0);
    const prefix = isFull ? 'python/install' : 'python';
    const version = versionOf(prefix, folders, identity?.python);
    return {
      fileName,
      identity,
      flavour: identity?.flavour ?? guessFlavour({isFull, hasDebug}),
      compression,
      members,
      byPath,
      folders,
      prefix,
      ...version,
      abiFlags: identity?.abiFlags ?? version.abiFlags,
      contents,
      shebangs,
      elfFiles,
      staticLibraries: this.staticLibraries,
      unreadable: this.unreadable,
      buildPaths: this.buildPaths,
      pythonJson: json === undefined ? undefined : parsePythonJson(json.toString('utf8')),
    };
  }
}

function versionOf(
  prefix: string,
  folders: ReadonlySet<string>,
  python: string | undefined,
): Pick<ReadContents, 'majorMinor' | 'abiFlags' | 'standardLibrary'> {
  const inLibrary = [...folders].flatMap((folder) => {
    const match = /^\/lib\/python(3\.\d+)(t?)$/.exec(folder.slice(prefix.length));
    return folder.startsWith(prefix) && match !== null ? [match] : [];
  });
  const [, found = '', threads = ''] = inLibrary[0] ?? [];
  const majorMinor = python === undefined ? found : seriesOf(python);
  return {
    majorMinor,
    abiFlags: threads,
    standardLibrary: `${prefix}/lib/python${majorMinor}${threads}`,
  };
}

function factsOf(member: ArchiveMember): MemberFacts {
  const {path: memberPath, kind, mode, sizeBytes, mtimeSeconds, uid, gid} = member;
  const {userName, groupName, linkTarget} = member;
  const pax = Object.keys(member.pax);
  const owner = {uid, gid, userName, groupName};
  return {path: memberPath, kind, mode, sizeBytes, mtimeSeconds, ...owner, linkTarget, pax};
}

function foldersOf(members: readonly MemberFacts[]): ReadonlySet<string> {
  const folders = new Set<string>();
  for (const {path: member} of members) {
    for (let up = path.posix.dirname(member); up !== '.'; up = path.posix.dirname(up)) {
      if (folders.has(up) || up === '/') break;
      folders.add(up);
    }
  }
  return folders;
}

async function* rejoin(
  first: Uint8Array,
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield first;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}

async function drain(chunks: AsyncIterator<Uint8Array>): Promise<void> {
  while ((await chunks.next()).done !== true);
}
