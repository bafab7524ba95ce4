import {createHash} from 'node:crypto';
import path from 'node:path';
import type {JsonValue} from '../core/digest.js';
import type {StageOutcome} from '../core/events.js';
import type {StageId} from '../core/stage-id.js';
import {readIfThere, writeWhole, type StoreLayout} from './layout.js';
import {commandLine} from './process-title.js';
import {parseSealed, renderSealed} from './sealed-json.js';

/** How a stage ended in a build. `running`: its build ended before it did. */
export interface StageEnd {
  readonly outcome: StageOutcome['kind'] | 'running';
  /** Of its run, if it ran: absolute. Beside it is why it ran. */
  readonly log?: string;
}

/** What the last build of a checkout did. */
export interface BuildRecord {
  /** Absolute path of the project. */
  readonly checkout: string;
  /** As in a terminal: `ampoule build 3.14`. */
  readonly command: string;
  /** Ends in `Z`. */
  readonly started: string;
  /** In the order in which they began; those that did not, in the order of their ends. */
  readonly stages: Readonly<Record<StageId, StageEnd>>;
}

/** Raise it when the members change: records with another number count as missing. */
const format = 1;

/** Stores the record of a build, in place of that of the build before. */
export function writeBuildRecord(layout: StoreLayout, record: BuildRecord): Promise<void> {
  const stages = JSON.parse(JSON.stringify(record.stages)) as JsonValue;
  const file = path.join(layout.builds, buildRecordName(record.checkout));
  return writeWhole(layout, file, renderSealed({format, ...record, stages}));
}

/** The record of the last build of a checkout; `undefined` if it is missing or damaged. */
export async function readBuildRecord(
  layout: StoreLayout,
  checkout: string,
): Promise<BuildRecord | undefined> {
  const file = path.join(layout.builds, buildRecordName(checkout));
  const value = parseSealed((await readIfThere(file)) ?? '');
  // What is sealed was written above.
  return value?.['format'] === format ? (value as unknown as BuildRecord) : undefined;
}

/** The file name of a checkout's record. */
export function buildRecordName(checkout: string): string {
  return `${createHash('sha256').update(checkout).digest('hex').slice(0, 32)}.json`;
}

/** A record of a build of this process that begins now. */
export async function newBuildRecord(checkout: string): Promise<BuildRecord> {
  const command = (await commandLine(process.pid)) ?? '';
  const started = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  return {checkout, command, started, stages: {}};
}
