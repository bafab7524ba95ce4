import {mkdir, readdir, rm, writeFile} from 'node:fs/promises';
import path from 'node:path';
import type {ResolvedKey} from '../core/digest.js';
import {readIfThere} from './layout.js';
import type {Workspace} from './store.js';

/** What the files of a run were made from. The first file to come and the first to go: without it nothing is resumed. */
const noteName = 'resolved-key';

/** The part of a workspace that a later run goes on with. */
const resumedName = 'build';

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
      if (name === noteName || name === resumedName) continue;
      await rm(path.join(directory, name), {recursive: true, force: true});
    }
  } else {
    await remove();
    await mkdir(directory);
    if (resume !== undefined) await writeFile(note, resume);
  }
  return {path: directory, isResumed, remove};
}
