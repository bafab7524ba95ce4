import type {Sha256} from './digest.js';
import type {Source} from './source.js';

/** Where downloads are stored, each under its sha256. */
export interface SourceSink {
  /** Absolute host path of a published source, whether or not it exists. */
  pathOf(digest: Sha256): string;
  /** Whether the complete source is present. */
  has(source: Source): Promise<boolean>;
  /** Absolute host path for a download in progress; the same in every run, so that a later one resumes it. */
  temporaryPathFor(digest: Sha256): string;
  /** Makes the caller the only one that downloads a source; waits for others. */
  lock(digest: Sha256, signal: AbortSignal): Promise<DownloadLock>;
  /** Publishes a verified download. Returns its path. */
  publish(digest: Sha256, temporaryPath: string): Promise<string>;
}

/** The right to download a source, until it is disposed of. */
export interface DownloadLock extends AsyncDisposable {
  /** False if another process has taken over the download. */
  isHeld(): Promise<boolean>;
}

/** Progress of a download. */
export type FetchEvent =
  | {
      readonly kind: 'fetch-started';
      readonly source: Source;
      readonly url: string;
      /** Bytes kept from an earlier attempt. */
      readonly resumedBytes: number;
    }
  /** At most a few times per second and source. */
  | {readonly kind: 'fetch-progress'; readonly source: Source; readonly receivedBytes: number}
  | {
      readonly kind: 'fetch-retried';
      readonly source: Source;
      readonly url: string;
      readonly reason: string;
      /** 0 if the next location is tried at once. */
      readonly delayMs: number;
    }
  | {readonly kind: 'fetch-finished'; readonly source: Source; readonly hostPath: string}
  | {readonly kind: 'fetch-failed'; readonly source: Source; readonly reason: string};
