import {isPythonIn} from '../../data/condition.js';

/** A third-party work that is incorporated into CPython and compiled into some of its objects. */
export interface IncorporatedWork {
  /** The component: the `mimalloc` of `LICENSE.mimalloc.txt`. */
  readonly name: string;
  /** An SPDX expression. */
  readonly spdx: string;
  /** The objects that contain it, relative to the build directory. */
  readonly objects: RegExp;
  /** The versions of Python that have it, as a semver range, if the objects do not show it. */
  readonly python?: string;
  /** Where its licence text is: a section of the documentation's list, or a file of `meta/licenses/`. */
  readonly text: {readonly section: string} | {readonly file: string};
}

/**
 * The works that CPython's documentation lists ("Licenses and Acknowledgements for Incorporated Software") and its
 * software bill of materials names, as far as they are compiled on Linux. Expat and libmpdec are not among them,
 * because the build uses the libraries of its own recipes.
 */
export const incorporatedWorks: readonly IncorporatedWork[] = [
  {
    // Up to Python 3.12.
    name: 'audioop',
    spdx: 'LicenseRef-audioop',
    objects: /^Modules\/audioop\.o$/,
    text: {section: 'Audioop'},
  },
  {
    name: 'cfuhash',
    spdx: 'BSD-3-Clause',
    objects: /^Python\/hashtable\.o$/,
    text: {section: 'cfuhash'},
  },
  {
    name: 'dtoa',
    spdx: 'dtoa',
    objects: /^Python\/dtoa\.o$/,
    text: {section: 'strtod and dtoa'},
  },
  {
    name: 'global-unbounded-sequences',
    spdx: 'BSD-2-Clause',
    objects: /^Python\/qsbr\.o$/,
    text: {section: 'Global Unbounded Sequences (GUS)'},
  },
  {
    name: 'hacl-star',
    spdx: 'MIT',
    objects: /^Modules\/_hacl\//,
    text: {file: 'hacl-star.txt'},
  },
  {
    // Up to Python 3.13; replaced by HACL*.
    name: 'libb2',
    spdx: 'CC0-1.0',
    objects: /^Modules\/_blake2\/blake2[bs]_impl\.o$/,
    text: {file: 'libb2.txt'},
  },
  {
    name: 'mersenne-twister',
    spdx: 'BSD-3-Clause',
    objects: /^Modules\/_randommodule\.o$/,
    text: {section: 'Mersenne Twister'},
  },
  {
    name: 'mimalloc',
    spdx: 'MIT',
    objects: /^Objects\/obmalloc\.o$/,
    python: '>=3.13',
    text: {section: 'mimalloc'},
  },
  {
    name: 'pyzstd',
    spdx: 'BSD-3-Clause',
    objects: /^Modules\/_zstd\//,
    text: {section: 'Zstandard bindings'},
  },
  {
    name: 'siphash',
    spdx: 'MIT',
    objects: /^Python\/pyhash\.o$/,
    text: {section: 'SipHash24'},
  },
  {
    // Up to Python 3.11; replaced by HACL*.
    name: 'tiny_sha3',
    spdx: 'MIT',
    objects: /^Modules\/_sha3\/sha3module\.o$/,
    text: {file: 'tiny_sha3.txt'},
  },
  {
    name: 'unicode-character-database',
    spdx: 'Unicode-3.0',
    objects: /^(?:Modules\/unicodedata|Objects\/unicodectype)\.o$/,
    text: {section: 'Unicode Character Database'},
  },
];

/** The works that the given objects of a CPython version contain. */
export function worksIn(
  objects: readonly string[],
  pythonVersion: string,
): readonly IncorporatedWork[] {
  return incorporatedWorks.filter(
    (work) =>
      objects.some((object) => work.objects.test(object)) &&
      isPythonIn(pythonVersion, work.python ?? '*'),
  );
}

/** Sections of the documentation's list about Python code, other systems, or libraries of recipes. */
const otherSections: readonly string[] = [
  'Asynchronous socket services',
  'Cookie management',
  'Execution tracing',
  'OpenSSL',
  'Pixi packages',
  'Profiling module',
  'Select kqueue',
  'Sockets',
  'UUencode and UUdecode functions',
  'W3C C14N test suite',
  'XML Remote Procedure Calls',
  'asyncio',
  'expat',
  'libffi',
  'libmpdec',
  'test_epoll',
  'zlib',
];

/** The sections of the documentation's list that this file does not know: new works in a new version of Python. */
export function unknownSections(list: string): readonly string[] {
  const known = new Set([
    ...otherSections,
    ...incorporatedWorks.flatMap(({text}) => ('section' in text ? [text.section] : [])),
  ]);
  const lines = list.split('\n');
  const start = lines.indexOf('Licenses and Acknowledgements for Incorporated Software');
  return lines.filter(
    (line, index) => start !== -1 && index > start && isTitle(lines, index) && !known.has(line),
  );
}

/**
 * A section of a text in reStructuredText, by its title, without the title; `undefined` if it is missing or empty. It
 * ends at the next title of any level.
 */
export function sectionOf(text: string, title: string): string | undefined {
  const lines = text.split('\n');
  const start = lines.findIndex((line, index) => line === title && isTitle(lines, index));
  if (start === -1) return undefined;
  const rest = lines.slice(start + 2);
  const length = rest.findIndex((_line, index) => isTitle(lines, start + 2 + index));
  const body = (length === -1 ? rest : rest.slice(0, length))
    .filter((line) => !line.startsWith('.. _'))
    .join('\n')
    .trim();
  return body === '' ? undefined : `${body}\n`;
}

function isTitle(lines: readonly string[], index: number): boolean {
  return /^\w/.test(lines[index] ?? '') && /^([=*-])\1{2,}$/.test(lines[index + 1] ?? '');
}
