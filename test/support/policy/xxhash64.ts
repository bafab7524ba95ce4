const mask = 0xffff_ffff_ffff_ffffn;
const prime1 = 0x9e37_79b1_85eb_ca87n;
const prime2 = 0xc2b2_ae3d_27d4_eb4fn;
const prime3 = 0x1656_67b1_9e37_79f9n;
const prime4 = 0x85eb_ca77_c2b2_ae63n;
const prime5 = 0x27d4_eb2f_1656_67c5n;

/** XXH64 with seed 0: the checksum of a zstd frame is its low half. */
export function xxhash64(bytes: Buffer): bigint {
  let position = 0;
  let hash = prime5;
  if (bytes.length >= 32) {
    const lanes: [bigint, bigint, bigint, bigint] = [
      (prime1 + prime2) & mask,
      prime2,
      0n,
      -prime1 & mask,
    ];
    for (; position + 32 <= bytes.length; position += 32) {
      for (const lane of [0, 1, 2, 3] as const) {
        lanes[lane] = round(lanes[lane], bytes.readBigUInt64LE(position + lane * 8));
      }
    }
    const [a, b, c, d] = lanes;
    hash = (rotate(a, 1n) + rotate(b, 7n) + rotate(c, 12n) + rotate(d, 18n)) & mask;
    for (const lane of lanes) hash = ((hash ^ round(0n, lane)) * prime1 + prime4) & mask;
  }
  hash = (hash + BigInt(bytes.length)) & mask;
  for (; position + 8 <= bytes.length; position += 8) {
    hash ^= round(0n, bytes.readBigUInt64LE(position));
    hash = (rotate(hash, 27n) * prime1 + prime4) & mask;
  }
  if (position + 4 <= bytes.length) {
    hash ^= (BigInt(bytes.readUInt32LE(position)) * prime1) & mask;
    hash = (rotate(hash, 23n) * prime2 + prime3) & mask;
    position += 4;
  }
  for (; position < bytes.length; position += 1) {
    hash ^= (BigInt(bytes.readUInt8(position)) * prime5) & mask;
    hash = (rotate(hash, 11n) * prime1) & mask;
  }
  hash = ((hash ^ (hash >> 33n)) * prime2) & mask;
  hash = ((hash ^ (hash >> 29n)) * prime3) & mask;
  return hash ^ (hash >> 32n);
}

function round(accumulator: bigint, input: bigint): bigint {
  return (rotate((accumulator + input * prime2) & mask, 31n) * prime1) & mask;
}

function rotate(value: bigint, bits: bigint): bigint {
  return ((value << bits) | (value >> (64n - bits))) & mask;
}
