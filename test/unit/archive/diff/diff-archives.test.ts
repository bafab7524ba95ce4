import {readFileSync} from 'node:fs';
import {mkdtemp, readdir, rm} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {diffArchives} from '../../../../src/archive/diff/diff-archives.js';
import {elfBytesOf} from '../../../../src/elf/elf-bytes.js';
import {readElf} from '../../../../src/elf/elf-file.js';
import {makeArchive, symlinkMember, type FixtureMember} from '../../../support/make-archive.js';

let scratch: string;

beforeEach(async () => {
  scratch = await mkdtemp(path.join(os.tmpdir(), 'ampoule-diff-'));
});

afterEach(() => rm(scratch, {recursive: true, force: true}));

async function diff(a: readonly FixtureMember[], b: readonly FixtureMember[], limit = 20) {
  const folder = path.join(scratch, 'work');
  const difference = await diffArchives(
    await makeArchive(path.join(scratch, 'a.tar.gz'), a),
    await makeArchive(path.join(scratch, 'b.tar.gz'), b),
    {scratch: folder, limit, signal: new AbortController().signal},
  );
  expect(await readdir(folder).catch(() => [])).toEqual([]);
  return difference;
}

/** The difference of one file's content. */
async function contentDiff(name: string, a: string | Buffer, b: string | Buffer, limit?: number) {
  const difference = await diff([[`python/${name}`, a]], [[`python/${name}`, b]], limit);
  return difference.changed[0]?.content;
}

/** A static library of members, by the machine's own ar format: a header of 60 bytes each. */
function library(members: Readonly<Record<string, string>>): Buffer {
  const head = (name: string, size: number) =>
    `${name.padEnd(16)}${'0'.padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}${'644'.padEnd(8)}${String(size).padEnd(10)}\`\n`;
  const names = Object.keys(members);
  const table = names.map((name) => `${name}/\n`).join('');
  const offsets = names.map(
    (_name, index) => names.slice(0, index).join('/\n').length + (index > 0 ? 2 : 0),
  );
  const even = (text: string) => (text.length % 2 === 0 ? text : `${text}\n`);
  return Buffer.from(
    [
      '!<arch>\n',
      `${head('//', table.length)}${even(table)}`,
      ...names.map((name, index) => {
        const content = members[name] ?? '';
        return `${head(`/${offsets[index] ?? 0}`, content.length)}${even(content)}`;
      }),
    ].join(''),
  );
}

describe('the difference of two archives', () => {
  it('is empty for equal members in another order', async () => {
    const members: readonly FixtureMember[] = [
      ['python/PYTHON.json', '{}'],
      ['python/install/a', 'a'],
      symlinkMember('python/install/b', 'a'),
    ];

    expect(await diff(members, members.toReversed())).toEqual({
      fields: [],
      onlyInA: [],
      onlyInB: [],
      changed: [],
    });
  });

  it('names members of one archive only, and the folder that the other lacks', async () => {
    const difference = await diff(
      [
        ['python/install/lib/a', '12'],
        ['python/build/Modules/x.o', '1'],
      ],
      [
        ['python/install/lib/a', '12'],
        ['python/install/lib/b', '123'],
      ],
    );

    expect(difference.onlyInA).toEqual([
      {path: 'build/Modules/x.o', kind: 'file', sizeBytes: 1, loneFolder: 'build'},
    ]);
    expect(difference.onlyInB).toEqual([
      {path: 'install/lib/b', kind: 'file', sizeBytes: 3, loneFolder: undefined},
    ]);
  });

  it('names kinds, modes and targets that changed', async () => {
    const {changed} = await diff(
      [
        ['python/bin/a', 'x', {name: '', mode: 0o755}],
        symlinkMember('python/bin/b', 'a'),
        symlinkMember('python/bin/c', 'a'),
      ],
      [['python/bin/a', 'x'], symlinkMember('python/bin/b', 'c'), ['python/bin/c', 'x']],
    );

    expect(changed.map(({path: place, fields}) => [place, ...fields])).toEqual([
      ['install/bin/a', {name: 'mode', before: '755', after: '644'}],
      ['install/bin/b', {name: 'target', before: 'a', after: 'c'}],
      [
        'install/bin/c',
        {name: 'kind', before: 'symlink', after: 'file'},
        {name: 'target', before: 'a', after: ''},
      ],
    ]);
  });

  it('tells another date of all members once', async () => {
    const at = (seconds: number): FixtureMember[] =>
      ['python/a', 'python/b'].map((name) => [name, 'x', {name, mtime: new Date(seconds * 1000)}]);

    const difference = await diff(at(1_600_000_000), at(1_700_000_000));

    expect(difference).toMatchObject({changed: [], fields: [{name: 'time'}]});
  });

  it('pairs the flavours, whose folders differ', async () => {
    const {changed, onlyInA, onlyInB} = await diff(
      [['python/install/bin/a', 'one']],
      [['python/bin/a', 'two']],
    );

    expect([changed[0]?.path, onlyInA, onlyInB]).toEqual(['install/bin/a', [], []]);
  });

  it('pairs two versions, whose names differ', async () => {
    const of = (version: string, content: string): readonly FixtureMember[] => [
      [`python/bin/python${version}`, 'same'],
      symlinkMember('python/bin/python3', `python${version}`),
      [`python/lib/python${version}/abc.py`, content],
      [`python/lib/python${version}/x.cpython-${version.replace('.', '')}.so`, 'same'],
    ];

    const {changed, onlyInA, onlyInB} = await diff(of('3.13', 'a\n'), of('3.14', 'b\n'));

    expect(changed.map((each) => each.path)).toEqual(['install/lib/python{3.13,3.14}/abc.py']);
    expect([onlyInA, onlyInB]).toEqual([[], []]);
  });
});

describe('the difference of two files', () => {
  it('of text is a unified diff, cut where it is long', async () => {
    const lines = (middle: string) => `1\n2\n3\n${middle}\n5\n6\n7\n`;

    expect(await contentDiff('x.py', lines('4'), lines('four'))).toEqual({
      kind: 'text',
      lines: {items: ['@@ -2,5 +2,5 @@', ' 2', ' 3', '-4', '+four', ' 5', ' 6'], omitted: 0},
    });
    expect(await contentDiff('x.py', lines('4'), lines('four'), 2)).toMatchObject({
      lines: {items: ['@@ -2,5 +2,5 @@', ' 2'], omitted: 5},
    });
  });

  it('of JSON names the keys, and what came and went in lists', async () => {
    const before = {a: {b: 1, c: ['x', 'y']}, gone: true};
    const after = {a: {b: 2, c: ['w', 'x', 'y']}, come: null};

    const content = await contentDiff('x.json', JSON.stringify(before), JSON.stringify(after));

    expect(content).toEqual({
      kind: 'json',
      changes: {
        items: [
          {path: 'a.b', before: '1', after: '2'},
          {path: 'a.c', before: undefined, after: '"w"'},
          {path: 'gone', before: 'true', after: undefined},
          {path: 'come', before: undefined, after: 'null'},
        ],
        omitted: 0,
      },
    });
  });

  it('of JSON with equal values is one of the text', async () => {
    expect(await contentDiff('x.json', '{"a":1}', '{"a": 1}')).toMatchObject({kind: 'text'});
  });

  it('of other bytes is the first that differs', async () => {
    const [before, after] = [Buffer.alloc(200_000), Buffer.alloc(200_000)];
    after[150_001] = 1;

    expect(await contentDiff('x', before, after)).toEqual({kind: 'bytes', firstOffset: 150_001});
  });

  it('of static libraries names the members', async () => {
    const content = await contentDiff(
      'libx.a',
      library({'a_rather_long_name.o': 'one', 'b.o': 'same', 'c.o': 'gone'}),
      library({'a_rather_long_name.o': 'two', 'b.o': 'same'}),
    );

    expect(content).toMatchObject({
      kind: 'static library',
      members: {removed: {items: ['c.o']}, added: {items: []}},
      changed: {items: [{name: 'a_rather_long_name.o', difference: {kind: 'text'}}], omitted: 0},
    });
  });

  it('of ELF files names sections, symbols and needed libraries', async () => {
    const program = readFileSync('/bin/true');
    const {sections} = readElf(elfBytesOf(program));
    const rodata = sections.find(({name}) => name === '.rodata');
    const changed = Buffer.from(program);
    const at = rodata?.offset ?? 0;
    changed[at] = (changed[at] ?? 0) ^ 0xff;

    expect(await contentDiff('bin/x', program, changed)).toMatchObject({
      kind: 'elf',
      fields: [],
      needed: undefined,
      sections: {items: [{name: '.rodata', sizeAfter: rodata?.sizeBytes}], omitted: 0},
      dynamicSymbols: undefined,
    });
    expect(await contentDiff('bin/x', program, readFileSync('/bin/sh'))).toMatchObject({
      kind: 'elf',
      sections: {items: expect.arrayContaining([expect.objectContaining({name: '.text'})])},
    });
  });

  it('of a damaged ELF file is the first byte that differs', async () => {
    const program = readFileSync('/bin/true');

    expect(await contentDiff('bin/x', program, program.subarray(0, 5000))).toEqual({
      kind: 'bytes',
      firstOffset: 5000,
    });
  });
});
