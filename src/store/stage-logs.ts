import {createWriteStream} from 'node:fs';
import {mkdir, readdir} from 'node:fs/promises';
import path from 'node:path';
import {finished} from 'node:stream/promises';
import {compareCodeUnits, type JsonValue} from '../core/digest.js';
import type {RunReason} from '../core/run-reason.js';
import type {StageId} from '../core/stage-id.js';
import {readIfThere, stageFileName, writeWhole, type StoreLayout} from './layout.js';
import {livingOwner, ownerText} from './owner.js';
import {parseSealed, renderSealed} from './sealed-json.js';
import type {LogEnding, StageLog} from './store.js';

/** A log in the store. */
export interface StoredLog {
  readonly stage: StageId;
  /** Absolute. */
  readonly path: string;
  /** Ends in `Z`: the start of the run. */
  readonly started: string;
  /** `lost`: its writer died without recording the ending, or predates recorded endings. */
  readonly outcome: LogEnding['outcome'] | 'running' | 'lost';
  /** Duration of the run, if its ending is known. */
  readonly seconds?: number;
  /** Why the stage ran; earlier versions did not record it. */
  readonly reason?: RunReason;
}

/** Opens a new log of a stage. A file beside it records why it runs, the writer and, later, how the run ended. */
export async function openStageLog(
  layout: StoreLayout,
  stage: StageId,
  reason?: RunReason,
): Promise<StageLog> {
  const directory = path.join(layout.logs, stageFileName(stage));
  await mkdir(directory, {recursive: true});
  const stamp = new Date().toISOString().replaceAll(/[:.]/g, '-');
  const file = path.join(directory, `${stamp}-${process.pid}.log`);
  const note = reason === undefined ? {} : {reason: asJson(reason)};
  const owner = await ownerText(layout.owners);
  await writeWhole(layout, logNoteOf(file), renderSealed({...note, owner}));
  const stream = createWriteStream(file, {flags: 'a'});
  const closed = finished(stream);
  // A full disk is reported when the log is closed, not as an unhandled rejection during the run.
  closed.catch(() => undefined);
  return {
    path: file,
    write: (chunk) => void stream.write(chunk),
    close: async (ending) => {
      stream.end();
      await closed;
      await writeWhole(layout, logNoteOf(file), renderSealed({...note, ...ending}));
    },
  };
}

/** Every stage that has a log. */
export async function stagesWithLogs(layout: StoreLayout): Promise<readonly StageId[]> {
  return (await readdir(layout.logs)).map(decodeURIComponent).sort(compareCodeUnits);
}

/** A stage's logs, the newest first. */
export async function logsOf(layout: StoreLayout, stage: StageId): Promise<readonly StoredLog[]> {
  const directory = path.join(layout.logs, stageFileName(stage));
  const names = await readdir(directory).catch(() => []);
  const logs = names.filter((name) => name.endsWith('.log')).sort(compareCodeUnits);
  return Promise.all(
    logs.reverse().map((name) => logOf(layout, stage, path.join(directory, name))),
  );
}

/** When a run started, from its log's name: `2026-11-21T09:49:57Z`. */
export function startOfLog(file: string): string {
  return path
    .basename(file)
    .replace(/^(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d)-\d{3}Z.*$/, '$1T$2:$3:$4Z');
}

/** What is known of a log of a stage, by its path. */
export async function logOf(layout: StoreLayout, stage: StageId, file: string): Promise<StoredLog> {
  const started = startOfLog(file);
  const note = parseSealed((await readIfThere(logNoteOf(file))) ?? '') ?? {};
  const {outcome, owner} = note;
  const reason = parseReason(note['reason']);
  const log = {stage, path: file, started, ...(reason !== undefined && {reason})};
  if (outcome === 'built' || outcome === 'failed' || outcome === 'stopped') {
    return {...log, outcome, seconds: Number(note['seconds'])};
  }
  const isRunning =
    typeof owner === 'string' && (await livingOwner(owner, layout.owners)) !== undefined;
  return {...log, outcome: isRunning ? 'running' : 'lost'};
}

/** Without members that are `undefined`, which JSON does not have. */
function asJson(reason: RunReason): JsonValue {
  return JSON.parse(JSON.stringify(reason)) as JsonValue;
}

/** A sealed note has what was written into it. */
function parseReason(value: JsonValue | undefined): RunReason | undefined {
  const isReason = value !== null && typeof value === 'object' && 'changes' in value;
  return isReason ? (value as unknown as RunReason) : undefined;
}

/** The file beside a log that records its writer and how the run ended. */
export function logNoteOf(log: string): string {
  return log.replace(/\.log$/, '.json');
}
