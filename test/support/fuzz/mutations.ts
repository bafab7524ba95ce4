import fc, {type Arbitrary} from 'fast-check';

/** One change to some bytes. Places are any number: they are taken modulo the length. */
export type Mutation =
  | {readonly kind: 'flip'; readonly at: number; readonly bit: number}
  | {readonly kind: 'cut'; readonly at: number}
  | {readonly kind: 'remove'; readonly at: number; readonly length: number}
  | {readonly kind: 'copy'; readonly from: number; readonly at: number; readonly length: number}
  | {readonly kind: 'insert'; readonly at: number; readonly bytes: Uint8Array}
  | {readonly kind: 'overwrite'; readonly at: number; readonly bytes: Uint8Array};

/** What formats have in their length fields, in every width and byte order: where parsers go wrong. */
const extremes: readonly Buffer[] = [
  ...[1, 2, 3, 4, 8].flatMap((width) =>
    [0x00, 0x01, 0x7f, 0x80, 0xff].flatMap((first) =>
      [0x00, 0xff].flatMap((rest) => {
        const big = Buffer.alloc(width, rest);
        big.writeUInt8(first, 0);
        return [big, Buffer.from(big).reverse()];
      }),
    ),
  ),
  ...['9999999999', '77777777777', '-1', '0', '1e9', 'NaN', '\n', '\n\n', '\0', '/', '../', '  ']
    .concat(['"', "'", '{', '[', ': ', '- ', '&a ', '*a', '\\', '$(', '%', '\u001b[2J', '\u2028'])
    .map((text) => Buffer.from(text)),
];

const place: Arbitrary<number> = fc.oneof(fc.nat({max: 160}), fc.nat());
const length: Arbitrary<number> = fc.oneof(fc.nat({max: 16}), fc.nat({max: 4096}));

const mutation: Arbitrary<Mutation> = fc.oneof(
  fc.record({kind: fc.constant('flip' as const), at: place, bit: fc.nat({max: 7})}),
  fc.record({kind: fc.constant('cut' as const), at: place}),
  fc.record({kind: fc.constant('remove' as const), at: place, length}),
  fc.record({kind: fc.constant('copy' as const), from: place, at: place, length}),
  fc.record({
    kind: fc.constant('insert' as const),
    at: place,
    bytes: fc.oneof(fc.constantFrom(...extremes), fc.uint8Array({maxLength: 64})),
  }),
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('overwrite' as const),
      at: place,
      bytes: fc.oneof(fc.constantFrom(...extremes), fc.uint8Array({maxLength: 16})),
    }),
  },
);

/** Ways to damage some bytes. */
export const mutations: Arbitrary<(bytes: Uint8Array) => Buffer> = fc
  .array(mutation, {minLength: 1, maxLength: 6})
  .map((changes) => (bytes) => changes.reduce(mutate, Buffer.from(bytes)));

/** Any bytes, mostly valid ones with a few mutations. */
export function mutated(...samples: readonly [Uint8Array, ...Uint8Array[]]): Arbitrary<Buffer> {
  const changed = fc
    .tuple(fc.constantFrom(...samples), mutations)
    .map(([sample, damage]) => damage(sample));
  const random = fc.uint8Array({maxLength: 2048}).map((bytes) => Buffer.from(bytes));
  return fc.oneof({weight: 9, arbitrary: changed}, {weight: 1, arbitrary: random});
}

/** The same for texts. */
export function mutatedText(...samples: readonly [string, ...string[]]): Arbitrary<string> {
  const [first, ...rest] = samples.map((sample) => Buffer.from(sample));
  return mutated(first ?? Buffer.alloc(0), ...rest).map((bytes) => bytes.toString('utf8'));
}

function mutate(bytes: Buffer, change: Mutation): Buffer {
  const at = change.at % (bytes.length + 1);
  switch (change.kind) {
    case 'flip': {
      const flipped = Buffer.from(bytes);
      if (at < flipped.length) flipped.writeUInt8(flipped.readUInt8(at) ^ (1 << change.bit), at);
      return flipped;
    }
    case 'cut':
      return bytes.subarray(0, at);
    case 'remove':
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + change.length)]);
    case 'copy': {
      const from = change.from % (bytes.length + 1);
      const part = bytes.subarray(from, from + change.length);
      return Buffer.concat([bytes.subarray(0, at), part, bytes.subarray(at)]);
    }
    case 'insert':
      return Buffer.concat([bytes.subarray(0, at), change.bytes, bytes.subarray(at)]);
    case 'overwrite': {
      const {bytes: written} = change;
      return Buffer.concat([bytes.subarray(0, at), written, bytes.subarray(at + written.length)]);
    }
  }
}
