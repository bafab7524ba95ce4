import type {HttpClient} from './http-client.js';
import {discard} from './http-client.js';

const maxBytes = 4 << 20;

/** A whole file may take so many times what an answer may keep silent: a trickle would never end. */
const patienceFactor = 6;

/**
 * The bytes of `dists/<suite>/InRelease` below a mirror's address.
 * @throws Error saying why there is none, what undici throws when there is no answer, or the signal's reason.
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

/** Where a mirror has a suite's InRelease file. */
export function inReleaseUrl(base: string, suite: string): string {
  return `${base}/dists/${suite}/InRelease`;
}
