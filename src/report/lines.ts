import {assertNever} from '../core/errors.js';
import type {BuildEvent, StageOutcome} from '../core/events.js';
import type {StageId} from '../core/stage-id.js';

/** The kind of a finished stage's line, for its colour. */
export type Tone = 'good' | 'bad' | 'quiet';

/** The line for a finished stage; `progress` is the progress of the build. */
export function finishedLine(
  stage: StageId,
  outcome: StageOutcome,
  progress: string,
): {readonly tone: Tone; readonly word: string; readonly text: string} {
  switch (outcome.kind) {
    case 'built': {
      const text = `${stage} in ${outcome.seconds.toFixed(1)} s [${progress}]`;
      return {tone: 'good', word: 'built', text};
    }
    case 'restored':
      return {tone: 'quiet', word: 'restored', text: `${stage} [${progress}]`};
    case 'failed': {
      const text = `${stage}: ${outcome.error.message.split('\n', 1).join('')} [${progress}]`;
      return {tone: 'bad', word: 'FAILED', text};
    }
    case 'blocked': {
      const text = `${stage}: it needs ${outcome.by}, which failed [${progress}]`;
      return {tone: 'quiet', word: 'skipped', text};
    }
    case 'cancelled':
      return {tone: 'quiet', word: 'stopped', text: `${stage} [${progress}]`};
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

/** The first word of a line, padded to a common width. */
export function label(word: string): string {
  return word.padEnd(8);
}

/** `12.3 MB`. */
export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
