import {readdir} from 'node:fs/promises';
import path from 'node:path';
import {parseSha256, type JsonValue} from '../core/digest.js';
import {BuildError} from '../core/errors.js';
import {ownCommand} from '../core/own-command.js';
import {buildRecordName} from './build-record.js';
import {namesIn, readIfThere, type RecordIndex, type StoreLayout} from './layout.js';
import {hasLivingOwner, isForgotten, isInUse} from './in-use.js';
import {readMarks, type MissingCheckout, type StoredMark} from './plan-marks.js';
import {logNoteOf, logsOf, stagesWithLogs} from './stage-logs.js';
import {parseStageRecord} from './stage-record.js';
import type {StageRecord} from './store.js';
import {parseWorkName} from './workspace.js';

/** The kind of a thing in a store. */
export type StoredKind =
  | 'artifact'
  | 'source'
  | 'record'
  | 'text'
  | 'log'
  | 'work folder'
  | 'temporary file'
  | 'lock'
  | 'mark'
  | 'build';

/** Something that is no longer needed. */
export interface Garbage {
  readonly kind: StoredKind;
  readonly name: string;
  /** Absolute paths of files or folders. */
  readonly paths: readonly string[];
  /** The lock to hold during the removal; if it is taken, the thing is kept. */
  readonly lock?: string;
}

/** What to do with the marks of checkouts that are not there. */
export interface MissingCheckouts {
  /** By default they are kept for a while. */
  readonly missing?: 'keep' | 'forget';
  /** Is told of the kept ones. */
  readonly onMissing?: (missing: readonly MissingCheckout[]) => void;
}

/** A store has no marks that show what is needed. */
export class NoMarksError extends BuildError {
  override readonly name = 'NoMarksError';
  readonly code = 'E_NO_MARKS';

  constructor(root: string) {
    super(
      `No build has marked what it uses in ${root}: everything would be removed.\n` +
        `Next: ${ownCommand('build')}, for each Python that you want to keep; or remove the folder.`,
    );
  }
}

/** What living marks keep. */
interface Living {
  readonly stageKeys: ReadonlySet<string>;
  readonly stages: ReadonlySet<string>;
  readonly sources: ReadonlySet<string>;
  readonly texts: Set<string>;
  readonly resolvedKeys: Set<string>;
  readonly artifacts: Set<string>;
  readonly logs: Set<string>;
  /** Stage keys that have a record, so that leftovers of their runs are not needed. */
  readonly built: Set<string>;
}

/**
 * Everything that is unreachable from living marks: the last plan of each existing checkout, and what running builders
 * use. Call it while no other sweep can run.
 * @throws NoMarksError when there are artifacts but no marks.
 */
export async function findGarbage(
  layout: StoreLayout,
  {missing = 'keep', onMissing}: MissingCheckouts = {},
): Promise<readonly Garbage[]> {
  const {living: marks, dead, missing: missed} = await readMarks(layout, missing);
  onMissing?.(missed);
  const artifacts = await readdir(layout.artifacts);
  if (marks.length + dead.length === 0 && artifacts.length > 0) throw new NoMarksError(layout.root);
  const living = livingOf(marks);
  // Records first, because they decide which artifacts, logs and texts live.
  const records = await deadRecords(layout, living);
  return [
    ...dead.map((file) => garbage('mark', file)),
    ...records,
    ...artifacts
      .filter((name) => parseSha256(name) !== undefined && !living.artifacts.has(name))
      .map((name) => garbage('artifact', path.join(layout.artifacts, name))),
    ...(await deadSources(layout, living)),
    ...(await readdir(layout.texts))
      .filter((name) => !living.texts.has(name))
      .map((name) => garbage('text', path.join(layout.texts, name))),
    ...(await deadBuilds(layout, marks)),
    ...(await deadLogs(layout, living)),
    ...(await deadWork(layout, living)),
    ...(await deadLocks(layout)),
    ...(await deadTemporaries(layout, layout.tmp)),
    ...(await deadTemporaries(layout, layout.owners)),
  ];
}

function garbage(kind: StoredKind, file: string, more: Partial<Garbage> = {}): Garbage {
  return {kind, name: path.basename(file), paths: [file], ...more};
}

function livingOf(marks: readonly StoredMark[]): Living {
  return {
    stageKeys: new Set(marks.flatMap((mark) => Object.values(mark.stages))),
    stages: new Set(marks.flatMap((mark) => Object.keys(mark.stages))),
    sources: new Set(marks.flatMap((mark) => mark.sources)),
    texts: new Set(marks.flatMap((mark) => mark.texts)),
    resolvedKeys: new Set(),
    artifacts: new Set(),
    logs: new Set(),
    built: new Set(),
  };
}

/** The records to remove. Adds what the others refer to to `living`. */
async function deadRecords(layout: StoreLayout, living: Living): Promise<readonly Garbage[]> {
  const dead: Garbage[] = [];
  const walk = async (
    index: RecordIndex,
    isNeeded: (name: string) => boolean,
    keep: (record: StageRecord) => void,
  ): Promise<void> => {
    const folder = layout.records[index];
    for (const file of await readdir(folder)) {
      const name = file.replace(/\.json$/, '');
      if (!isNeeded(name)) {
        dead.push({...garbage('record', path.join(folder, file)), name: `${index}/${name}`});
        continue;
      }
      const record = parseStageRecord((await readIfThere(path.join(folder, file))) ?? '');
      if (record === undefined) continue;
      keep(record);
      living.logs.add(record.log);
      for (const text of textsIn(record.inputs)) living.texts.add(text);
    }
  };
  await walk(
    'stage-key',
    (name) => living.stageKeys.has(name),
    (record) => {
      living.built.add(record.stageKey);
      living.resolvedKeys.add(record.resolvedKey);
      living.artifacts.add(record.artifact);
    },
  );
  await walk(
    'resolved-key',
    (name) => living.resolvedKeys.has(name),
    (record) => living.artifacts.add(record.artifact),
  );
  // `why` compares with the newest record of a stage, and does not need its artifact.
  await walk(
    'newest',
    (name) => living.stages.has(decodeURIComponent(name)),
    () => undefined,
  );
  return dead;
}

/** The digests of scripts and files that a record's inputs name. */
function textsIn(inputs: JsonValue): readonly string[] {
  if (inputs === null || typeof inputs !== 'object' || Array.isArray(inputs)) return [];
  const {script, files} = inputs as Readonly<Record<string, JsonValue>>;
  const values = [script, ...Object.values(typeof files === 'object' ? (files ?? {}) : {})];
  return values.filter((value): value is string => typeof value === 'string');
}

async function deadSources(layout: StoreLayout, living: Living): Promise<readonly Garbage[]> {
  const found: Garbage[] = [];
  for (const name of await readdir(layout.sources)) {
    const [digest = '', ...rest] = name.split('.');
    const file = path.join(layout.sources, name);
    if (parseSha256(digest) === undefined) continue;
    const lock = path.join(layout.sources, `${digest}.partial.lock`);
    if (file === lock) {
      if (!(await hasLivingOwner(layout, file))) found.push({kind: 'lock', name, paths: [], lock});
    } else if (rest.length > 2) {
      if (await isForgotten(layout, file)) found.push(garbage('lock', file));
    } else if (!living.sources.has(digest) && !(await hasLivingOwner(layout, lock))) {
      found.push(garbage('source', file, {lock}));
    }
  }
  return found;
}

/** Records of the last builds of checkouts that have no mark. */
async function deadBuilds(
  layout: StoreLayout,
  marks: readonly StoredMark[],
): Promise<readonly Garbage[]> {
  const living = new Set(marks.map(({checkout}) => buildRecordName(checkout)));
  return (await namesIn(layout.builds))
    .filter((name) => !living.has(name))
    .map((name) => garbage('build', path.join(layout.builds, name)));
}

async function deadLogs(layout: StoreLayout, living: Living): Promise<readonly Garbage[]> {
  const found: Garbage[] = [];
  for (const stage of await stagesWithLogs(layout)) {
    const logs = await logsOf(layout, stage);
    for (const [index, log] of logs.entries()) {
      const isNewest = index === 0 && living.stages.has(stage);
      if (isNewest || log.outcome === 'running' || living.logs.has(log.path)) continue;
      const name = path.join(stage, path.basename(log.path));
      found.push({kind: 'log', name, paths: [log.path, logNoteOf(log.path)]});
    }
  }
  return found;
}

/** Files of a failed run of a stage in the last plan are kept for `ampoule shell`. */
async function deadWork(layout: StoreLayout, living: Living): Promise<readonly Garbage[]> {
  const found: Garbage[] = [];
  for (const name of await readdir(layout.work)) {
    const {key, isRun} = parseWorkName(name);
    const lock = path.join(layout.locks, key);
    const folder = path.join(layout.work, name);
    const isShown = living.stageKeys.has(key) && !living.built.has(key);
    if (isShown || (await hasLivingOwner(layout, lock))) continue;
    if (isRun && (await isInUse(layout, folder))) continue;
    found.push(garbage('work folder', folder, {lock}));
  }
  return found;
}

async function deadLocks(layout: StoreLayout): Promise<readonly Garbage[]> {
  const found: Garbage[] = [];
  for (const name of await readdir(layout.locks)) {
    const file = path.join(layout.locks, name);
    if (await hasLivingOwner(layout, file)) continue;
    if (!name.includes('.')) found.push({kind: 'lock', name, paths: [], lock: file});
    else if (await isForgotten(layout, file)) found.push(garbage('lock', file));
  }
  return found;
}

async function deadTemporaries(layout: StoreLayout, folder: string): Promise<readonly Garbage[]> {
  const found: Garbage[] = [];
  for (const name of await namesIn(folder)) {
    const file = path.join(folder, name);
    if (!(await isInUse(layout, file))) found.push(garbage('temporary file', file));
  }
  return found;
}
