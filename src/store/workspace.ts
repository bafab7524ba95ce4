import {mkdir, readdir, rm, writeFile} from 'node:fs/promises';
import path from 'node:path';
import type {ResolvedKey} from '../core/digest.js';
import {keptVolumeNote} from '../core/kept-volume.js';
import {readIfThere} from './layout.js';
import type {Workspace} from './store.js';

/** What the files of a run were made from. The first file to come and the first to go: without it nothing is resumed. */
const noteName = 'resolved-key';

/** What a later run goes on with: the folder, or the note of an executor that has its content elsewhere. */
const resumedNames: readonly string[] = [noteName, 'build', keptVolumeNote];

/**
 * Makes a folder the workspace of a run. With `resume` the `build` that a run of the same resolved key left is kept;
 * other inputs, such as a compiler that came out with other bytes, begin anew.
 */
export async function openWorkspace(directory: string, resume?: ResolvedKey): Promise<Workspace> {
  const note = path.join(directory, noteName);
  const remove = async (): Promise<void> => {
    await rm(note, {force: true});
    await rm(directory, {recursive: true, force: true});
  };
  const isResumed = resume !== undefined && (await readIfThere(note)) === resume;
  if (isResumed) {
    for (const name of await readdir(directory)) {
      if (resumedNames.includes(name)) continue;
      await rm(path.join(directory, name), {recursive: true, force: true});
    }
  } else {
    await remove();
    await mkdir(directory);
    if (resume !== undefined) await writeFile(note, resume);
  }
  return {path: directory, isResumed, remove};
}
