import {readdir} from 'node:fs/promises';
import path from 'node:path';
import {parseSha256, sha256} from '../core/digest.js';
import type {StageId} from '../core/stage-id.js';
import {messageOf} from '../core/errors.js';
import {isThere} from '../files/is-there.js';
import type {DiskStore} from './disk-store.js';
import {dependentsIn} from './dependents.js';
import type {Garbage, StoredKind} from './find-garbage.js';
import {namesIn, readIfThere, stageFileName, type RecordIndex, type StoreLayout} from './layout.js';
import {markProblem} from './plan-marks.js';
import {parseSealed} from './sealed-json.js';
import {logNoteOf, logsOf, stagesWithLogs} from './stage-logs.js';
import {isTrueRecord, parseStageRecord} from './stage-record.js';
import type {StageRecord} from './store.js';
import {moveAsideAndRemove, type OnLeft} from './sweep.js';
import {digestProblem, digestTree} from './tree.js';
import {hashFile, Slices} from './hash-file.js';

/** Something in a store that does not match its name. */
export interface Damage {
  readonly kind: StoredKind;
  readonly name: string;
  readonly path: string;
  /** What was expected and found. */
  readonly problem: string;
  /** The stages of the artifact or record. */
  readonly stages: readonly StageId[];
  /** The stages that were built from it, directly or through others, as far as records tell. */
  readonly dependents: readonly StageId[];
}

/** What was checked, by kind, and the damage. */
export interface Verification {
  readonly checked: Readonly<Partial<Record<StoredKind, number>>>;
  readonly damages: readonly Damage[];
}

/** Reads every artifact, source, record, text and mark of a store, and compares each with its name. */
export async function verifyStore(layout: StoreLayout, signal: AbortSignal): Promise<Verification> {
  const records = await readRecords(layout);
  const dependents = dependentsIn(records.flatMap(({record}) => record ?? []));
  const damages: Damage[] = [];
  const checked: Partial<Record<StoredKind, number>> = {};
  const check = async (thing: Thing): Promise<void> => {
    signal.throwIfAborted();
    checked[thing.kind] = (checked[thing.kind] ?? 0) + 1;
    const problem = await thing.look().catch(messageOf);
    signal.throwIfAborted();
    if (problem === undefined || !(await isThere(thing.path))) return;
    const {kind, name, stages} = thing;
    damages.push({
      ...{kind, name, path: thing.path, problem, stages},
      dependents: dependents(name).filter((stage) => !stages.includes(stage)),
    });
  };
  for (const record of records) await check(record.thing);
  for (const thing of await artifactThings(layout, records, signal)) await check(thing);
  for (const thing of await fileThings(layout, signal)) await check(thing);
  return {checked, damages};
}

/** Removes what is damaged, so that the next build makes or downloads it again. */
export async function repairStore(
  store: DiskStore,
  damages: readonly Damage[],
  onLeft?: OnLeft,
): Promise<void> {
  const garbage = damages.map(({kind, name, path: file}): Garbage => ({kind, name, paths: [file]}));
  await moveAsideAndRemove(store, () => Promise.resolve(garbage), onLeft);
}

/** One thing to check. */
interface Thing {
  readonly kind: StoredKind;
  readonly name: string;
  readonly path: string;
  readonly stages: readonly StageId[];
  /** The problem; `undefined` if there is none. May throw, which is a problem too. */
  readonly look: () => Promise<string | undefined>;
}

interface ReadRecord {
  readonly record: StageRecord | undefined;
  readonly thing: Thing;
}

const nameIn = {
  'stage-key': (record) => record.stageKey,
  'resolved-key': (record) => record.resolvedKey,
  newest: (record) => stageFileName(record.stage),
} as const satisfies Record<RecordIndex, (record: StageRecord) => string>;

async function readRecords(layout: StoreLayout): Promise<readonly ReadRecord[]> {
  const found: ReadRecord[] = [];
  for (const index of ['stage-key', 'resolved-key', 'newest'] as const) {
    const folder = layout.records[index];
    for (const file of await readdir(folder)) {
      const record = parseStageRecord((await readIfThere(path.join(folder, file))) ?? '');
      const problem = problemOf(record, index, file);
      const thing: Thing = {
        kind: 'record',
        name: `${index}/${file}`,
        path: path.join(folder, file),
        stages: record === undefined ? [] : [record.stage],
        look: () => Promise.resolve(problem),
      };
      found.push({record, thing});
    }
  }
  return found;
}

function problemOf(
  record: StageRecord | undefined,
  index: RecordIndex,
  file: string,
): string | undefined {
  if (record === undefined) return 'expected a record, found something else';
  if (`${nameIn[index](record)}.json` !== file) return 'it is the record of something else';
  return isTrueRecord(record) ? undefined : 'its resolved key is not that of its inputs';
}

async function artifactThings(
  layout: StoreLayout,
  records: readonly ReadRecord[],
  signal: AbortSignal,
): Promise<readonly Thing[]> {
  const stages = new Map<string, Set<StageId>>();
  for (const {record} of records) {
    if (record === undefined) continue;
    stages.set(record.artifact, (stages.get(record.artifact) ?? new Set()).add(record.stage));
  }
  return (await readdir(layout.artifacts)).map((name) => {
    const file = path.join(layout.artifacts, name);
    const look = async () => digestProblem(name, await digestTree(file, {signal}));
    return {kind: 'artifact', name, path: file, stages: [...(stages.get(name) ?? [])], look};
  });
}

async function fileThings(layout: StoreLayout, signal: AbortSignal): Promise<readonly Thing[]> {
  const files = async (
    kind: StoredKind,
    folder: string,
    look: (name: string, file: string) => Promise<string | undefined>,
  ): Promise<readonly Thing[]> =>
    (await namesIn(folder)).map((name) => {
      const file = path.join(folder, name);
      return {kind, name, path: file, stages: [], look: () => look(name, file)};
    });
  // Downloads in progress have longer names.
  const sources = (
    await files('source', layout.sources, async (name, file) =>
      digestProblem(name, await hashFile(file, new Slices(signal))),
    )
  ).filter(({name}) => parseSha256(name) !== undefined);
  const texts = await files('text', layout.texts, async (name, file) =>
    digestProblem(name, sha256((await readIfThere(file)) ?? '')),
  );
  const marks = await files('mark', layout.marks, (_name, file) => markProblem(layout, file));
  const builds = await files('build', layout.builds, async (_name, file) =>
    parseSealed((await readIfThere(file)) ?? '') === undefined
      ? 'expected the record of a build, found something else'
      : undefined,
  );
  return [...sources, ...texts, ...marks, ...builds, ...(await logThings(layout))];
}

/** The notes beside logs. What a stage printed has no digest, and nothing is made from it. */
async function logThings(layout: StoreLayout): Promise<readonly Thing[]> {
  const things: Thing[] = [];
  for (const stage of await stagesWithLogs(layout)) {
    for (const {path: log} of await logsOf(layout, stage)) {
      const file = logNoteOf(log);
      const look = async (): Promise<string | undefined> =>
        parseSealed((await readIfThere(file)) ?? '') === undefined
          ? 'expected the note of a log, found something else'
          : undefined;
      things.push({kind: 'log', name: path.basename(file), path: file, stages: [stage], look});
    }
  }
  return things;
}
