import {assertNever} from '../core/errors.js';
import type {BuildEvent} from '../core/events.js';
import {printable} from '../core/printable.js';
import type {FetchEvent} from '../core/source-store.js';
import {FetchTroubles, retriedText} from './fetch-troubles.js';
import {differedText, finishedLine, label, megabytes} from './lines.js';
import type {Reporter, Write} from './reporter.js';

/** One line per event, without escape codes: for CI, pipes and logs. */
export function plainReporter(write: Write): Reporter {
  const counts = {stages: 0, ended: 0, restored: 0};
  const downloads = {count: 0, bytes: 0};
  const troubles = new FetchTroubles();
  const line = (text: string): void => write(`${printable(text)}\n`);

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
      troubles.take(event);
      line(retriedText(event));
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
        return line(`${label('start')} ${event.stage} (${event.key.slice(0, 12)})`);
      case 'stage-output':
        return;
      case 'stage-finished': {
        counts.ended += 1;
        if (event.outcome.kind === 'restored') counts.restored += 1;
        if (event.outcome.kind === 'restored') return;
        const progress = `${counts.ended}/${counts.stages}`;
        const {word, text} = finishedLine(event.stage, event.outcome, progress);
        return line(`${label(word)} ${text}`);
      }
      case 'stage-differed':
        return line(`${label('warning')} ${differedText(event)}`);
      default:
        return assertNever(event);
    }
  };

  const close = (): void => {
    tellDownloads();
    for (const trouble of troubles.lines()) line(`${label('warning')} ${trouble}`);
    if (counts.restored > 0) line(`${counts.restored} stages were in the store`);
    counts.restored = 0;
  };
  return {onEvent, close};
}
