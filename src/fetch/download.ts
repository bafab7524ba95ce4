import {createHash, type Hash} from 'node:crypto';
import {createReadStream} from 'node:fs';
import {open, rm, stat, type FileHandle} from 'node:fs/promises';
import {InputError} from '../core/errors.js';
import type {Source} from '../core/source.js';
import {asBytes} from '../files/as-bytes.js';
import {
  chunksOf,
  discard,
  redactedMessageOf,
  type HttpAnswer,
  type HttpClient,
  RedirectError,
} from './http-client.js';

/**
 * The outcome of one attempt to download a source from one URL. Unless it is complete, the received part is in the
 * temporary file.
 */
export type DownloadOutcome =
  | {readonly kind: 'complete'}
  /** The URL serves different bytes and is not tried again. */
  | {readonly kind: 'mismatch'; readonly sha256?: string; readonly sizeBytes: number}
  | {
      readonly kind: 'failed';
      readonly reason: string;
      readonly mayRecover: boolean;
      /** No HTTP response: the host is down or unreachable. */
      readonly isUnreachable: boolean;
      /** The server does not have the file. */
      readonly isMissing: boolean;
    };

type Failure = Extract<DownloadOutcome, {readonly kind: 'failed'}>;

/** One try. */
export interface Download {
  readonly source: Source;
  readonly url: string;
  readonly temporaryPath: string;
  readonly client: HttpClient;
  readonly signal: AbortSignal;
  readonly onStarted: (resumedBytes: number) => void;
  readonly onProgress: (receivedBytes: number) => void;
}

/**
 * Downloads a source into the temporary file, resuming if the server supports it. Checks size and sha256 as the bytes
 * arrive; wrong bytes are removed.
 * @throws the signal's reason, and errors of writing the file (a full disk). Everything else is an outcome.
 */
export async function download(task: Download): Promise<DownloadOutcome> {
  const outcome = await attempt(task);
  // An earlier location may have sent wrong bytes, so this one is asked for the whole file at once.
  return outcome.kind === 'stale' ? asFailure(await attempt(task)) : outcome;
}

/** The existing bytes could not be resumed and are removed. */
interface Stale {
  readonly kind: 'stale';
  readonly reason: string;
}

function asFailure(outcome: DownloadOutcome | Stale): DownloadOutcome {
  return outcome.kind === 'stale' ? failed(outcome.reason, {mayRecover: true}) : outcome;
}

async function attempt(task: Download): Promise<DownloadOutcome | Stale> {
  const {source, temporaryPath, signal} = task;
  let kept = await usableBytes(temporaryPath, source);
  if (kept === source.sizeBytes) {
    const hash = createHash('sha256');
    await hashFile(temporaryPath, hash);
    if (hash.digest('hex') === source.sha256) return {kind: 'complete'};
    await rm(temporaryPath, {force: true});
    kept = 0;
  }
  let answer: HttpAnswer;
  try {
    answer = await task.client.request(task.url, {
      headers: kept === 0 ? {} : {range: `bytes=${kept}-`},
      signal,
    });
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof InputError) throw error;
    const isRedirect = error instanceof RedirectError;
    return failed(redactedMessageOf(error), {mayRecover: !isRedirect, isUnreachable: !isRedirect});
  }
  const refusal = await judgeAnswer(answer, kept, task);
  if (refusal !== undefined) {
    await discard(answer.body);
    return refusal;
  }
  return receive(task, answer, answer.statusCode === 206 ? kept : 0);
}

/** The reason not to read the response body; `undefined` if there is none. */
async function judgeAnswer(
  answer: HttpAnswer,
  kept: number,
  {source, temporaryPath}: Download,
): Promise<DownloadOutcome | Stale | undefined> {
  const {statusCode} = answer;
  if (statusCode === 416 || (statusCode === 206 && !isWantedRange(answer, kept, source))) {
    await rm(temporaryPath, {force: true});
    return {kind: 'stale', reason: `the server did not resume at byte ${kept}`};
  }
  if (statusCode !== 200 && statusCode !== 206) {
    const mayRecover = statusCode >= 500 || [408, 425, 429].includes(statusCode);
    const isMissing = statusCode === 404 || statusCode === 410;
    return failed(`the server answered ${statusCode}`, {mayRecover, isMissing});
  }
  const length = Number(answer.header('content-length') ?? Number.NaN);
  const sizeBytes = length + (statusCode === 206 ? kept : 0);
  if (Number.isNaN(length) || sizeBytes === source.sizeBytes) return undefined;
  return {kind: 'mismatch', sizeBytes};
}

/** A server that sends another range would give a file of the right size with wrong bytes. */
function isWantedRange(answer: HttpAnswer, kept: number, source: Source): boolean {
  const match = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(answer.header('content-range') ?? '');
  return (
    kept > 0 &&
    match !== null &&
    Number(match[1]) === kept &&
    Number(match[2]) === source.sizeBytes - 1 &&
    (match[3] === '*' || Number(match[3]) === source.sizeBytes)
  );
}

async function receive(
  task: Download,
  answer: HttpAnswer,
  resumedBytes: number,
): Promise<DownloadOutcome | Stale> {
  const {source, temporaryPath, signal} = task;
  const hash = createHash('sha256');
  if (resumedBytes > 0) await hashFile(temporaryPath, hash);
  task.onStarted(resumedBytes);
  let total = resumedBytes;
  let interruption: unknown;
  const chunks = chunksOf(answer.body, task.client.timeouts.slowest);
  try {
    await using file = await open(temporaryPath, resumedBytes > 0 ? 'a' : 'w');
    for (;;) {
      // Only network failures are outcomes; file errors are thrown.
      const next = await chunks.next().catch((error: unknown) => {
        interruption = error;
        return {done: true, value: undefined} as const;
      });
      if (next.done === true) break;
      const chunk = asBytes(next.value);
      total += chunk.length;
      if (total > source.sizeBytes) break;
      hash.update(chunk);
      await writeWhole(file, chunk);
      task.onProgress(total);
    }
  } finally {
    await chunks.return(undefined).catch(() => undefined);
    // Cancelled or never started; nothing else handles its errors.
    answer.body.on('error', () => undefined).destroy();
  }
  if (interruption !== undefined) {
    signal.throwIfAborted();
    const reason = `${redactedMessageOf(interruption)} after ${total} of ${source.sizeBytes} bytes`;
    return failed(reason, {mayRecover: true});
  }
  if (total < source.sizeBytes) {
    return failed(`the answer ended after ${total} of ${source.sizeBytes} bytes`, {
      mayRecover: true,
    });
  }
  const sha256 = hash.digest('hex');
  if (total === source.sizeBytes && sha256 === source.sha256) return {kind: 'complete'};
  await rm(temporaryPath, {force: true});
  if (resumedBytes > 0) {
    return {kind: 'stale', reason: 'the resumed file is not the pinned one'};
  }
  return total > source.sizeBytes
    ? {kind: 'mismatch', sizeBytes: total}
    : {kind: 'mismatch', sha256, sizeBytes: total};
}

function failed(
  reason: string,
  traits: Pick<Failure, 'mayRecover'> & Partial<Pick<Failure, 'isUnreachable' | 'isMissing'>>,
): Failure {
  return {kind: 'failed', reason, isUnreachable: false, isMissing: false, ...traits};
}

/** The number of bytes in the temporary file that can be resumed. */
async function usableBytes(temporaryPath: string, source: Source): Promise<number> {
  const size = await stat(temporaryPath).then(
    (stats) => stats.size,
    () => 0,
  );
  if (size <= source.sizeBytes) return size;
  await rm(temporaryPath, {force: true});
  return 0;
}

async function hashFile(path: string, hash: Hash): Promise<void> {
  for await (const chunk of createReadStream(path)) hash.update(asBytes(chunk));
}

async function writeWhole(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let done = 0; done < chunk.length;) {
    done += (await file.write(chunk, done)).bytesWritten;
  }
}
