import {assertNever} from '../core/errors.js';
import type {BuildEvent} from '../core/events.js';
import {printable} from '../core/printable.js';
import type {FetchEvent} from '../core/source-store.js';
import type {StageId} from '../core/stage-id.js';
import {Downloads} from './downloads.js';
import {FetchTroubles, retriedText} from './fetch-troubles.js';
import {archiveLines, becauseLines, differedText, label, stageLines} from './lines.js';
import {OutputLines} from './output-lines.js';
import type {Reporter, Write} from './reporter.js';
import {Tally} from './tally.js';
import {estimateText} from './time-left.js';

/** How often downloads that take long are told. */
const tellIntervalMs = 10_000;

/** What plain lines show beyond the usual. */
export interface PlainOptions {
  /** Why each stage runs. */
  readonly explains?: boolean;
  /** What stages print. */
  readonly showsOutput?: boolean;
  readonly now?: () => number;
}

/** One line per event, without escape codes: for CI, pipes and logs. */
export function plainReporter(write: Write, options: PlainOptions = {}): Reporter {
  const plain = new PlainReporter(write, options);
  return {onEvent: (event) => plain.show(event), close: () => plain.close()};
}

class PlainReporter {
  private readonly tally: Tally;
  private readonly downloads: Downloads;
  private readonly troubles = new FetchTroubles();
  private readonly output = new OutputLines();
  private readonly now: () => number;
  private toldMs = 0;
  private isClosed = false;

  constructor(
    private readonly write: Write,
    private readonly options: PlainOptions,
  ) {
    this.now = options.now ?? (() => performance.now());
    this.tally = new Tally(this.now);
    this.downloads = new Downloads(this.now);
  }

  show(event: BuildEvent): void {
    this.tally.take(event);
    switch (event.type) {
      case 'build-started':
        return;
      case 'stage-output':
        if (this.options.showsOutput !== true) return;
        return this.showOutput(event.stage, this.output.take(event.stage, event.chunk));
      case 'build-estimated':
        return this.line(
          `${label('estimate')} ${estimateText(event.seconds, event)} by earlier runs`,
        );
      case 'notice':
        return this.line(event.message);
      case 'fetch':
        return this.showFetch(event.event);
      case 'stage-started':
        this.tellFetched();
        this.line(`${label('start')} ${event.stage} (${event.key.slice(0, 12)})`);
        if (this.options.explains === true) becauseLines(event).forEach((text) => this.line(text));
        return;
      case 'stage-phase':
        return this.line(`${label('phase')} ${event.stage}: ${event.phase}`);
      case 'stage-finished': {
        this.showOutput(event.stage, this.output.end(event.stage));
        const finished = this.tally.finishedLine(event);
        if (finished !== undefined) this.line(`${label(finished.word)} ${finished.text}`);
        return;
      }
      case 'stage-differed':
        return this.line(`${label('warning')} ${differedText(event)}`);
      case 'build-finished':
        return [...archiveLines(event), ...stageLines(event)].forEach((text) => this.line(text));
      default:
        return assertNever(event);
    }
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.tellFetched();
    for (const trouble of this.troubles.lines()) this.line(`${label('warning')} ${trouble}`);
    for (const text of this.tally.summary()) this.line(text);
  }

  private showFetch(event: FetchEvent): void {
    this.downloads.take(event);
    if (event.kind === 'fetch-started' && this.downloads.runningCount === 1) {
      this.toldMs = this.now();
    } else if (event.kind === 'fetch-progress' && this.now() - this.toldMs >= tellIntervalMs) {
      this.toldMs = this.now();
      this.line(`fetching ${this.downloads.text}`);
    } else if (event.kind === 'fetch-retried') {
      this.troubles.take(event);
      this.line(retriedText(event));
    }
  }

  private showOutput(stage: StageId, lines: readonly string[]): void {
    for (const line of lines) this.line(`${label('output')} ${stage}: ${line}`);
  }

  private tellFetched(): void {
    const text = this.downloads.fetchedText;
    if (text === undefined) return;
    this.line(`fetched ${text}`);
    this.downloads.forgetFetched();
  }

  private line(text: string): void {
    this.write(`${printable(text)}\n`);
  }
}
