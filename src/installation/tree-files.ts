import {lstat, readdir, stat} from 'node:fs/promises';
import path from 'node:path';
import type {Installation} from './installation.js';

/** A regular file of a tree. */
export interface TreeFile {
  readonly hostPath: string;
  /** As in a full archive, below `python/`: `install/bin/python3.14`. */
  readonly path: string;
  readonly sizeBytes: number;
}

/**
 * The files of a tree that belong to Python. A prefix that other programs share, such as `/usr`, is not searched; of a build
 * folder only what it runs with counts.
 */
export async function treeFiles(tree: Installation): Promise<readonly TreeFile[]> {
  const {rootPath, prefix, layout, dynamicLoad} = tree;
  if (layout === 'full archive') return filesBelow(rootPath, '');
  if (layout === 'build folder') {
    return [
      ...(await filesIn(prefix, /^python$|^libpython/, 'install/bin')),
      ...(await filesBelow(dynamicLoad, 'install/lib/lib-dynload')),
    ];
  }
  const {majorMinor, standardLibrary} = tree;
  const library = path.relative(prefix, path.dirname(standardLibrary));
  const isOwn = (await readableNames(prefix, 'share/ampoule')).length > 0;
  const ownFolders = [
    path.relative(prefix, standardLibrary),
    ...(await readableNames(prefix, 'include')).flatMap((name) =>
      name.startsWith(`python${majorMinor}`) ? [`include/${name}`] : [],
    ),
    // Without the first, the second belongs to others.
    ...(isOwn ? ['share/ampoule', 'share/terminfo'] : []),
  ];
  const programs = /^(?:python|pip|idle|pydoc|2to3)/;
  return [
    ...(await filesIn(path.join(prefix, 'bin'), programs, 'install/bin')),
    ...(await filesIn(path.join(prefix, library), /^libpython/, `install/${library}`)),
    ...(
      await Promise.all(
        ownFolders.map((name) => filesBelow(path.join(prefix, name), `install/${name}`)),
      )
    ).flat(),
  ];
}

/** Whether a tree has CPython's own tests. */
export async function hasTests({standardLibrary}: Installation): Promise<boolean> {
  return stat(path.join(standardLibrary, 'test/libregrtest')).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/** The names in a folder, sorted; none if there is no folder that can be read. */
export async function readableNames(...parts: readonly string[]): Promise<readonly string[]> {
  return (await readdir(path.join(...parts)).catch(() => [])).toSorted();
}

async function filesIn(
  folder: string,
  pattern: RegExp,
  place: string,
): Promise<readonly TreeFile[]> {
  const names = (await readableNames(folder)).filter((name) => pattern.test(name));
  const files = await Promise.all(
    names.map((name) => fileAt(path.join(folder, name), path.posix.join(place, name))),
  );
  return files.flat();
}

async function filesBelow(folder: string, place: string): Promise<readonly TreeFile[]> {
  const entries = await readdir(folder, {recursive: true, withFileTypes: true}).catch(() => []);
  const files = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) => {
        const hostPath = path.join(entry.parentPath, entry.name);
        return fileAt(hostPath, path.posix.join(place, path.relative(folder, hostPath)));
      }),
  );
  return files.flat().toSorted((left, right) => (left.path < right.path ? -1 : 1));
}

/** None for anything but a regular file. */
async function fileAt(hostPath: string, name: string): Promise<readonly TreeFile[]> {
  const found = await lstat(hostPath).catch(() => undefined);
  return found?.isFile() === true ? [{hostPath, path: name, sizeBytes: found.size}] : [];
}
