/** A chunk of a stream whose chunks have no type. */
export function asBytes(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  throw new TypeError('a stream gave something that is not bytes');
}
