import type {BuildEvent, StageOutcome} from '../core/events.js';
import {assertNever} from '../core/errors.js';
import type {FetchEvent} from '../core/source-store.js';
import type {StageId} from '../core/stage-id.js';
import type {Reporter, Write} from './reporter.js';

/** One line for each thing that happened, without escape codes: for CI, pipes and logs. */
export function plainReporter(write: Write): Reporter {
  const counts = {stages: 0, ended: 0, restored: 0};
  const downloads = {count: 0, bytes: 0};
  const line = (text: string): void => write(`${text}\n`);

  const tellDownloads = (): void => {
    if (downloads.count === 0) return;
    line(`fetched ${downloads.count} sources, ${megabytes(downloads.bytes)}`);
    downloads.count = 0;
    downloads.bytes = 0;
  };

  const onFetch = (event: FetchEvent): void => {
    if (event.kind === 'fetch-finished') {
      downloads.count += 1;
      downloads.bytes += event.source.sizeBytes;
    } else if (event.kind === 'fetch-retried') {
      line(`${event.source.fileName}: ${event.reason}; trying again or elsewhere`);
    }
  };

  const onEvent = (event: BuildEvent): void => {
    switch (event.type) {
      case 'build-started':
        counts.stages = event.stages;
        counts.ended = 0;
        return;
      case 'notice':
        return line(event.message);
      case 'fetch':
        return onFetch(event.event);
      case 'stage-started':
        tellDownloads();
        return line(`start    ${event.stage} (${event.key.slice(0, 12)})`);
      case 'stage-finished':
        counts.ended += 1;
        if (event.outcome.kind === 'restored') counts.restored += 1;
        else line(finishedLine(event.stage, event.outcome, `${counts.ended}/${counts.stages}`));
        return;
      case 'stage-differed':
        return line(
          `warning  ${event.stage} is not reproducible: equal inputs gave ${event.earlier.slice(0, 12)} before ` +
            `and ${event.now.slice(0, 12)} now; the first one is kept`,
        );
      default:
        return assertNever(event);
    }
  };

  const close = (): void => {
    tellDownloads();
    if (counts.restored > 0) line(`${counts.restored} stages were in the store`);
    counts.restored = 0;
  };
  return {onEvent, close};
}

function finishedLine(stage: StageId, outcome: StageOutcome, progress: string): string {
  switch (outcome.kind) {
    case 'built':
      return `built    ${stage} in ${outcome.seconds.toFixed(1)} s [${progress}]`;
    case 'restored':
      return `restored ${stage} [${progress}]`;
    case 'failed':
      return `FAILED   ${stage}: ${outcome.error.message.split('\n', 1).join('')} [${progress}]`;
    case 'blocked':
      return `skipped  ${stage}: it needs ${outcome.by}, which failed [${progress}]`;
    case 'cancelled':
      return `stopped  ${stage} [${progress}]`;
    default:
      return assertNever(outcome);
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
