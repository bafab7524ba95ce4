import {describe, expect, it} from 'vitest';
import {
  abiFlagsOf,
  hasInstallOnly,
  optimizationsOf,
  parseBuildOptions,
  printBuildOptions,
  seriesOf,
  oldestGlibcOf,
  whyNotBootstrapped,
  whyNotBuildable,
  whyNotInOthers,
  pythonsWith,
  hasSanitizer,
  optimizationRank,
  variantAsJson,
  variantName,
  type BuildOptions,
  type Variant,
} from '../../../src/core/variant.js';
import {x86Target} from '../../support/targets.js';

/** The option strings of python-build-standalone's archives. */
const published = [
  'debug',
  'noopt',
  'pgo',
  'lto',
  'pgo+lto',
  'freethreaded+debug',
  'freethreaded+noopt',
  'freethreaded+lto',
  'freethreaded+pgo+lto',
  'debug+static',
  'noopt+static',
  'lto+static',
];

function parse(text: string): BuildOptions {
  const options = parseBuildOptions(text);
  if (!options.ok) throw new Error(options.diagnostics.map(({message}) => message).join('\n'));
  return options.value;
}

describe('an option string', () => {
  it.each(published)('%s is printed as it was read', (text) => {
    expect(printBuildOptions(parse(text))).toBe(text);
  });

  it.each(published)('%s may name its parts in any order', (text) => {
    expect(parse(text.split('+').reverse().join('+'))).toEqual(parse(text));
  });

  it.each([
    ['', 'unknown build option ""'],
    ['fast', 'unknown build option "fast". Expected some of freethreaded, debug, noopt, pgo,'],
    ['pgo+', 'unknown build option ""'],
    ['PGO', 'unknown build option "PGO"'],
    ['lto+pgo+lto', '"lto+pgo+lto" names lto twice'],
    ['debug+pgo', '"debug+pgo": debug and pgo exclude each other'],
    ['noopt+debug', '"noopt+debug": debug and noopt exclude each other'],
    [
      'noopt+jit+freethreaded',
      "freethreaded and jit exclude each other: CPython's configure refuses",
    ],
    ['debug+tsan+asan', 'tsan and asan exclude each other: both replace'],
    ['pgo+lto+ubsan', 'pgo and ubsan exclude each other: sanitizers are for debug and noopt'],
    ['debug+trace-refs+freethreaded', 'freethreaded and trace-refs exclude each other'],
    ['freethreaded', 'does not say how the code is optimized: add one of debug, noopt, pgo, lto'],
  ])('"%s" is refused', (text, message) => {
    expect(parseBuildOptions(text)).toMatchObject({
      ok: false,
      diagnostics: [{file: '--options', message: expect.stringContaining(message) as string}],
    });
  });

  it.each([
    ['noopt', '', 'noopt', true],
    ['debug', 'd', 'debug', false],
    ['freethreaded+pgo+lto', 't', 'pgo+lto', true],
    ['freethreaded+debug', 'td', 'debug', false],
    ['lto+static', '', 'lto+static', false],
  ])('%s decides ABI flags, optimizations and flavours', (text, flags, optimizations, has) => {
    const options = parse(text);

    expect(abiFlagsOf(options)).toBe(flags);
    expect(optimizationsOf(options)).toBe(optimizations);
    expect(hasInstallOnly(options)).toBe(has);
  });

  it('knows what no recipe can build, and for which Pythons the rest is', () => {
    expect(whyNotBuildable('static')).toMatch(/cannot load extension modules/);
    expect(whyNotBuildable('lto')).toBeUndefined();
    expect(pythonsWith('freethreaded')).toBe('>=3.13');
    expect(pythonsWith('debug')).toBeUndefined();
  });

  it.each(['noopt', 'debug+ubsan', 'noopt+asan+ubsan'])('%s may have a sanitizer', (text) => {
    expect(hasSanitizer(parse(text))).toBe(text.includes('san'));
  });

  it('knows why an option is not for every Python that has it', () => {
    expect(pythonsWith('trace-refs')).toBe('>=3.13');
    expect(whyNotInOthers('trace-refs')).toMatch(/stable ABI/);
    expect(whyNotInOthers('tsan')).toBeUndefined();
  });

  it('knows what sanitizers need of the toolchain and of glibc', () => {
    expect(whyNotBootstrapped('tsan')).toMatch(/no runtimes of sanitizers/);
    expect(whyNotBootstrapped('pgo')).toBeUndefined();
    expect(oldestGlibcOf('asan')).toBe('2.16');
    expect(oldestGlibcOf('debug')).toBeUndefined();
  });

  it('are ranked by how much they optimize, the plain one first', () => {
    const ranked = ['noopt', 'lto', 'pgo', 'pgo+lto+jit', 'pgo+lto'];

    expect(
      ranked.toSorted((a, b) => optimizationRank(parse(a)) - optimizationRank(parse(b))),
    ).toEqual(ranked);
  });
});

const withoutFloor: Variant = {
  python: '3.14.7',
  target: x86Target,
  options: ['freethreaded', 'pgo', 'lto'],
  toolchain: 'debian',
  sourceSet: 'upstream',
};
const variant: Variant = {...withoutFloor, glibcFloor: '2.17'};

describe('the series of a Python', () => {
  it.each([
    ['3.14.7', '3.14'],
    ['3.15.0rc1', '3.15'],
  ])('%s is %s', (version, series) => {
    expect(seriesOf(version)).toBe(series);
  });
});

describe('the name of a variant', () => {
  it.each([
    [variant, '3.14-x86_64-unknown-linux-gnu.2.17-freethreaded+pgo+lto'],
    [withoutFloor, '3.14-x86_64-unknown-linux-gnu-freethreaded+pgo+lto'],
    [
      {...variant, options: ['debug'], toolchain: 'bootstrap', sourceSet: 'debian'},
      '3.14-x86_64-unknown-linux-gnu.2.17-debug-bootstrap-debian-sources',
    ],
    [{target: variant.target}, 'x86_64-unknown-linux-gnu'],
    [{sourceSet: 'debian'}, 'debian-sources'],
    [{}, ''],
  ] as const)('%j is %s', (parts, name) => {
    expect(variantName(parts)).toBe(name);
  });

  it('stays when CPython is upgraded', () => {
    expect(variantName({...variant, python: '3.14.8'})).toBe(variantName(variant));
  });

  it('differs where any other part differs', () => {
    const others: readonly Variant[] = [
      {...variant, python: '3.13.15'},
      {...variant, options: ['lto']},
      {...variant, toolchain: 'bootstrap'},
      {...variant, sourceSet: 'debian'},
      {...variant, glibcFloor: '2.28'},
      withoutFloor,
    ];

    expect(new Set([variant, ...others].map(variantName)).size).toBe(others.length + 1);
  });
});

it('a variant has its options as one string in JSON', () => {
  expect(variantAsJson(variant)).toEqual({
    ...variant,
    target: x86Target.triple,
    options: 'freethreaded+pgo+lto',
  });
  expect(variantAsJson(withoutFloor)).not.toHaveProperty('glibcFloor');
});
