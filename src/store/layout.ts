import {randomUUID} from 'node:crypto';
import {readdir, readFile, rename, rm, writeFile} from 'node:fs/promises';
import path from 'node:path';
import type {StageId} from '../core/stage-id.js';
import {ownerName} from './owner.js';

/** Raise it when the folders below change; older stores are then left alone. */
const layoutVersion = 1;

/** The folders of a store, as absolute paths. */
export interface StoreLayout {
  readonly root: string;
  readonly sources: string;
  readonly artifacts: string;
  readonly records: Readonly<Record<RecordIndex, string>>;
  readonly texts: string;
  readonly marks: string;
  readonly builds: string;
  readonly logs: string;
  readonly work: string;
  readonly locks: string;
  /** The sockets of builders: see `owner-socket.ts`. */
  readonly owners: string;
  readonly tmp: string;
}

/** The indexes of records. */
export type RecordIndex = 'stage-key' | 'resolved-key' | 'newest';

/** The folders of the store in `folder`. */
export function layoutOf(folder: string): StoreLayout {
  const root = path.join(path.resolve(folder), `v${layoutVersion}`);
  const at = (...names: string[]): string => path.join(root, ...names);
  return {
    root,
    sources: at('sources'),
    artifacts: at('artifacts'),
    records: {
      'stage-key': at('records', 'stage-key'),
      'resolved-key': at('records', 'resolved-key'),
      newest: at('records', 'newest'),
    },
    texts: at('texts'),
    marks: at('marks'),
    builds: at('builds'),
    logs: at('logs'),
    work: at('work'),
    locks: at('locks'),
    owners: at('owners'),
    tmp: at('tmp'),
  };
}

/** Every folder that a store has. */
export function foldersOf({records, ...folders}: StoreLayout): readonly string[] {
  return [...Object.values(folders), ...Object.values(records)];
}

/** A stage's name as a file name. */
export function stageFileName(stage: StageId): string {
  return encodeURIComponent(stage);
}

/** Writes a file atomically: readers see the old text or the new one, never a part. */
export async function writeWhole(layout: StoreLayout, file: string, text: string): Promise<void> {
  const temporary = path.join(layout.tmp, `${await ownerName(layout.owners)}-${randomUUID()}`);
  try {
    await writeFile(temporary, text);
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, {force: true}).catch(() => undefined);
    throw error;
  }
}

/** The text of a file; `undefined` if it cannot be read. */
export async function readIfThere(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(() => undefined);
}

/** The names in a folder; none if it does not exist. */
export async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  });
}
