import {describe, expect, it} from 'vitest';
import {
  incorporatedWorks,
  sectionOf,
  worksIn,
} from '../../../../src/distribution/licences/incorporated-works.js';

const namesIn = (objects: readonly string[], python: string) =>
  worksIn(objects, python).map(({name}) => name);

describe('works of others inside CPython', () => {
  it.each([
    [['Modules/_hacl/Hacl_Hash_MD5.o'], '3.14.7', ['hacl-star']],
    [['Modules/_blake2/blake2b_impl.o'], '3.13.15', ['libb2']],
    [['Modules/_sha3/sha3module.o', 'Modules/audioop.o'], '3.11.2', ['audioop', 'tiny_sha3']],
    [['Modules/_zstd/compressor.o'], '3.14.7', ['pyzstd']],
    [['Modules/unicodedata.o'], '3.14.7', ['unicode-character-database']],
    [['Objects/obmalloc.o'], '3.13.0', ['mimalloc']],
    [['Objects/obmalloc.o'], '3.15.0rc1', ['mimalloc']],
    [['Objects/obmalloc.o'], '3.12.9', []],
    [['Modules/_ssl.o', 'Modules/zlibmodule.o'], '3.14.7', []],
  ])('%j of %s hold %j', (objects, python, names) => {
    expect(namesIn(objects, python)).toEqual(names);
  });

  it('are named once, in the order of the alphabet', () => {
    const names = incorporatedWorks.map(({name}) => name);
    expect(names).toEqual([...new Set(names)].toSorted());
  });
});

describe('a section of a text', () => {
  const text = [
    'First',
    '-----',
    '',
    'the terms::',
    '',
    '  word for word',
    '  -------------',
    '',
    '.. _label:',
    '',
    'Second',
    '------',
    '',
    '',
    'Third',
    '=====',
    'to the end',
  ].join('\n');

  it.each([
    ['First', 'the terms::\n\n  word for word\n  -------------\n'],
    ['Third', 'to the end\n'],
    ['Second', undefined],
    ['Fourth', undefined],
    ['to the end', undefined],
  ])('%s is %j', (title, expected) => {
    expect(sectionOf(text, title)).toBe(expected);
  });
});
