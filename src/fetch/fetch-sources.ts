import {mkdir} from 'node:fs/promises';
import path from 'node:path';
import {setTimeout as sleepFor} from 'node:timers/promises';
import pLimit, {type LimitFunction} from 'p-limit';
import type {Dispatcher} from 'undici';
import type {Source} from '../core/source.js';
import type {FetchEvent, SourceSink} from '../core/source-store.js';
import {messageOf} from '../core/errors.js';
import type {DebianMirrors} from './debian-mirrors.js';
import {download, type DownloadOutcome} from './download.js';
import {
  ChecksumMismatchError,
  SourceUnavailableError,
  type FailedSource,
  type FetchAttempt,
} from './fetch-error.js';
import {HttpClient, type HttpTimeouts} from './http-client.js';
import {readUnpinned} from './read-unpinned.js';
import {defaultRetryPolicy, retryDelayMs, type RetryPolicy} from './retry-policy.js';

/** How sources are fetched. Only the first three are required. */
export interface FetchOptions {
  readonly sink: SourceSink;
  readonly mirrors: DebianMirrors;
  readonly signal: AbortSignal;
  /** How many downloads run at once; several calls may share one limit. Default: six. */
  readonly limit?: LimitFunction;
  readonly onEvent?: (event: FetchEvent) => void;
  readonly retry?: RetryPolicy;
  readonly timeouts?: HttpTimeouts;
  /** For a proxy; stays open. */
  readonly dispatcher?: Dispatcher;
  /** Advice about sources that a server no longer has, such as how to lock their image again. */
  readonly nextSteps?: (missing: readonly Source[]) => readonly string[];
  readonly clock?: FetchClock;
}

/** Clock and randomness, which tests replace. */
export interface FetchClock {
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
  readonly sleep: (delayMs: number, signal: AbortSignal) => Promise<void>;
  /** In [0, 1). */
  readonly random: () => number;
}

const defaultTimeouts: HttpTimeouts = {
  connectTimeoutMs: 10_000,
  stallTimeoutMs: 30_000,
  // 1 KiB per second: slower than any current connection; 100 MB would take a day.
  slowest: {bytes: 60 << 10, withinMs: 60_000},
};
const progressIntervalMs = 250;
/** Of a file with another size than the pinned one, as much is read for its digest, or twice the pinned size. */
const leastMeasuredBytes = 256 << 20;

const machineClock: FetchClock = {
  now: () => performance.now(),
  sleep: (delayMs, signal) => sleepFor(delayMs, undefined, {signal}),
  random: () => Math.random(),
};

/**
 * Downloads all missing sources into the sink, each checked against its pin. If one fails, continues with the others
 * and then reports all failures.
 * @throws ChecksumMismatchError, SourceUnavailableError, or the signal's reason.
 */
export async function fetchSources(
  sources: readonly Source[],
  options: FetchOptions,
): Promise<void> {
  const missing = await absentSources(sources, options.sink);
  if (missing.length === 0) return;

  await using client = new HttpClient(options.timeouts ?? defaultTimeouts, options.dispatcher);
  const fetcher = new SourceFetcher(client, options);
  const limit = options.limit ?? pLimit(6);
  const settled = await Promise.allSettled(
    missing.map((source) => limit(() => fetcher.fetch(source))),
  );
  options.signal.throwIfAborted();
  const failures: FailedSource[] = [];
  for (const result of settled) {
    if (result.status === 'rejected') throw result.reason;
    if (result.value !== undefined) failures.push(result.value);
  }
  if (failures.length === 0) return;
  const gone = failures
    .filter(({attempts}) => attempts.some(({isMissing}) => isMissing))
    .map(({source}) => source);
  throw new SourceUnavailableError(failures, gone.length > 0 ? options.nextSteps?.(gone) : []);
}

/** The sources that are not in the sink, each once. */
export async function absentSources(
  sources: readonly Source[],
  sink: Pick<SourceSink, 'has'>,
): Promise<readonly Source[]> {
  const bySha256 = new Map(sources.map((source) => [source.sha256, source]));
  const absent: Source[] = [];
  for (const source of bySha256.values()) {
    if (!(await sink.has(source))) absent.push(source);
  }
  return absent;
}

/** A location that served other bytes than the pinned ones. */
interface Mismatch {
  readonly url: string;
  readonly actual: ChecksumMismatchError['actual'];
}

/** Fetches sources and remembers unreachable hosts. */
class SourceFetcher {
  private readonly unreachableHosts = new Set<string>();
  private readonly clock: FetchClock;
  private readonly retry: RetryPolicy;
  private readonly emit: (event: FetchEvent) => void;

  constructor(
    private readonly client: HttpClient,
    private readonly options: FetchOptions,
  ) {
    this.clock = options.clock ?? machineClock;
    this.retry = options.retry ?? defaultRetryPolicy;
    this.emit = options.onEvent ?? (() => undefined);
  }

  /** `undefined` if the source is in the sink now. */
  async fetch(source: Source): Promise<FailedSource | undefined> {
    const {sink, signal} = this.options;
    signal.throwIfAborted();
    const temporaryPath = sink.temporaryPathFor(source.sha256);
    await mkdir(path.dirname(temporaryPath), {recursive: true});
    // Another process may be downloading the same file to the same place.
    await using lock = await sink.lock(source.sha256, signal);
    if (await sink.has(source)) return undefined;
    const attempts: FetchAttempt[] = [];
    try {
      if (await this.tryLocations(source, temporaryPath, attempts)) {
        // The file may be another's by now.
        if (!(await lock.isHeld())) return await this.fetch(source);
        const hostPath = await sink.publish(source.sha256, temporaryPath);
        this.emit({kind: 'fetch-finished', source, hostPath});
        return undefined;
      }
    } catch (error) {
      if (!signal.aborted) {
        const reason = messageOf(error);
        this.emit({kind: 'fetch-failed', source, reason});
      }
      throw error;
    }
    const reason = attempts.at(-1)?.reason ?? 'no location is known for it';
    this.emit({kind: 'fetch-failed', source, reason});
    return {source, attempts};
  }

  /** Tries the locations in rounds. Returns true when one has served the pinned bytes. */
  private async tryLocations(
    source: Source,
    temporaryPath: string,
    attempts: FetchAttempt[],
  ): Promise<boolean> {
    const {signal} = this.options;
    let urls = await this.urlsOf(source);
    let mismatch: Mismatch | undefined;
    for (let round = 0; urls.length > 0; round += 1) {
      const recoverable: string[] = [];
      const silent: string[] = [];
      for (const [index, url] of urls.entries()) {
        const outcome = await this.tryUrl(source, url, temporaryPath);
        if (outcome.kind === 'complete') return true;
        const reason = describe(outcome);
        attempts.push({url, reason, isMissing: outcome.kind === 'failed' && outcome.isMissing});
        if (outcome.kind === 'mismatch') {
          mismatch ??= {url, actual: outcome};
        } else {
          if (outcome.mayRecover) recoverable.push(url);
          if (outcome.isUnreachable) silent.push(url);
        }
        if (index < urls.length - 1) {
          this.emit({kind: 'fetch-retried', source, url, reason, delayMs: 0});
        }
      }
      // A server that answers with other bytes has the file: the pin is more likely wrong than all other servers down.
      if (mismatch !== undefined) break;
      if (round + 1 >= this.retry.rounds) {
        for (const url of silent) this.unreachableHosts.add(new URL(url).host);
        break;
      }
      urls = recoverable.filter((url) => !this.unreachableHosts.has(new URL(url).host));
      const last = attempts.at(-1);
      if (urls.length > 0 && last !== undefined) {
        const delayMs = retryDelayMs(this.retry, round, this.clock.random());
        this.emit({kind: 'fetch-retried', source, url: last.url, reason: last.reason, delayMs});
        await this.clock.sleep(delayMs, signal);
      }
    }
    if (mismatch !== undefined) {
      const actual = await this.wholeDigest(source, mismatch);
      throw new ChecksumMismatchError(source, mismatch.url, actual, attempts);
    }
    return false;
  }

  /** A size alone does not tell what to pin: the file is read once more, to its end. */
  private async wholeDigest(source: Source, {url, actual}: Mismatch): Promise<Mismatch['actual']> {
    if (actual.sha256 !== undefined) return actual;
    const maximumBytes = Math.max(2 * source.sizeBytes, leastMeasuredBytes);
    const {client, options} = this;
    const served = {...source, sizeBytes: actual.sizeBytes};
    this.emit({kind: 'fetch-started', source: served, url, resumedBytes: 0});
    const tell = this.progressOf(served);
    let receivedBytes = 0;
    const onBytes = (bytes: Uint8Array): Promise<void> => {
      receivedBytes += bytes.length;
      tell(receivedBytes);
      return Promise.resolve();
    };
    const file = await readUnpinned(url, {client, signal: options.signal, maximumBytes, onBytes});
    return file.kind === 'read' ? file : actual;
  }

  private async tryUrl(
    source: Source,
    url: string,
    temporaryPath: string,
  ): Promise<DownloadOutcome> {
    const {signal} = this.options;
    signal.throwIfAborted();
    if (this.unreachableHosts.has(new URL(url).host)) {
      const reason = 'its host did not answer before';
      return {kind: 'failed', reason, mayRecover: false, isUnreachable: true, isMissing: false};
    }
    return download({
      source,
      url,
      temporaryPath,
      client: this.client,
      signal,
      onStarted: (resumedBytes) => {
        this.emit({kind: 'fetch-started', source, url, resumedBytes});
      },
      onProgress: this.progressOf(source),
    });
  }

  /** Tells how far a download is, a few times per second. */
  private progressOf(source: Source): (receivedBytes: number) => void {
    let reported = -Infinity;
    return (receivedBytes) => {
      const now = this.clock.now();
      if (now - reported < progressIntervalMs) return;
      reported = now;
      this.emit({kind: 'fetch-progress', source, receivedBytes});
    };
  }

  private async urlsOf(source: Source): Promise<readonly string[]> {
    const urls: string[] = [];
    for (const location of source.locations) {
      if (location.kind === 'url') {
        urls.push(location.url);
      } else if (location.kind === 'debian') {
        const bases = await this.options.mirrors.basesFor(location.suite, this.options.signal);
        urls.push(...bases.map((base) => `${base}/${location.poolPath}`));
      }
    }
    return [...new Set(urls)];
  }
}

function describe(outcome: Exclude<DownloadOutcome, {readonly kind: 'complete'}>): string {
  if (outcome.kind === 'failed') return outcome.reason;
  return outcome.sha256 === undefined
    ? `it is a file of ${outcome.sizeBytes} bytes, not the pinned one`
    : `it is a file with sha256 ${outcome.sha256}, not the pinned one`;
}
