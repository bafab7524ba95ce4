import {createHash} from 'node:crypto';
import type {Sha256} from '../core/digest.js';
import {asBytes} from '../files/as-bytes.js';
import {chunksOf, discard, redactedMessageOf, type HttpClient} from './http-client.js';

/** What a URL serves, or why it serves nothing. */
export type UnpinnedFile =
  | {readonly kind: 'read'; readonly sha256: Sha256; readonly sizeBytes: number}
  | {readonly kind: 'failed'; readonly reason: string};

/** How a file is read whose bytes nobody has pinned. */
export interface UnpinnedReading {
  readonly client: HttpClient;
  readonly signal: AbortSignal;
  /** A longer file is not read to its end. */
  readonly maximumBytes: number;
  /** Receives the bytes in order; they are whole only if the result is `read`. */
  readonly onBytes?: (bytes: Uint8Array) => Promise<void>;
}

/**
 * Reads a file of unknown size and digest, once.
 * @throws the signal's reason, and what `onBytes` throws.
 */
export async function readUnpinned(
  url: string,
  {client, signal, maximumBytes, onBytes}: UnpinnedReading,
): Promise<UnpinnedFile> {
  const failed = (error: unknown): UnpinnedFile => {
    signal.throwIfAborted();
    return {kind: 'failed', reason: redactedMessageOf(error)};
  };
  const answer = await client.request(url, {signal}).catch(failed);
  if ('kind' in answer) return answer;
  if (answer.statusCode !== 200) {
    await discard(answer.body);
    return {kind: 'failed', reason: `the server answered ${answer.statusCode}`};
  }
  const hash = createHash('sha256');
  let sizeBytes = 0;
  const chunks = chunksOf(answer.body, client.timeouts.slowest);
  try {
    for (;;) {
      // Only network failures are results; errors of `onBytes` are thrown.
      const next = await chunks.next().catch(failed);
      if ('kind' in next) return next;
      if (next.done === true) break;
      const bytes = asBytes(next.value);
      sizeBytes += bytes.length;
      if (sizeBytes > maximumBytes) {
        return {kind: 'failed', reason: `the file is longer than ${maximumBytes} bytes`};
      }
      hash.update(bytes);
      await onBytes?.(bytes);
    }
  } finally {
    await chunks.return(undefined);
  }
  return {kind: 'read', sha256: hash.digest('hex') as Sha256, sizeBytes};
}
