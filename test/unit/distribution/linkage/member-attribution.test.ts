import {describe, expect, it} from 'vitest';
import {attributeLink} from '../../../../src/distribution/linkage/member-attribution.js';
import {parseLinkRecord} from '../../../../src/distribution/linkage/linker-record.js';

const member = (
  archive: string,
  name: string,
  symbols: {readonly defined: readonly string[]; readonly wanted?: readonly string[]},
) => ({archive, name, wanted: [], ...symbols});

const ssl = member('libssl.a', 's.o', {defined: ['ssl'], wanted: ['crypt', 'ssl', 'init_a']});
const crypto = member('libcrypto.a', 'c.o', {defined: ['crypt'], wanted: ['sin', 'ssl', 'x']});
const idle = member('libcrypto.a', 'i.o', {defined: ['idle']});

const needs = attributeLink({
  objects: new Map([
    ['core', [{defined: ['main'], wanted: ['write']}]],
    ['a', [{defined: ['init_a'], wanted: ['ssl', 'main']}]],
    ['b', [{defined: ['init_b'], wanted: ['crypt', 'init_a', 'nowhere']}]],
  ]),
  extracted: [ssl, crypto, idle],
  shared: new Map([
    ['sin', 'libm.so.6'],
    ['write', 'libc.so.6'],
  ]),
});

describe('the parts of a link', () => {
  it('are there for the sake of each object that reaches them, through other parts too', () => {
    expect([...(needs.get('a')?.members ?? [])]).toEqual([ssl, crypto]);
    // A circle of two members has an end.
    expect([...(needs.get('b')?.members ?? [])]).toEqual([crypto, ssl]);
    expect([...(needs.get('core')?.members ?? [])]).toEqual([]);
  });

  it('bring the shared libraries that they were bound to', () => {
    expect([...(needs.get('a')?.sharedLibraries ?? [])]).toEqual([['libm.so.6', 'sin']]);
    expect([...(needs.get('core')?.sharedLibraries ?? [])]).toEqual([['libc.so.6', 'write']]);
  });

  it('refer to objects of others, an owner to its own not', () => {
    expect([...(needs.get('a')?.owners ?? [])]).toEqual([['core', 'main']]);
    expect([...(needs.get('b')?.owners ?? [])]).toEqual([['a', 'init_a']]);
  });
});

describe("the linker's record", () => {
  it('names each member that was taken out of a library', () => {
    const text = 'reference\textracted\tsymbol\na.o\t/deps/l/libz.a(x (1).o)\tz\nb.o\tc.o\td\n\n';
    expect(parseLinkRecord(text)).toEqual([{archive: '/deps/l/libz.a', name: 'x (1).o'}]);
  });
});
