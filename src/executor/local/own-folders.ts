import {readdir, readlink} from 'node:fs/promises';
import path from 'node:path';
import type {AttachLimits} from '../executor.js';

/** A folder of this machine that a command sees. */
export interface HostFolder {
  /** Absolute, without links. */
  readonly path: string;
  readonly isWritable: boolean;
}

/** What a command that works on a person's own folders may use. */
export interface FolderLimits extends AttachLimits {
  readonly folders: readonly [HostFolder, ...HostFolder[]];
  /** The file mode creation mask of the command: the person's own. */
  readonly umask: number;
}

/** What a rootfs has in these folders is its own; the others are empty, for mounts. */
const rootfsFolders = ['etc', 'usr'];

/** Where mounts of the sandbox itself lie, so that no folder of a person can. */
const reserved = [...rootfsFolders, 'deps', 'dev', 'proc', 'sys', 'sysroot', 'tools'];

/** The folder at the top of the sandbox in which a person's folder cannot be; `undefined` if it can. */
export function reservedFolderOf(folder: string): string | undefined {
  const [, top = ''] = folder.split('/');
  return top === '' || reserved.includes(top) ? `/${top}` : undefined;
}

/** A root whose empty folders can take mounts at any path; made read-only when all are there. */
export async function rootArguments(rootfsPath: string): Promise<readonly string[]> {
  const entries = await readdir(rootfsPath, {withFileTypes: true});
  const made = entries.map(async (entry): Promise<readonly string[]> => {
    const place = path.join(rootfsPath, entry.name);
    const guest = `/${entry.name}`;
    if (entry.isSymbolicLink()) return ['--symlink', await readlink(place), guest];
    return rootfsFolders.includes(entry.name) ? ['--ro-bind', place, guest] : ['--dir', guest];
  });
  return [...(await Promise.all(made)).flat(), '--tmpfs', '/tmp'];
}

/** Mounts folders at the paths that they have on this machine. */
export function folderArguments(folders: readonly HostFolder[]): readonly string[] {
  return folders.flatMap((folder) => [
    ...[folder.isWritable ? '--bind' : '--ro-bind', folder.path, folder.path],
  ]);
}
