import {describe, expect, it} from 'vitest';
import {formatDiagnostic, valueOrThrow} from '../../../src/core/errors.js';
import {parseTarget, targetFromJson, targetToJson} from '../../../src/target/parse-target.js';

const minimal = `triple: aarch64-unknown-linux-gnu
gnu: aarch64-unknown-linux-gnu
multiarch: aarch64-linux-gnu
platform: linux-aarch64
llvm: AArch64
elf: {class: 64, machine: 183}
loader: /lib/ld-linux-aarch64.so.1
glibc: {default: "2.17", oldest: "2.17", newest: "2.31"}
libraries: [libc.so.6]
`;

function mistakes(text: string): readonly string[] {
  const result = parseTarget(text, 'targets/t.yaml');
  return result.ok ? [] : result.diagnostics.map(formatDiagnostic);
}

const changed = (from: string, to: string): readonly string[] =>
  mistakes(minimal.replace(from, to));

describe('the file of a target', () => {
  it('is read with everything optional left out', () => {
    expect(valueOrThrow(parseTarget(minimal, 'targets/t.yaml'))).toEqual({
      triple: 'aarch64-unknown-linux-gnu',
      gnu: 'aarch64-unknown-linux-gnu',
      multiarch: 'aarch64-linux-gnu',
      platform: 'linux-aarch64',
      llvm: 'AArch64',
      elf: {class: 64, machine: 183},
      loader: '/lib/ld-linux-aarch64.so.1',
      cflags: [],
      glibc: {default: '2.17', oldest: '2.17', newest: '2.31'},
      options: 'noopt',
      libraries: ['libc.so.6'],
      answers: {},
    });
  });

  it('may have flags, and answers that configure scripts cannot find out', () => {
    const target = valueOrThrow(
      parseTarget(
        `${minimal}cflags: [-mno-outline-atomics]\noptions: pgo+lto\nanswers: {ac_cv_working_tzset: "yes"}\n`,
        'targets/t.yaml',
      ),
    );

    expect(target.cflags).toEqual(['-mno-outline-atomics']);
    expect(target.options).toBe('pgo+lto');
    expect(target.answers).toEqual({ac_cv_working_tzset: 'yes'});
  });

  it('tells all mistakes at once, each with its place', () => {
    const text = minimal
      .replace('llvm: AArch64', 'llvm: Arm64')
      .replace('machine: 183', 'machine: arm')
      .replace('libraries: [libc.so.6]', 'libraries: [libc.so.6, c]')
      .concat('cflags: [march=armv8-a]\nanswers: {tzset: "yes"}\nflags: []\n');

    expect(mistakes(text)).toEqual([
      expect.stringMatching(/^targets\/t\.yaml:5:7: "llvm" must be one of AArch64, .*"Arm64"$/),
      'targets/t.yaml:6:27: "machine" must be a whole number above 0',
      'targets/t.yaml:10:10: "cflags" must be a flag of the compiler, not "march=armv8-a"',
      'targets/t.yaml:9:24: "libraries" must be the soname of a library, such as libc.so.6, not "c"',
      'targets/t.yaml:11:11: a key of "answers" must be a variable of Autoconf\'s cache, such as ac_cv_working_tzset, not "tzset"',
      'targets/t.yaml:12:1: unknown key "flags" in the file; known: triple, gnu, multiarch, platform, llvm, elf, loader, cflags, glibc, options, libraries, answers',
    ]);
  });

  it.each(['triple', 'gnu', 'multiarch', 'platform', 'llvm', 'elf', 'loader', 'glibc'])(
    'must have the key %s',
    (key) => {
      expect(mistakes(minimal.replace(new RegExp(`^${key}: .*\n`, 'm'), '')).join('\n')).toMatch(
        new RegExp(`^targets/t\\.yaml:1:1: the file lacks the key "${key}"`),
      );
    },
  );

  it.each([
    ['pgo+nothing', '"options": unknown build option "nothing". Expected some of '],
    ['freethreaded', '"options": "freethreaded" does not say how the code is optimized: '],
    ['noopt+lto', '"options": "noopt+lto": noopt and lto exclude each other'],
  ])('refuses the build options %s', (options, message) => {
    const [mistake] = mistakes(`${minimal}options: ${options}\n`);

    expect(mistake).toContain(`targets/t.yaml:10:10: ${message}`);
  });

  it('must name libraries', () => {
    expect(changed('libraries: [libc.so.6]\n', '')).toEqual([
      'targets/t.yaml:1:1: the file lacks the key "libraries": the libraries that files may need',
    ]);
  });

  it.each([
    ['class: 64', 'class: 16', '6:14: "class" must be 32 or 64'],
    ['183', '65536', '6:27: "machine" must be at most 65535, an EM_* of the ELF header'],
    [
      'machine: 183',
      'machine: 183, os: 3',
      '6:32: unknown key "os" in "elf"; known: class, machine',
    ],
    ['/lib/ld', 'lib/ld', /^7:9: "loader" must be the absolute path of the dynamic loader/],
    ['/lib/ld', '/lib/../ld', /^7:9: "loader" must be the absolute path of the dynamic loader/],
    [
      'default: "2.17"',
      'default: 2.17',
      '8:18: "default" must be a glibc version such as "2.17" in quotes',
    ],
    [
      'default: "2.17"',
      'default: "2.14"',
      '8:18: "default" is 2.14, expected a version from 2.17 to 2.31',
    ],
    [
      'default: "2.17"',
      'default: "2.34"',
      '8:18: "default" is 2.34, expected a version from 2.17 to 2.31',
    ],
    ['oldest: "2.17"', 'oldest: "2.36"', '8:34: "oldest" is 2.36, later than the newest, 2.31'],
    [', newest: "2.31"', '', /^8:8: "glibc" lacks the key "newest"/],
  ])('with %s as %s is refused', (from, to, wanted) => {
    const [first = '', ...others] = changed(from, to);

    const message = first.replace('targets/t.yaml:', '');
    if (typeof wanted === 'string') expect(message).toBe(wanted);
    else expect(message).toMatch(wanted);
    expect(others).toEqual([]);
  });
});

describe('a target as a parameter of a host function', () => {
  it('comes back as it was', () => {
    const target = valueOrThrow(parseTarget(minimal, 'targets/t.yaml'));

    expect(targetFromJson(targetToJson(target))).toEqual(target);
  });

  it('is a defect of the caller when it is none', () => {
    expect(() => targetFromJson(undefined)).toThrow(/target:1:1: the file must be a map of keys/);
  });
});
