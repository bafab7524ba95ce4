import {factsOf, type Flavour} from './flavours.js';
import {ownForms} from './members.js';

/** What decides the bytes of an archive, besides the tree. */
export interface ArchiveScriptOptions {
  readonly flavour: Flavour;
  /** The archive's file name, as made by `archiveName`. */
  readonly fileName: string;
  /** Seconds since 1970: the mtime of every member. */
  readonly sourceDateEpoch: number;
}

/** Lists of files below `/in`, each name terminated by a zero byte. */
export const memberListPaths = {
  /** The members of an archive of the whole tree. */
  full: 'lists/full.list',
  /** The members of an archive for installers. */
  installOnly: 'lists/install_only.list',
  /** The ELF files among them. */
  programs: 'lists/programs.list',
} as const;

/**
 * The shell script of the archive stage. Its sandbox has the built tree with the distribution's metadata merged into it
 * at `/in` (read-only) and writes `/out/<fileName>`. Tar and the compressor are those of the rootfs. The job count
 * (`AMPOULE_JOBS`) changes the speed, never the bytes.
 */
export function renderArchiveScript(options: ArchiveScriptOptions): string {
  const {flavour, fileName, sourceDateEpoch} = options;
  const {content, isStripped, compressor} = factsOf(flavour);
  const list = `/in/${content === 'tree' ? memberListPaths.full : memberListPaths.installOnly}`;
  const tar = [
    `tar --create --file=/build/archive.tar --directory=${isStripped ? strippedTree : '/in'}`,
    // ustar cannot store what a build should not leak, and fails where pax would add vendor records.
    '--format=ustar --owner=0 --group=0 --numeric-owner',
    `--mtime=@${sourceDateEpoch} --mode=u=rwX,go=rX`,
    // Clients refuse hard links, so files with the same inode must become separate members.
    '--hard-dereference --no-recursion',
    ...(content === 'tree'
      ? []
      : [`--transform='flags=r;s,^python/install/,python/,;s,^${ownForms},python/,'`]),
    `--null --files-from=${list}`,
  ];
  const compress = compressor === 'zstd' ? zstd(fileName) : gzip(fileName);
  return `${isStripped ? strip(list) : ''}${tar.join(' \\\n  ')}\n${compress}\n`;
}

const strippedTree = '/build/tree';

/**
 * Copies the members and removes the debug information from programs. Symbols stay, because profilers and backtraces
 * need them; users can remove them with `strip`.
 */
function strip(list: string): string {
  return [
    `mkdir ${strippedTree}`,
    'cd /in',
    `xargs --null cp --parents --no-dereference --target-directory=${strippedTree} <${list}`,
    `cd ${strippedTree}`,
    `xargs --null llvm-strip --strip-debug </in/${memberListPaths.programs}`,
    'cd /build',
    '',
  ].join('\n');
}

/**
 * The window of 128 MiB (`--long=27`, the maximum that readers accept by default) finds libpython's code again in the
 * executable, the library and the objects: 103 MB instead of 127 MB from a tar of 531 MB. Level 12 took 22 s of one
 * core, level 17 took 153 s for 10 % less, level 9 took 9 s for 2 % more. The frame is split into parts of a fixed
 * size, so the number of threads (`-T`) does not change the bytes.
 */
function zstd(fileName: string): string {
  return `zstd --quiet -12 --long=27 -T"\${AMPOULE_JOBS:-1}" -o /out/${quote(fileName)} /build/archive.tar`;
}

/** Level 9 takes five times as long as level 6 for 0.4 % less. */
function gzip(fileName: string): string {
  return `gzip --no-name -6 </build/archive.tar >/out/${quote(fileName)}`;
}

function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
