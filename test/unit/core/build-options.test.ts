import {describe, expect, it} from 'vitest';
import {
  abiFlagsOf,
  buildOptionTable,
  hasInstallOnly,
  hasSanitizer,
  optimizationRank,
  optimizationsOf,
  parseBuildOptions,
  printBuildOptions,
  type BuildOptions,
} from '../../../src/core/build-options.js';

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
    expect(buildOptionTable.static.notBuildable).toMatch(/cannot load extension modules/);
    expect(buildOptionTable.lto.notBuildable).toBeUndefined();
    expect(buildOptionTable.freethreaded.pythons).toBe('>=3.13');
    expect(buildOptionTable.debug.pythons).toBeUndefined();
  });

  it.each(['noopt', 'debug+ubsan', 'noopt+asan+ubsan'])('%s may have a sanitizer', (text) => {
    expect(hasSanitizer(parse(text))).toBe(text.includes('san'));
  });

  it('knows why an option is not for every Python that has it', () => {
    expect(buildOptionTable['trace-refs'].pythons).toBe('>=3.13');
    expect(buildOptionTable['trace-refs'].notInOthers).toMatch(/stable ABI/);
    expect(buildOptionTable.tsan.notInOthers).toBeUndefined();
  });

  it('knows what sanitizers need of the toolchain and of glibc', () => {
    expect(buildOptionTable.tsan.notBootstrapped).toMatch(/no runtimes of sanitizers/);
    expect(buildOptionTable.pgo.notBootstrapped).toBeUndefined();
    expect(buildOptionTable.asan.oldestGlibc).toBe('2.16');
    expect(buildOptionTable.debug.oldestGlibc).toBeUndefined();
  });

  it('are ranked by how much they optimize, the plain one first', () => {
    const ranked = ['noopt', 'lto', 'pgo', 'pgo+lto+jit', 'pgo+lto'];

    expect(
      ranked.toSorted((a, b) => optimizationRank(parse(a)) - optimizationRank(parse(b))),
    ).toEqual(ranked);
  });
});
