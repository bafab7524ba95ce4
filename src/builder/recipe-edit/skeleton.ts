import {toDo} from '../read-recipes.js';

/** A pin of a new recipe. */
export interface SkeletonPin {
  /** The template of its URL, if it has one. */
  readonly url?: string;
  /** The template of its path below a Debian mirror, with the suite. */
  readonly debian?: {readonly path: string; readonly suite: string};
  /** `undefined` if the file could not be read: its keys are to be written by hand. */
  readonly file?: {readonly sha256: string; readonly sizeBytes: number; readonly date: string};
  /** Whether the file was not compared with upstream's. */
  readonly isUnverified?: boolean;
}

/** What a new recipe is made from. */
export interface SkeletonParts {
  readonly name: string;
  readonly version: string;
  /** One pin for both sets, one for each, or one that Debian does not have. */
  readonly pins:
    | {readonly kind: 'same'; readonly both: SkeletonPin}
    | {readonly kind: 'separate'; readonly upstream: SkeletonPin; readonly debian: SkeletonPin}
    | {readonly kind: 'not-in-debian'; readonly upstream: SkeletonPin};
  /** The files in the top folder of the source. */
  readonly topFiles: readonly string[];
}

/** The text of a new recipe, with a comment above everything that a person must decide. */
export function skeletonOf(parts: SkeletonParts): string {
  const {name, topFiles} = parts;
  const licences = topFiles.filter((file) =>
    /^(?:licen[cs]e|copying|copyright)[\w.+-]*$/i.test(file),
  );
  const hasConfigure = topFiles.includes('configure');
  const lines = [
    '# yaml-language-server: $schema=../../schemas/recipe.schema.json',
    `name: ${name}`,
    ...pinLines(parts),
    '# The terms of what is linked, as an SPDX expression, and the files of the source that have their text.',
    `license: {spdx: ${toDo}, files: [${licences.length === 0 ? toDo : licences.join(', ')}]}`,
    '# Recipes whose libraries and headers it needs: they lie in /deps.',
    '# depends: [zlib]',
    '# Its static libraries: z stands for lib/libz.a.',
    `provides: {static: [${toDo}]}`,
    '# Patches of our own beside this file, with a reason and an "Upstream:" line.',
    '# patches: [0001-why.patch]',
    'build:',
    ...(hasConfigure ? autotools : script),
    '# Shell lines that try what was built, which lies in /deps, and fail if it is broken.',
    '# test: test -f /deps/lib/libz.a',
  ];
  return lines.map((line) => `${line}\n`).join('');
}

const autotools = [
  '  system: autotools',
  '  # Libraries are static. The reason stands above each unusual argument.',
  '  configure:',
  '    - --disable-shared',
  '  # Answers of configure that the build relies on.',
  '  # expect:',
  '  #   - config.h: {HAVE_THREADS: "1"}',
];

const script = [
  '  # The source has no configure script. Compilers and flags are in the environment: CC, CFLAGS, AR, RANLIB.',
  '  system: script',
  '  # Shell lines that build the static libraries; the prefix is /deps.',
  `  make: ${toDo}`,
  '  # Shell lines that install libraries and headers below /build/staging/deps.',
  `  install: ${toDo}`,
];

function pinLines({version, pins}: SkeletonParts): readonly string[] {
  const own = `version: "${version}"`;
  switch (pins.kind) {
    case 'same':
      return [own, 'source:', ...keysOf(pins.both, '  ')];
    case 'separate':
      return [
        own,
        'sources:',
        '  upstream:',
        ...keysOf(pins.upstream, '    '),
        "  # Say here how Debian's archive differs from that of upstream.",
        '  debian:',
        ...keysOf(pins.debian, '    '),
      ];
    case 'not-in-debian':
      return [
        'versions:',
        `  - ${own}`,
        '    # Why no suite of Debian has it.',
        `    not-in-debian: ${toDo}`,
        ...keysOf(pins.upstream, '    '),
      ];
  }
}

function keysOf({url, debian, file, isUnverified}: SkeletonPin, indent: string): readonly string[] {
  const lines = [
    ...(url === undefined ? [] : [`url: ${url}`]),
    ...(debian === undefined ? [] : [`debian: ${debian.path}`, `suite: ${debian.suite}`]),
    ...(file === undefined
      ? [
          '# Nobody could read the file: its sha256, its size in bytes, and the day of the newest file in it.',
          `sha256: ${toDo}`,
          `size: ${toDo}`,
          `date: ${toDo}`,
        ]
      : [`sha256: ${file.sha256}`, `size: ${file.sizeBytes}`, `date: ${file.date}`]),
    ...(isUnverified === true ? ['unverified: true'] : []),
  ];
  return lines.map((line) => indent + line);
}
