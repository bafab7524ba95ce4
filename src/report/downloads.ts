import type {FetchEvent} from '../core/source-store.js';
import {printableLine} from '../core/printable.js';
import {countOf, megabytes, megabytesOf, rate} from './lines.js';

/** The rate is that of the last few seconds: long enough to be steady, short enough to show a stall. */
const windowMs = 5000;
/** A rate of a shorter time is chance. */
const leastMs = 500;

interface Sample {
  readonly ms: number;
  readonly bytes: number;
}

/** A download that is running. */
class Download {
  private samples: Sample[];

  constructor(
    readonly fileName: string,
    readonly sizeBytes: number,
    first: Sample,
  ) {
    this.samples = [first];
  }

  get receivedBytes(): number {
    return this.samples.at(-1)?.bytes ?? 0;
  }

  receive(sample: Sample): void {
    this.samples.push(sample);
  }

  /** `undefined` until there is one to tell. */
  bytesPerSecond(nowMs: number): number | undefined {
    const firstWithin = this.samples.findIndex(({ms}) => ms >= nowMs - windowMs);
    // The one before it began the window.
    const kept = firstWithin < 0 ? this.samples.length - 1 : Math.max(0, firstWithin - 1);
    this.samples = this.samples.slice(kept);
    const [first] = this.samples;
    if (first === undefined || nowMs - first.ms < leastMs) return undefined;
    return ((this.receivedBytes - first.bytes) / (nowMs - first.ms)) * 1000;
  }
}

/** What is being downloaded, and what was. Pure except for the given clock. */
export class Downloads {
  private readonly running = new Map<string, Download>();
  private fetched = {count: 0, bytes: 0};
  /** How long anything was being downloaded, before `busySinceMs`. */
  private busyMs = 0;
  private busySinceMs = 0;

  constructor(private readonly now: () => number) {}

  get runningCount(): number {
    return this.running.size;
  }

  take(event: FetchEvent): void {
    const {sha256, sizeBytes, fileName} = event.source;
    switch (event.kind) {
      case 'fetch-started': {
        if (this.running.size === 0) this.busySinceMs = this.now();
        const first = {ms: this.now(), bytes: event.resumedBytes};
        this.running.set(sha256, new Download(printableLine(fileName), sizeBytes, first));
        return;
      }
      case 'fetch-progress':
        this.running.get(sha256)?.receive({ms: this.now(), bytes: event.receivedBytes});
        return;
      case 'fetch-finished':
        this.fetched.count += 1;
        this.fetched.bytes += sizeBytes;
        return this.end(sha256);
      case 'fetch-retried':
      case 'fetch-failed':
        return this.end(sha256);
    }
  }

  /** Each running download: `zlib.tar  1.5/2.0 MB  4.5 MB/s`. */
  lines(): readonly string[] {
    return [...this.running.values()].map(
      (one) => `${one.fileName}  ${sizeOf([one])}${this.rateOf([one], '  ')}`,
    );
  }

  /** All running downloads: `6 sources: 45.2/140.0 MB, 4.5 MB/s`. */
  get text(): string {
    const all = [...this.running.values()];
    const [first] = all;
    const what =
      all.length === 1 && first !== undefined ? first.fileName : countOf(all.length, 'source');
    return `${what}: ${sizeOf(all)}${this.rateOf(all, ', ')}`;
  }

  /** The rate of all running downloads after `before`; empty while there is none. */
  totalRate(before: string): string {
    return this.rateOf([...this.running.values()], before);
  }

  /** What was fetched: `12 sources, 45.0 MB, 3.8 MB/s`; `undefined` if nothing was. */
  get fetchedText(): string | undefined {
    const {count, bytes} = this.fetched;
    if (count === 0) return undefined;
    const ms = this.busyMs + (this.running.size > 0 ? this.now() - this.busySinceMs : 0);
    const average = ms < leastMs ? '' : `, ${rate((bytes / ms) * 1000)}`;
    return `${countOf(count, 'source')}, ${megabytes(bytes)}${average}`;
  }

  /** Begins to count what was fetched anew. */
  forgetFetched(): void {
    this.fetched = {count: 0, bytes: 0};
    this.busyMs = 0;
    this.busySinceMs = this.now();
  }

  private end(sha256: string): void {
    const wasRunning = this.running.delete(sha256);
    if (wasRunning && this.running.size === 0) this.busyMs += this.now() - this.busySinceMs;
  }

  private rateOf(downloads: readonly Download[], before: string): string {
    const known = downloads.flatMap((one) => one.bytesPerSecond(this.now()) ?? []);
    return known.length === 0
      ? ''
      : `${before}${rate(known.reduce((sum, bytes) => sum + bytes, 0))}`;
  }
}

function sizeOf(downloads: readonly Download[]): string {
  const received = downloads.reduce((sum, one) => sum + one.receivedBytes, 0);
  const size = downloads.reduce((sum, one) => sum + one.sizeBytes, 0);
  return megabytesOf(received, size);
}
