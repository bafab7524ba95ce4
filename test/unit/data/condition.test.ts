import {describe, expect, it} from 'vitest';
import {formatDiagnostic} from '../../../src/core/errors.js';
import type {Variant} from '../../../src/core/variant.js';
import {matches, select, toSemanticVersion, type Condition} from '../../../src/data/condition.js';
import {sourcelessCondition, when} from '../../../src/data/condition-schema.js';
import {map, type Schema} from '../../../src/data/schema.js';
import {parseYamlFile} from '../../../src/data/yaml-file.js';
import {x86Target} from '../../support/targets.js';

const context: Variant = {
  python: '3.14.7',
  target: x86Target,
  sourceSet: 'debian',
  options: ['pgo', 'lto'],
  toolchain: 'debian',
};

describe('toSemanticVersion', () => {
  it.each([
    ['3.14.7', '3.14.7'],
    ['3.15.0rc1', '3.15.0-rc.1'],
    ['3.15.0a10', '3.15.0-a.10'],
    ['3.14', undefined],
    ['3.14.7+', undefined],
    ['v3.14.7', undefined],
    ['', undefined],
    ['3.14.7'.repeat(1000), undefined],
  ])('makes of %j %j', (python, wanted) => {
    expect(toSemanticVersion(python)).toBe(wanted);
  });
});

describe('matches', () => {
  it.each<[Condition, boolean]>([
    [{}, true],
    [{python: '>=3.14'}, true],
    [{python: '<3.14'}, false],
    [{python: '>=3.12 <3.15'}, true],
    [{target: ['x86_64-unknown-linux-gnu']}, true],
    [{target: ['*-linux-gnu']}, true],
    [{target: ['x86_64*-linux-*']}, true],
    [{target: ['x86_64*']}, true],
    [{target: ['*-linux-musl', '*-gnu']}, true],
    [{target: ['*-linux-musl']}, false],
    [{target: ['aarch64-*']}, false],
    [{target: ['x86_64-unknown-linux-gnu-*']}, false],
    [{target: ['x86_64-unknown-linux-gnu*gnu']}, false],
    [{target: ['x86_64-*-linux-gnu*-gnu']}, false],
    [{target: []}, false],
    [{sources: ['debian']}, true],
    [{sources: ['upstream']}, false],
    [{options: ['lto']}, true],
    [{options: ['!static']}, true],
    [{options: ['pgo', '!debug']}, true],
    [{options: ['lto', 'debug']}, false],
    [{options: ['!lto']}, false],
    [{python: '>=3.14', sources: ['upstream']}, false],
    [{python: '>=3.14', options: ['static']}, false],
  ])('of %j is %j', (when, wanted) => {
    expect(matches(when, context)).toBe(wanted);
  });

  it.each([
    // A pre-release has what its release has.
    ['3.15.0rc1', '>=3.15', true],
    ['3.15.0rc1', '<3.15', false],
    ['3.15.0rc10', '>3.15.0-rc.2', true],
    ['3.15.0a1', '>=3.14', true],
    ['3.15.0a10', '>=3.14 <3.15', false],
    ['3.13.15', '>=3.13 <3.14', true],
    ['3.13.15', '>=3.14', false],
  ])('takes CPython %s for %s: %j', (python, range, wanted) => {
    expect(matches({python: range}, {...context, python})).toBe(wanted);
  });

  it('is met by all levels of a processor, which python-build-standalone names x86_64_v3', () => {
    const target = {triple: 'x86_64_v3-unknown-linux-gnu'};

    expect(matches({target: ['x86_64*']}, {...context, target})).toBe(true);
    expect(matches({target: ['x86_64-*']}, {...context, target})).toBe(false);
  });

  it('is false for a condition on the source set where none is known', () => {
    const {python, target, options} = context;

    expect(matches({sources: ['debian', 'upstream']}, {python, target, options})).toBe(false);
  });
});

describe('select', () => {
  it('keeps the values whose conditions hold, in the order they are written', () => {
    const entries = [
      {when: {sources: ['debian'] as const}, values: ['b', 'a']},
      {when: {sources: ['upstream'] as const}, values: ['x']},
      {when: {}, values: ['c']},
    ];

    expect(select(entries, context)).toEqual(['b', 'a', 'c']);
  });
});

describe('the schema of a condition', () => {
  function read(text: string, condition?: Schema<Condition>) {
    const result = parseYamlFile(map({when: when(condition)}), text, 'when.yaml');
    return {
      condition: result.ok ? result.value.when : undefined,
      mistakes: result.ok ? [] : result.diagnostics.map(formatDiagnostic),
    };
  }

  it.each<[string, Condition]>([
    ['{}', {}],
    ['when: {}', {}],
    ['when: {python: ">=3.14"}', {python: '>=3.14'}],
    ['when: {target: x86_64-*}', {target: ['x86_64-*']}],
    ['when: {sources: [debian, upstream]}', {sources: ['upstream', 'debian']}],
    ['when: {options: ["!static", debug]}', {options: ['!static', 'debug']}],
  ])('of %s is %j', (text, wanted) => {
    expect(read(text)).toEqual({condition: wanted, mistakes: []});
  });

  it.each([
    ['when: 3', 'when.yaml:1:7: "when" must be a map'],
    [
      'when: {pyton: ">=3"}',
      'when.yaml:1:8: unknown key "pyton" in "when"; known: python, target, sources, options',
    ],
    ['when: {python: 3.14}', '"python" must be a semver range such as ">=3.13" in quotes'],
    ['when: {python: new}', '"python" must be a semver range such as ">=3.13", not "new"'],
    ['when: {python: " "}', '"python" must be a semver range such as ">=3.13", not " "'],
    ['when: {target: X86}', '"target" must be a target triple, with "*" for any text, not "X86"'],
    ['when: {sources: fedora}', '"sources" must be one of upstream, debian, not "fedora"'],
    ['when: {options: a+b}', '"options" must be one of freethreaded, debug, noopt,'],
    ['when: {options: fast}', '"options" must be one of freethreaded, debug, noopt,'],
  ])('refuses %s', (text, wanted) => {
    expect(read(text).mistakes).toEqual([expect.stringContaining(wanted)]);
  });

  it('refuses a key that cannot be decided where the condition stands', () => {
    const {condition, mistakes} = read('when: {sources: debian}', sourcelessCondition);

    expect(condition).toBeUndefined();
    expect(mistakes).toEqual([
      'when.yaml:1:8: unknown key "sources" in "when"; known: python, target, options',
    ]);
  });
});
