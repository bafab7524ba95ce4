import {describe, expect, it} from 'vitest';
import {sha256} from '../../../src/core/digest.js';
import {formatDiagnostic} from '../../../src/core/errors.js';
import {parseFunctionCounts} from '../../../src/profile/function-counts.js';
import {profileDifferences} from '../../../src/profile/profile-differences.js';
import {
  parseProfileRecord,
  profilePlace,
  renderProfileRecord,
} from '../../../src/profile/profile-record.js';
import {sampleProfileRecord} from '../../support/profile-record.js';

describe('the record of a profile', () => {
  it.each([
    ['by the usual training', {}],
    ['by programs too', {tasks: [{name: 'app.py', sha256: sha256('x'), weight: 3}]}],
  ])('is read as it was written, made %s', (_how, more) => {
    const record = {...sampleProfileRecord(), ...more};

    expect(parseProfileRecord(renderProfileRecord(record), 'pgo.yaml')).toEqual({
      ok: true,
      value: record,
    });
  });

  it.each([
    ['glibc: "2.17"', 'glibc: 2.17', 'pgo.yaml:9:8: "glibc" must be a text in quotes'],
    ['options: "pgo"', 'options: "lto"', 'pgo.yaml:4:10: "options" must be build options in'],
    [
      'options: "pgo"',
      'options: "pgo+lto"',
      '"options" must be build options in their order, with pgo',
    ],
    ['options: "pgo"', 'options: "pgo+freethreaded"', '"options" must be build options in their'],
    ['size: 9', 'size: 0', 'pgo.yaml:7:7: "size" must be a whole number above 0'],
    ['"ir"', '"frontend"', 'pgo.yaml:12:18: "instrumentation" must be one of ir'],
    ['date: "2026-11-29"\n', '', 'pgo.yaml:2:1: the file lacks the key "date"'],
  ])('with %s as %s has a mistake', (from, to, message) => {
    const text = renderProfileRecord(sampleProfileRecord());
    expect(text).toContain(from);

    const result = parseProfileRecord(text.replace(from, to), 'pgo.yaml');

    expect(result.ok ? '' : result.diagnostics.map(formatDiagnostic).join('\n')).toContain(message);
  });

  it('names the place of the profile', () => {
    expect(
      profilePlace(sampleProfileRecord({python: '3.15.0rc2', options: 'freethreaded+pgo'})),
    ).toBe('profiles/3.15/x86_64-unknown-linux-gnu/freethreaded+pgo');
  });
});

describe('the differences of a profile', () => {
  const record = sampleProfileRecord();

  it('are none from its own inputs', () => {
    expect(profileDifferences(record, sampleProfileRecord())).toEqual([]);
  });

  it('name each other input once, digests by their first digits', () => {
    const other = sampleProfileRecord({
      ...{python: '3.14.8', source: sha256('other'), glibc: 'suite', llvm: '1:23.0.0-1'},
      patches: {'0001-one.patch': sha256('changed')},
      configure: ['-q', '--with-pydebug'],
    });

    const short = (text: string) => sha256(text).slice(0, 12);
    expect(profileDifferences(record, other)).toEqual([
      'CPython 3.14.7, here 3.14.8',
      `source ${short('source')}, here ${short('other')}`,
      'glibc 2.17, here suite',
      'clang 1:22.1.8-1, here 1:23.0.0-1',
      `patch 0001-one.patch (${short('one')}), not here`,
      `patch 0001-one.patch (${short('changed')}), only here`,
      'configure LIBS=-lm -lz, not here',
      'configure --with-pydebug, only here',
    ]);
  });
});

it('the functions of a profile are read with their counts', () => {
  expect(parseFunctionCounts('20\tObjects/a.c;f\n0\tmain\n')).toEqual([
    {name: 'Objects/a.c;f', count: 20},
    {name: 'main', count: 0},
  ]);
});
