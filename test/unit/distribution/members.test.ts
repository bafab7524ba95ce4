import {describe, expect, it} from 'vitest';
import {
  formatMemberList,
  fullMembers,
  installOnlyMembers,
  memberProblems,
  withOwnForms,
} from '../../../src/distribution/members.js';

const file = (path: string) => ({path, linkTarget: undefined});
const link = (path: string, linkTarget: string) => ({path, linkTarget});
const paths = (entries: readonly {readonly path: string}[]) => entries.map(({path}) => path);

describe('members of the full archive', () => {
  it('are sorted by code unit after PYTHON.json, and only those below python/', () => {
    const entries = [
      'python/install/b',
      'meta/x',
      'python/PYTHON.json',
      'python/build/Z',
      'python/build/a',
    ];
    expect(paths(fullMembers(entries.map(file)))).toEqual([
      'python/PYTHON.json',
      'python/build/Z',
      'python/build/a',
      'python/install/b',
    ]);
  });

  it('are listed with a zero byte after each name', () => {
    expect(formatMemberList([file('python/a b'), file('python/c')])).toBe('python/a b\0python/c\0');
  });
});

describe('members of the install-only archive', () => {
  const standardLibrary = 'install/lib/python3.14';
  const exclusions = {
    standardLibrary,
    testPackages: ['test', 'idlelib.idle_test'],
    testExtensions: [`${standardLibrary}/lib-dynload/_testcapi.so`],
  };

  it.each([
    ['python/PYTHON.json', false],
    ['python/build/Modules/a.o', false],
    ['python/licenses/LICENSE.zlib.txt', false],
    ['python/install/bin/python3.14', true],
    ['python/install/lib/libpython3.14.so.1.0', true],
    ['python/install/lib/libpython3.14.a', false],
    [`python/${standardLibrary}/config-3.14-x86_64-linux-gnu/libpython3.14.a`, false],
    [`python/${standardLibrary}/config-3.14-x86_64-linux-gnu/Makefile`, true],
    [`python/${standardLibrary}/test/__init__.py`, false],
    [`python/${standardLibrary}/testing.py`, true],
    [`python/${standardLibrary}/idlelib/idle_test/test_x.py`, false],
    [`python/${standardLibrary}/idlelib/idle.py`, true],
    [`python/${standardLibrary}/lib-dynload/_testcapi.so`, false],
    [`python/${standardLibrary}/lib-dynload/_dbm.so`, true],
    ['python/install/share/ampoule/NOTICE', true],
  ])('%s: %s', (path, isMember) => {
    expect(installOnlyMembers([file(path)], exclusions)).toHaveLength(isMember ? 1 : 0);
  });

  it('have forms of their own in their places', () => {
    const members = ['python/install/a', 'python/install/b', 'python/install/c'].map(file);
    const entries = [...members, file('install_only/b'), file('install_only/d')];
    expect(paths(withOwnForms(members, entries))).toEqual([
      'python/install/a',
      'install_only/b',
      'python/install/c',
    ]);
  });
});

describe('rules for members', () => {
  it('sound members have no problems', () => {
    const members = [
      file('python/PYTHON.json'),
      file('python/install/bin/python3.14'),
      link('python/install/bin/python', 'python3.14'),
      link('python/install/lib/l', '../bin'),
    ];
    expect(memberProblems(members)).toEqual([]);
  });

  it.each([
    [link('python/install/x', '/usr/bin/env'), /absolute/],
    [link('python/install/x', '../../../etc/passwd'), /leaves the archive/],
    [link('python/install/x', 'y'), /does not hold its target/],
    [link('python/install/x', 'y'.repeat(101)), /too long/],
    [file('python/extra/x'), /clients do not accept it/],
    [file('python/install/lib/__pycache__/x.pyc'), /compiled file/],
    [file(`python/install/${'x'.repeat(101)}`), /too long/],
    [file(`python/install/${'x'.repeat(99)}/${'y'.repeat(99)}/z`), /too long/],
  ])('%j breaks one', (entry, problem) => {
    const problems = memberProblems([entry]);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(problem);
  });

  it('a name that a prefix and 100 bytes can hold is no problem', () => {
    expect(memberProblems([file(`python/install/${'x'.repeat(90)}/${'y'.repeat(100)}`)])).toEqual(
      [],
    );
  });
});
