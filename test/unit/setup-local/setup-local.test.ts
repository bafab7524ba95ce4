import {describe, expect, it} from 'vitest';

import {formatDiagnostic, valueOrThrow} from '../../../src/core/errors.js';
import {parseModuleDefinitions} from '../../../src/setup-local/parse-definitions.js';
import {generateSetupLocal} from '../../../src/setup-local/setup-local.js';
import type {UpstreamTexts} from '../../../src/setup-local/upstream-modules.js';
import {repositoryDefinitions, upstreamTexts} from './real-sources.js';

const small: UpstreamTexts = {
  setup: 'DESTPATH=\n#_offered offered.c -lold\n# prose about x.c\n#xx xx.c\n',
  bootstrap: '*static*\nposix posixmodule.c\n@MODULE_PWD_TRUE@pwd pwdmodule.c\n',
  stdlib: [
    '*@MODULE_BUILDTYPE@*',
    '@MODULE__A_TRUE@_a a.c',
    '@MODULE__FLAGS_TRUE@_flags flags.c -I$(srcdir)/Modules/x',
    '*shared*',
    '@MODULE__S_TRUE@_s s/one.c \\',
    '  s/two.c # comment',
  ].join('\n'),
  configC: 'struct _inittab _PyImport_Inittab[] = {\n    {"sys", NULL},\n    {0, 0}\n};\n',
};

const entries: Readonly<Record<string, string | undefined>> = {
  _a: '{sources: [a.c]}',
  _flags: '{}',
  _s: '{linkage: shared}',
  _offered: '{origin: setup, linkage: disabled, reason: not wanted}',
  xx: '{origin: setup, linkage: disabled, reason: sample}',
  posix: '{origin: bootstrap}',
  pwd: '{origin: bootstrap}',
  sys: '{linkage: core, init: null}',
};

function generate(
  changes: Readonly<Record<string, string | undefined>> = {},
  upstream: UpstreamTexts = small,
  python = '3.14.7',
) {
  const text = Object.entries({...entries, ...changes})
    .flatMap(([name, entry]) => (entry === undefined ? [] : [`${name}: ${entry}\n`]))
    .join('');
  const definitions = valueOrThrow(parseModuleDefinitions([{file: 'm.yaml', text}]));
  return generateSetupLocal({
    definitions,
    upstream,
    python,
    target: {triple: 'x86_64-unknown-linux-gnu'},
    options: ['noopt'],
  });
}

function mistakes(...args: Parameters<typeof generate>): readonly string[] {
  const result = generate(...args);
  return result.ok ? [] : result.diagnostics.map(formatDiagnostic);
}

/** The lines of Setup.local below its heading. */
function linesOf(...args: Parameters<typeof generate>): readonly string[] {
  return valueOrThrow(generate(...args))
    .setupLocal.split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
}

describe('Setup.local', () => {
  it('is empty where nothing differs from upstream', () => {
    expect(linesOf()).toEqual([]);
  });

  it('moves a module to another section with the words of its own line', () => {
    const lines = linesOf({
      _s: '{linkage: static, sources: [s/two.c, s/one.c]}',
      _flags: '{linkage: shared}',
      _a: '{linkage: disabled, reason: off}',
    });

    expect(lines).toEqual([
      '*disabled*',
      '_a',
      '*shared*',
      '_flags flags.c -I$(srcdir)/Modules/x',
      '*static*',
      '_s s/one.c s/two.c',
    ]);
  });

  it('adds own flags by a variable and keeps those that configure found', () => {
    const lines = linesOf({_a: '{defines: [X=1, Y], includes: [Modules/y]}'});

    expect(lines).toEqual([
      '*static*',
      'AMPOULE__A_CFLAGS=-I$(srcdir)/Modules/y -DX=1 -DY',
      '_a a.c $(AMPOULE__A_CFLAGS) $(MODULE__A_CFLAGS) $(MODULE__A_LDFLAGS)',
    ]);
  });

  it('writes the whole line of a module that upstream only offers in a comment', () => {
    const lines = linesOf({
      _offered:
        '{origin: setup, linkage: shared, sources: [o.c], libraries: {libo: [o], system: [m]}}',
    });

    expect(lines).toEqual([
      '*shared*',
      '_offered o.c $(MODULE__OFFERED_CFLAGS) $(MODULE__OFFERED_LDFLAGS) -lo -lm',
    ]);
  });
});

describe('the list of expected modules', () => {
  it('says what each module that is on must be', () => {
    const {modules} = valueOrThrow(
      generate({_a: '{libraries: {zlib: [z], system: [m], expat: []}, required: true}'}),
    );

    expect(modules.map(({name, linkage}) => `${name} ${linkage}`)).toEqual([
      '_a static',
      '_flags static',
      '_s shared',
      'posix static',
      'pwd static',
      'sys core',
    ]);
    expect(modules[0]).toEqual({
      name: '_a',
      linkage: 'static',
      initFunction: 'PyInit__a',
      required: true,
      sources: ['Modules/a.c'],
      objects: ['Modules/a.o'],
      archives: [],
      libraries: [
        {name: 'z', dependency: 'zlib'},
        {name: 'm', dependency: null},
      ],
      dependencies: ['expat', 'zlib'],
    });
    expect(modules[2]?.objects).toEqual(['Modules/s/one.o', 'Modules/s/two.o']);
    expect(modules[5]?.initFunction).toBeNull();
  });
});

describe('the two-way check', () => {
  it('names a module that only the source has, and says what to add where', () => {
    expect(mistakes({_a: undefined, posix: undefined, sys: undefined, xx: undefined})).toEqual([
      expect.stringMatching(
        /^Modules\/Setup.stdlib.in:2: extension module _a is not known. Add an entry `_a:` to .* static-modules\//,
      ),
      expect.stringMatching(/^Modules\/Setup.bootstrap.in:2: .*posix.*origin: bootstrap/),
      expect.stringMatching(/^Modules\/config.c.in:2: .*sys.*origin: config.c/),
      expect.stringMatching(/^Modules\/Setup:4: .*xx.*origin: setup/),
    ]);
  });

  it('names a module that only static-modules/ has', () => {
    expect(mistakes({_gone: '{}'})).toEqual([
      expect.stringMatching(
        /^m.yaml:9:1: _gone: the source of CPython 3.14.7 .* has no such extension module. Give its entry a `when/,
      ),
    ]);
  });

  it('names a module of the source for which no variant holds', () => {
    expect(mistakes({_a: '{when: {python: "<3.14"}}'})).toEqual([
      expect.stringMatching(
        /^Modules\/Setup.stdlib.in:2: extension module _a has an entry at m.yaml:1, but no variant/,
      ),
    ]);
  });

  it('takes a module for absent where no variant holds and the source has none either', () => {
    expect(mistakes({_new: '{when: {python: ">=3.15"}}'})).toEqual([]);
  });

  it('rejects two variants that hold at once', () => {
    expect(mistakes({_a: '[{}, {when: {python: ">=3.14"}}]'})).toEqual([
      expect.stringMatching(/^m.yaml:1:1: _a: 2 variants hold for CPython 3.14.7/),
    ]);
  });

  it.each([
    [
      'origin',
      '_a',
      '{origin: bootstrap}',
      'origin is bootstrap here, but stdlib in Modules/Setup.stdlib.in:2',
    ],
    [
      'sources',
      '_a',
      '{sources: [b.c]}',
      'sources is [b.c] here, but [a.c] in Modules/Setup.stdlib.in:2',
    ],
    [
      'init function',
      'sys',
      '{linkage: core}',
      'init is PyInit_sys here, but null in Modules/config.c.in:2',
    ],
  ])('rejects another %s than the source has', (_what, name, entry, message) => {
    expect(mistakes({[name]: entry})).toEqual([expect.stringContaining(message)]);
  });

  it('finds a module taken out of the real data and one put into it', () => {
    const definitions = repositoryDefinitions().filter(({name}) => name !== '_zstd');

    const result = generateSetupLocal({
      definitions,
      upstream: upstreamTexts('3.14.7'),
      python: '3.14.7',
      target: {triple: 'x86_64-unknown-linux-gnu'},
      options: ['noopt'],
    });

    expect(result.ok ? [] : result.diagnostics.map(({message}) => message)).toEqual([
      expect.stringContaining('extension module _zstd is not known'),
    ]);
  });
});

describe("CPython's files", () => {
  it.each<[string, Partial<UpstreamTexts>, RegExp]>([
    [
      'an unknown section',
      {stdlib: '*sometimes*\n_a a.c\n'},
      /^Modules\/Setup.stdlib.in:1: .*\*sometimes\*/,
    ],
    [
      'an unknown word',
      {stdlib: '_a a.c "x\n'},
      /^Modules\/Setup.stdlib.in:1: has a word that is not understood: "x/,
    ],
    [
      'a line without a name',
      {bootstrap: 'a.c\n'},
      /^Modules\/Setup.bootstrap.in:1: names no module/,
    ],
    [
      'an empty file',
      {bootstrap: ''},
      /^Modules\/Setup.bootstrap.in: names no module: is this the right file/,
    ],
    ['no table', {configC: 'int x;\n'}, /^Modules\/config.c.in: has no _PyImport_Inittab/],
    [
      'a strange entry',
      {configC: small.configC.replace('NULL', 'f(1)')},
      /^Modules\/config.c.in:2: is not an entry/,
    ],
  ])('with %s are rejected', (_what, change, message) => {
    expect(mistakes({}, {...small, ...change})[0]).toMatch(message);
  });

  it('that are noise give diagnostics and nothing worse', () => {
    const noise = Array.from({length: 5000}, (_, index) =>
      String.fromCharCode((index * 7919) % 600),
    ).join('');

    expect(
      mistakes({}, {setup: noise, bootstrap: noise, stdlib: noise, configC: noise}),
    ).not.toEqual([]);
  });

  it('may name modules like the members of every object', () => {
    const stdlib = `${small.stdlib}\nconstructor c.c\n__proto__ p.c\n`;

    expect(mistakes({}, {...small, stdlib})).toEqual([
      expect.stringContaining('extension module constructor is not known'),
      expect.stringContaining('extension module __proto__ is not known'),
    ]);
  });
});

it('rejects what is not a version of CPython', () => {
  expect(mistakes({}, small, '3.14')).toEqual([
    'static-modules: "3.14" is not a version of CPython, like 3.14.7 or 3.15.0rc1',
  ]);
});
