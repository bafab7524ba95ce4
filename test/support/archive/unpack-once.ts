import {lstat, readdir} from 'node:fs/promises';
import path from 'node:path';
import {archivesVariable, installCases} from './archives.js';
import {findArchives} from './find-archives.js';
import {installFrom, makeScratch, removeScratch} from './unpack.js';

/**
 * Finds the archives of a run of the tests, and unpacks what users install of them once: `unpackedCopy` gives each suite a
 * tree of hard links. A test that changes a file in place would change it for the others: the run fails then.
 */
export default async function unpackOnce(): Promise<() => Promise<void>> {
  process.env[archivesVariable] = JSON.stringify(await findArchives());
  const folder = await makeScratch();
  for (const [, {installed}] of installCases()) {
    await installFrom(installed, path.join(folder, path.basename(installed)));
  }
  const before = await stateOf(folder);
  process.env['AMPOULE_E2E_UNPACKED'] = folder;
  return async () => {
    const after = await stateOf(folder);
    await removeScratch(folder);
    const changed = [...before].filter(([file, state]) => after.get(file) !== state);
    if (changed.length === 0 && before.size === after.size) return;
    throw new Error(`tests have changed unpacked files in place: ${changed.join('\n')}`);
  };
}

async function stateOf(folder: string): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(folder, {recursive: true, withFileTypes: true});
  const files = entries.filter((entry) => !entry.isDirectory());
  const states = files.map(async (entry) => {
    const file = path.join(entry.parentPath, entry.name);
    const {mode, size, mtimeMs, uid} = await lstat(file);
    return [file, [mode, size, mtimeMs, uid].join(' ')] as const;
  });
  return new Map(await Promise.all(states));
}
