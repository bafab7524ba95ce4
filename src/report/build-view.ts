import type {BuildEvent} from '../core/events.js';
import type {FetchEvent} from '../core/source-store.js';
import {printableLine} from '../core/printable.js';
import type {StageId} from '../core/stage-id.js';
import {fit, fitWithin, lastLine} from './fit.js';
import {megabytes} from './lines.js';

/** The style of a part of a line. */
export type Paint = (style: 'name' | 'faint', text: string) => string;

/** How large the view may be. */
export interface ViewSize {
  readonly columns: number;
  readonly rows: number;
}

interface RunningStage {
  readonly startedMs: number;
  line: string;
}

interface Download {
  readonly fileName: string;
  readonly sizeBytes: number;
  receivedBytes: number;
}

/** The maximum number of lines for downloads; further downloads are counted. */
const shownDownloads = 3;

/** What is running, as lines of text. Pure except for the given clock. */
export class BuildView {
  private readonly running = new Map<StageId, RunningStage>();
  private readonly downloads = new Map<string, Download>();
  private stages = 0;
  private ended = 0;
  /** For this graph only. */
  private restored = 0;
  private fetched = {count: 0, bytes: 0};

  constructor(private readonly now: () => number) {}

  /** The progress of the build, `12/27`. */
  get progress(): string {
    return `${this.ended}/${this.stages}`;
  }

  get restoredCount(): number {
    return this.restored;
  }

  /** What was downloaded. */
  get fetchedTotal(): {readonly count: number; readonly bytes: number} {
    return this.fetched;
  }

  take(event: BuildEvent): void {
    switch (event.type) {
      case 'build-started':
        this.stages = event.stages;
        this.ended = 0;
        return;
      case 'stage-started':
        this.running.set(printableLine(event.stage), {startedMs: this.now(), line: ''});
        return;
      case 'stage-output': {
        const stage = this.running.get(printableLine(event.stage));
        if (stage !== undefined) stage.line = lastLine(event.chunk) ?? stage.line;
        return;
      }
      case 'stage-finished':
        this.ended += 1;
        this.running.delete(printableLine(event.stage));
        if (event.outcome.kind === 'restored') this.restored += 1;
        return;
      case 'fetch':
        return this.takeFetch(event.event);
      default:
    }
  }

  /** Lines that fit on the terminal; none if nothing runs. */
  lines({columns, rows}: ViewSize, paint: Paint): readonly string[] {
    if (this.running.size === 0 && this.downloads.size === 0) return [];
    // One column less than the width, because some terminals wrap a full last column.
    const width = columns - 1;
    const longest = Math.max(0, ...[...this.running.keys()].map((stage) => stage.length));
    // The output of a stage gets half of the line.
    const nameWidth = Math.min(longest, Math.floor(width / 2));
    const stages = [...this.running].map(([stage, {startedMs, line}]) => {
      const name = fitWithin(stage, nameWidth).padEnd(nameWidth);
      const head = `  ${name} ${duration(this.now() - startedMs).padStart(7)}  `;
      if (head.length >= width) return paint('name', fit(head.trimEnd(), width));
      return paint('name', head) + paint('faint', fit(line, width - head.length));
    });
    const downloads = [...this.downloads.values()].slice(0, shownDownloads).map((download) => {
      const {fileName, receivedBytes, sizeBytes} = download;
      const size = `${megabytes(receivedBytes).replace(' MB', '')}/${megabytes(sizeBytes)}`;
      return fit(`  fetching ${fileName}  ${size}`, width);
    });
    const lines = [...stages, ...downloads];
    const room = Math.max(0, rows - 2);
    const shown = lines.length > room ? lines.slice(0, Math.max(0, room - 1)) : lines;
    const hidden = lines.length - shown.length;
    return [
      ...shown,
      ...(hidden > 0 && room > 0 ? [fit(`  and ${hidden} more`, width)] : []),
      paint('faint', fit(this.summary(), width)),
    ];
  }

  private summary(): string {
    const parts = [
      ...(this.stages > 0 ? [`[${this.progress}] ${this.running.size} running`] : []),
      ...(this.restored > 0 ? [`${this.restored} from the store`] : []),
      ...(this.downloads.size > 0 ? [`${this.downloads.size} downloads`] : []),
      ...(this.fetched.count > 0
        ? [`fetched ${this.fetched.count}, ${megabytes(this.fetched.bytes)}`]
        : []),
    ];
    return parts.join(', ');
  }

  private takeFetch(event: FetchEvent): void {
    const {sha256, sizeBytes} = event.source;
    const fileName = printableLine(event.source.fileName);
    switch (event.kind) {
      case 'fetch-started':
        this.downloads.set(sha256, {fileName, sizeBytes, receivedBytes: event.resumedBytes});
        return;
      case 'fetch-progress': {
        const download = this.downloads.get(sha256);
        if (download !== undefined) download.receivedBytes = event.receivedBytes;
        return;
      }
      case 'fetch-finished':
        this.fetched = {
          count: this.fetched.count + 1,
          bytes: this.fetched.bytes + sizeBytes,
        };
        this.downloads.delete(sha256);
        return;
      case 'fetch-retried':
      case 'fetch-failed':
        this.downloads.delete(sha256);
        return;
    }
  }
}

/** `7 s`, `1m 12s`, `2h 03m`. */
export function duration(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s`;
  const two = (count: number): string => String(count).padStart(2, '0');
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${two(seconds % 60)}s`;
  return `${Math.floor(seconds / 3600)}h ${two(Math.floor(seconds / 60) % 60)}m`;
}
