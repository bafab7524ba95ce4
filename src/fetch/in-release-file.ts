import type {HttpClient} from './http-client.js';
import {discard} from './http-client.js';

const maxBytes = 4 << 20;

/** The time for a whole file, as a multiple of the stall timeout, so that a trickle ends. */
const patienceFactor = 6;

/**
 * Downloads `dists/<suite>/InRelease` below a mirror's URL.
 * @throws Error with the reason if there is none, what undici throws without a response, or the signal's reason.
 */
export async function fetchInRelease(
  client: HttpClient,
  base: string,
  suite: string,
  signal: AbortSignal,
): Promise<Buffer> {
  const patience = AbortSignal.timeout(client.timeouts.stallTimeoutMs * patienceFactor);
  const {statusCode, body} = await client.request(inReleaseUrl(base, suite), {
    signal: AbortSignal.any([signal, patience]),
  });
  if (statusCode !== 200) {
    await discard(body);
    throw new Error(`the server answered ${statusCode}`);
  }
  const chunks: Uint8Array[] = [];
  let total = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    total += chunk.length;
    if (total > maxBytes) throw new Error(`the answer is longer than ${maxBytes} bytes`);
  }
  return Buffer.concat(chunks);
}

/** The URL of a suite's InRelease file on a mirror. */
export function inReleaseUrl(base: string, suite: string): string {
  return `${base}/dists/${suite}/InRelease`;
}
