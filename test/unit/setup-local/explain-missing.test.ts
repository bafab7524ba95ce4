import {describe, expect, it} from 'vitest';

import {valueOrThrow} from '../../../src/core/errors.js';
import type {BuiltModule} from '../../../src/setup-local/explain-missing.js';
import {explainMissing} from '../../../src/setup-local/explain-missing.js';
import {generateSetupLocal} from '../../../src/setup-local/setup-local.js';
import {repositoryDefinitions, upstreamTexts} from './real-sources.js';

const expected = valueOrThrow(
  generateSetupLocal({
    definitions: repositoryDefinitions(),
    upstream: upstreamTexts('3.14.7'),
    python: '3.14.7',
    target: 'x86_64-unknown-linux-gnu',
    options: 'noopt',
  }),
).modules;

const built: readonly BuiltModule[] = expected.map(({name, linkage}) => ({
  name,
  kind: linkage === 'shared' ? 'shared' : 'builtin',
}));

function messages(modules: readonly BuiltModule[]): readonly string[] {
  return explainMissing(expected, modules).map(({message}) => message);
}

describe('explainMissing', () => {
  it('is silent when the sets are equal', () => {
    expect(messages(built)).toEqual([]);
  });

  it.each([
    ['_ssl', 'openssl (-lssl -lcrypto)'],
    ['_lzma', 'xz (-llzma)'],
    ['_uuid', 'libuuid (-luuid)'],
    ['_dbm', 'bdb (-ldb)'],
    ['_curses', 'ncurses (-lncursesw)'],
    ['readline', 'libedit, ncurses (-ledit -lncursesw)'],
    ['_ctypes', 'libffi (-lffi)'],
    ['_sqlite3', 'sqlite (-lsqlite3)'],
    ['_zstd', 'zstd (-lzstd)'],
    ['_bz2', 'bzip2 (-lbz2)'],
    ['zlib', 'zlib (-lz)'],
    ['pyexpat', 'expat (-lexpat)'],
    ['_elementtree', 'expat (headers)'],
    ['_decimal', 'mpdecimal (-lmpdec)'],
  ])('names for a missing %s the dependency that it needs: %s', (name, dependency) => {
    const without = built.filter((module) => module.name !== name);

    expect(messages(without)).toEqual([
      expect.stringContaining(
        `extension module ${name} is missing from the build. It needs ${dependency}`,
      ),
    ]);
  });

  it('says of a missing module without dependencies where to look', () => {
    expect(messages(built.filter(({name}) => name !== 'math'))).toEqual([
      expect.stringContaining('math is missing from the build. It needs no dependency'),
    ]);
  });

  it('names a module that nobody expected', () => {
    expect(messages([...built, {name: '_gdbm', kind: 'shared'}])).toEqual([
      expect.stringContaining('_gdbm was built but is not expected'),
    ]);
  });

  it('names a module that is a file but should be built in', () => {
    const changed = built.map((module) =>
      module.name === '_json' ? ({name: '_json', kind: 'shared'} as const) : module,
    );

    expect(messages(changed)).toEqual([expect.stringContaining('_json is shared, wanted builtin')]);
  });
});
