import {stat} from 'node:fs/promises';
import {ElfFormatError, isElf, type ElfBytes} from '../../elf/elf-bytes.js';
import {readDynamic} from '../../elf/elf-dynamic.js';
import {readElf} from '../../elf/elf-file.js';
import {glibcVersionsOf} from '../../elf/glibc-floor.js';
import {layoutPath, mayBeLinkedElf} from '../layout.js';
import {holdBytes} from '../member-bytes.js';
import {compressionOf, readArchive, requireDistribution} from '../read-archive.js';
import type {ArchiveCompression} from '../decompress.js';

/** A program or a shared library of an archive. */
export interface LinkedElf {
  readonly path: string;
  /** The highest glibc version that it needs, `2.17`; `undefined` when it needs none. */
  readonly glibc: string | undefined;
  readonly needed: readonly string[];
  /** Its library search path; may be empty. */
  readonly runpath: string;
  readonly machine: number;
  /** Whether it has the symbol table that `strip` removes. */
  readonly hasDebugInformation: boolean;
}

/** The result of one pass over an archive. Paths are those of the full flavour, below `python/`. */
export interface ArchiveScan {
  readonly compression: ArchiveCompression;
  readonly archiveBytes: number;
  readonly files: readonly {readonly path: string; readonly sizeBytes: number}[];
  readonly links: number;
  /** The times of all members, in seconds since 1970. */
  readonly mtimes: ReadonlySet<number>;
  readonly elfs: readonly LinkedElf[];
  readonly isFull: boolean;
  readonly pythonJson: string | undefined;
  readonly distributionJson: string | undefined;
  /** The header that names the version of CPython. */
  readonly patchLevel: string | undefined;
}

/** Many times the size of any file that is read as a whole. */
const textBytes = 4 << 20;

const texts = {
  pythonJson: /^PYTHON\.json$/,
  distributionJson: /^install\/share\/ampoule\/distribution\.json$/,
  patchLevel: /^install\/include\/python[^/]*\/patchlevel\.h$/,
} as const;

/** Reads an archive once. `scratchPath`: a folder for files without a name. @throws ArchiveError when it cannot be read. */
export async function scanArchive(archive: string, scratchPath: string): Promise<ArchiveScan> {
  const files: {path: string; sizeBytes: number}[] = [];
  const elfs: LinkedElf[] = [];
  const mtimes = new Set<number>();
  const found: Partial<Record<keyof typeof texts, string>> = {};
  const paths: string[] = [];
  let links = 0;
  let isFull = false;
  for await (const member of readArchive(archive)) {
    paths.push(member.path);
    const path = layoutPath(member.path);
    if (/^python\/(?:PYTHON\.json$|install\/)/.test(member.path)) isFull = true;
    mtimes.add(member.mtimeSeconds);
    if (member.kind === 'symlink' || member.kind === 'hardlink') links += 1;
    if (member.kind !== 'file') continue;
    files.push({path, sizeBytes: member.sizeBytes});
    const text = textNames.find((name) => texts[name].test(path));
    if (text !== undefined) found[text] = (await member.read(textBytes)).toString('utf8');
    else if (mayBeLinkedElf(path)) {
      using bytes = await holdBytes(member.chunks(), member.sizeBytes, scratchPath);
      elfs.push(...readLinkedElf(path, bytes));
    }
  }
  requireDistribution(archive, paths);
  return {
    compression: await compressionOf(archive),
    archiveBytes: (await stat(archive)).size,
    files,
    links,
    mtimes,
    elfs,
    isFull,
    pythonJson: found.pythonJson,
    distributionJson: found.distributionJson,
    patchLevel: found.patchLevel,
  };
}

const textNames = Object.keys(texts) as (keyof typeof texts)[];

/** What one file shows; none for a file that is not a valid ELF file, which the validator reports. */
export function readLinkedElf(path: string, bytes: ElfBytes): readonly LinkedElf[] {
  if (!isElf(bytes)) return [];
  try {
    const elf = readElf(bytes);
    const dynamic = readDynamic(elf);
    return [
      {
        path,
        glibc: glibcVersionsOf(elf).at(-1),
        needed: dynamic?.needed ?? [],
        runpath: dynamic?.runpath ?? dynamic?.rpath ?? '',
        machine: elf.machine,
        hasDebugInformation: elf.sections.some(({name}) => name.startsWith('.debug')),
      },
    ];
  } catch (error) {
    if (error instanceof ElfFormatError) return [];
    throw error;
  }
}
