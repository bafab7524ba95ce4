import path from 'node:path';
import {assertNever} from '../core/errors.js';
import type {BuildEvent, StageOutcome} from '../core/events.js';
import type {StageId} from '../core/stage-id.js';
import {reasonLines} from './reason-lines.js';

/** The kind of a finished stage's line, for its colour. */
export type Tone = 'good' | 'bad' | 'quiet';

/** A line that stays. */
export interface KeptLine {
  readonly tone: Tone;
  readonly word: string;
  readonly text: string;
}

/** The line for a finished stage; `undefined` for one that never began and one that was in the store. */
export function finishedLine(
  stage: StageId,
  outcome: StageOutcome,
  {progress, hasBegun}: {readonly progress: string; readonly hasBegun: boolean},
): KeptLine | undefined {
  switch (outcome.kind) {
    case 'built': {
      const text = `${stage} in ${outcome.seconds.toFixed(1)} s [${progress}]`;
      return {tone: 'good', word: 'built', text};
    }
    case 'restored':
      return undefined;
    case 'failed': {
      const text = `${stage}: ${outcome.error.message.split('\n', 1).join('')} [${progress}]`;
      return {tone: 'bad', word: 'FAILED', text};
    }
    case 'blocked':
      return {
        tone: 'quiet',
        word: 'skipped',
        text: `${stage}: it needs ${outcome.by}, which failed`,
      };
    case 'cancelled':
      return hasBegun ? {tone: 'quiet', word: 'stopped', text: stage} : undefined;
    default:
      return assertNever(outcome);
  }
}

/** The text for a stage that is not reproducible. */
export function differedText(
  event: Extract<BuildEvent, {readonly type: 'stage-differed'}>,
): string {
  return (
    `${event.stage} is not reproducible: equal inputs gave ${event.earlier.slice(0, 12)} before ` +
    `and ${event.now.slice(0, 12)} now; the first one is kept`
  );
}

/** Why a stage runs, a line for each reason. */
export function becauseLines({
  stage,
  reason,
}: Extract<BuildEvent, {readonly type: 'stage-started'}>): readonly string[] {
  const lines = reason === undefined ? [] : reasonLines(reason);
  return lines.map((line) => `${label('because')} ${stage}: ${line}`);
}

/** The first word of a line, padded to a common width. */
export function label(word: string): string {
  return word.padEnd(8);
}

/** The archives of a finished build, with their sizes. */
export function archiveLines({
  archives,
}: Extract<BuildEvent, {readonly type: 'build-finished'}>): readonly string[] {
  const folders = [...new Set(archives.map((archive) => path.dirname(archive.path)))];
  return folders.flatMap((folder) => [
    `in ${folder}:`,
    ...archives
      .filter((archive) => path.dirname(archive.path) === folder)
      .map(
        ({path: file, sizeBytes}) => `${megabytes(sizeBytes).padStart(10)}  ${path.basename(file)}`,
      ),
  ]);
}

/** Stages that were asked for by name, with their trees and logs. */
export function stageLines({
  stages = [],
}: Extract<BuildEvent, {readonly type: 'build-finished'}>): readonly string[] {
  return stages.flatMap(({stage, path: tree, log}) => [
    `${stage}:`,
    `  tree ${tree}`,
    `  log  ${log}`,
  ]);
}

/** `1 stage`, `2 stages`. @param many the plural, if it is not regular. */
export function countOf(count: number, noun: string, many = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : many}`;
}

/** `12.3 MB`. */
export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/** `1.5/2.0 MB`. */
export function megabytesOf(bytes: number, allBytes: number): string {
  return `${(bytes / 1e6).toFixed(1)}/${megabytes(allBytes)}`;
}

/** `4.5 MB/s`, `812 kB/s`. */
export function rate(bytesPerSecond: number): string {
  if (bytesPerSecond < 999_500) return `${Math.round(bytesPerSecond / 1e3)} kB/s`;
  return `${megabytes(bytesPerSecond)}/s`;
}

/** `7 s`, `1m 12s`, `2h 03m`. */
export function duration(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${twoDigits(seconds % 60)}s`;
  return `${Math.floor(seconds / 3600)}h ${twoDigits(Math.floor(seconds / 60) % 60)}m`;
}

/** An estimated time: `40 s`, `6 min`, `2h 05m`. */
export function roughDuration(seconds: number): string {
  if (seconds <= 10) return `${Math.max(1, Math.ceil(seconds))} s`;
  if (seconds <= 90) return `${Math.ceil(seconds / 10) * 10} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  return `${Math.floor(minutes / 60)}h ${twoDigits(minutes % 60)}m`;
}

function twoDigits(count: number): string {
  return String(count).padStart(2, '0');
}
