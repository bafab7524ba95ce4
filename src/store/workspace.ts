import {mkdir, readdir, rm, writeFile} from 'node:fs/promises';
import path from 'node:path';
import type {ResolvedKey} from '../core/digest.js';
import {keptVolumeNote} from '../core/kept-volume.js';
import {readIfThere} from './layout.js';
import type {Workspace} from './store.js';

/** Records the inputs of a run. Written first and removed first: without it nothing is resumed. */
const noteName = 'resolved-key';

/** What a later run resumes from: the folder, or an executor's note of where the content is. */
const resumedNames: readonly string[] = [noteName, 'build', keptVolumeNote];

/**
 * Makes a folder the workspace of a run. With `resume`, the `build` of a run with the same resolved key is kept; with
 * other inputs, such as a compiler with different bytes, the run starts over.
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
