import {readFile, rm, writeFile} from 'node:fs/promises';
import {sha256} from '../core/digest.js';
import {BuildError} from '../core/errors.js';
import type {LocalLocation, Source} from '../core/source.js';
import type {SourceSink} from '../core/source-store.js';
import {packTree} from './python-tree/pack-tree.js';

/**
 * Puts a source that is no download into the store: packs a developer's tree, or copies a file of the project.
 * @throws TreeChangedError if the tree is no longer the one that was planned.
 * @throws ProjectFileError if the file is missing, or not the pinned one.
 */
export async function storeLocalSource(
  source: Source,
  location: LocalLocation,
  sink: SourceSink,
  signal: AbortSignal,
): Promise<void> {
  await using _lock = await sink.lock(source.sha256, signal);
  if (await sink.has(source)) return;
  const temporary = sink.temporaryPathFor(source.sha256);
  try {
    if (location.kind === 'tree') await packTree(location.folder, source, temporary, signal);
    else await copyPinned(location.path, source, temporary);
    await sink.publish(source.sha256, temporary);
  } finally {
    await rm(temporary, {force: true});
  }
}

async function copyPinned(file: string, source: Source, temporary: string): Promise<void> {
  const bytes = await readFile(file).catch((error: unknown) => {
    throw new ProjectFileError(file, `cannot be read: ${(error as Error).message}`);
  });
  const found = sha256(bytes);
  if (found !== source.sha256) {
    throw new ProjectFileError(
      file,
      `is damaged: expected sha256 ${source.sha256}, which is pinned beside it, found ${found}`,
    );
  }
  await writeFile(temporary, bytes);
}

/** A file of the project that a build needs is missing, or is not the pinned one. */
export class ProjectFileError extends BuildError {
  override readonly name = 'ProjectFileError';
  readonly code = 'E_PROJECT_FILE';

  constructor(file: string, problem: string) {
    super(`${file} ${problem}.\nNext: restore it, from version control for example.`);
  }
}
