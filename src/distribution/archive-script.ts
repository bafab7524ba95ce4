import type {Flavour} from './archive-name.js';

/** What decides the bytes of an archive besides the tree. */
export interface ArchiveScriptOptions {
  readonly flavour: Exclude<Flavour, 'install_only_stripped'>;
  /** The archive's file name, as made by `archiveName`. */
  readonly fileName: string;
  /** Seconds since 1970: the mtime of every member. */
  readonly sourceDateEpoch: number;
}

/** The files below `/in` that name the members of an archive, each name ended by a zero byte. */
export const memberListPaths = {
  full: 'lists/full.list',
  install_only: 'lists/install_only.list',
} as const;

/**
 * The shell script of the archive stage. Its sandbox has the built tree with the distribution's metadata merged into it
 * at `/in` (read-only) and writes `/out/<fileName>`. Tar and the compressor are those of the rootfs. The job count
 * (`AMPOULE_JOBS`) changes the speed, never the bytes.
 */
export function renderArchiveScript(options: ArchiveScriptOptions): string {
  const {flavour, fileName, sourceDateEpoch} = options;
  const list = `/in/${memberListPaths[flavour]}`;
  const tar = [
    'tar --create --file=/build/archive.tar --directory=/in',
    // ustar has no room for what a build should not leak, and ends with an error where pax would add vendor records.
    '--format=ustar --owner=0 --group=0 --numeric-owner',
    `--mtime=@${sourceDateEpoch} --mode=u=rwX,go=rX`,
    // Clients refuse hard links, so equal inodes must become separate members.
    '--hard-dereference --no-recursion',
    ...(flavour === 'full' ? [] : ["--transform='flags=r;s,^python/install/,python/,'"]),
    `--null --files-from=${list}`,
  ];
  const compress = flavour === 'full' ? zstd(fileName) : gzip(fileName);
  return `${tar.join(' \\\n  ')}\n${compress}\n`;
}

/**
 * The window of 128 MiB (`--long=27`, the most that readers accept by default) finds libpython's code again in the
 * executable, the library and the objects: 103 MB instead of 127 MB from a tar of 531 MB. Level 12 took 22 s of one
 * core, level 17 took 153 s for 10 % less, level 9 took 9 s for 2 % more. The frame is cut into parts of a fixed size
 * whatever the number of threads, so `-T` does not reach the bytes.
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
