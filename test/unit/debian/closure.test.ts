import {describe, expect, it} from 'vitest';
import {formatRelation, resolveClosure} from '../../../src/debian/closure.js';
import {parseControl} from '../../../src/debian/control.js';
import {compareDebianVersions} from '../../../src/debian/debian-version.js';
import {readPackageIndex} from '../../../src/debian/package-index.js';

function entry(name: string, fields: Readonly<Record<string, string>> = {}): string {
  const all = {
    Package: name,
    Version: '1',
    Architecture: 'amd64',
    Filename: `pool/main/${name}.deb`,
    Size: '1',
    SHA256: 'a'.repeat(64),
    Priority: 'optional',
    ...fields,
  };
  return Object.entries(all)
    .map(([key, value]) => `${key}: ${value}\n`)
    .join('');
}

async function closure(names: readonly string[], ...entries: readonly string[]) {
  const index = await readPackageIndex([entries.join('\n')]);
  const {packages, unsatisfied, conflicts} = resolveClosure(index, names);
  return {
    packages: packages.map(({name}) => name),
    unsatisfied: unsatisfied.map(({by, wanted}) => [by, wanted.map(formatRelation).join(' | ')]),
    conflicts: conflicts.map(({by, with: other}) => `${by} ${other}`),
  };
}

describe('resolveClosure', () => {
  it('follows Depends and Pre-Depends, and nothing else', async () => {
    const result = await closure(
      ['a'],
      entry('a', {Depends: 'b (>= 1), c:any', Recommends: 'd'}),
      entry('b', {'Pre-Depends': 'e'}),
      entry('c', {Depends: 'a'}),
      entry('d'),
      entry('e'),
      entry('essential', {Essential: 'yes'}),
    );

    expect(result).toEqual({
      packages: ['a', 'b', 'c', 'e'],
      unsatisfied: [],
      conflicts: [],
    });
  });

  it('takes the first alternative that can be had, or one that is there already', async () => {
    const packages = [
      entry('a', {Depends: 'missing | x | y'}),
      entry('b', {Depends: 'x | y'}),
      entry('x'),
      entry('y'),
    ];

    expect((await closure(['a'], ...packages)).packages).toEqual(['a', 'x']);
    expect((await closure(['b', 'y'], ...packages)).packages).toEqual(['b', 'y']);
  });

  it('serves a virtual package by its most important provider, a constraint by a versioned Provides', async () => {
    const packages = [
      entry('a', {Depends: 'awk'}),
      entry('b', {Depends: 'perlapi (>= 5)'}),
      entry('gawk', {Provides: 'awk'}),
      entry('mawk', {Provides: 'awk', Priority: 'required'}),
      entry('old-perl', {Provides: 'perlapi (= 4)'}),
      entry('odd-perl', {Provides: 'perlapi'}),
      entry('perl', {Provides: 'perlapi (= 5.40)'}),
    ];

    expect((await closure(['a'], ...packages)).packages).toEqual(['a', 'mawk']);
    expect((await closure(['a', 'gawk'], ...packages)).packages).toEqual(['a', 'gawk']);
    expect((await closure(['b'], ...packages)).packages).toEqual(['b', 'perl']);
  });

  it('says who wants what cannot be had', async () => {
    const result = await closure(['a', 'gone'], entry('a', {Depends: 'b (>= 2) | c'}), entry('b'));

    expect(result.unsatisfied).toEqual([
      [undefined, 'gone'],
      ['a', 'b (>= 2) | c'],
    ]);
  });

  it('says which packages refuse one another, by name or by what they provide, but none itself', async () => {
    const result = await closure(
      ['a', 'b', 'c', 'd'],
      entry('a', {Provides: 'mail', Conflicts: 'mail'}),
      entry('b', {Provides: 'mail', Breaks: 'c (<< 1), d (<< 2)'}),
      entry('c'),
      entry('d'),
    );

    expect(result.conflicts).toEqual(['a b', 'b d']);
  });

  it('takes the newest of several versions', async () => {
    const index = await readPackageIndex([
      entry('a', {Version: '1.9'}),
      `${entry('a', {Version: '1.10'})}\n${entry('a', {Version: '1.2'})}`,
    ]);

    expect(index.packages.get('a')?.version).toBe('1.10');
  });
});

describe('compareDebianVersions', () => {
  const ascending = [
    '1.0~~',
    '1.0~rc1-1',
    '1.0-1',
    '1.0-1+b1',
    '1.0-1+deb13u1',
    '1.0a-1',
    '1.0+1-1',
    '1.0.1-1',
    '1.2-1',
    '1.10-0',
    '1.10-1',
    '2-1',
    '20240101000000000000000001',
    '20240101000000000000000002',
    '1:0.1',
  ];

  it('orders as Debian policy does', () => {
    const shuffled = ascending.toReversed();

    expect(shuffled.toSorted(compareDebianVersions)).toEqual(ascending);
  });

  it('holds versions equal that differ in leading zeros or an absent revision', () => {
    expect(compareDebianVersions('1.01', '1.1')).toBe(0);
    expect(compareDebianVersions('0:1-0', '1')).toBe(0);
  });
});

describe('parseControl', () => {
  it('reads paragraphs, continuation lines and comments', () => {
    const paragraphs = [...parseControl('# c\nA: 1\nB:\n x\n y\n\n\nA: 2\n\n')];

    expect(paragraphs.map((paragraph) => [...paragraph])).toEqual([
      [
        ['a', '1'],
        ['b', 'x\ny'],
      ],
      [['a', '2']],
    ]);
  });
});
