import {describe, expect, it} from 'vitest';
import {
  canonicalJson,
  parseSha256,
  resolvedKeyOf,
  sha256,
  stageKeyOf,
} from '../../../src/core/digest.js';

describe('canonical JSON', () => {
  it('writes members in code-unit order without white space', () => {
    expect(canonicalJson({b: [1, {d: null, c: 'x'}], Z: true, a: 'é'})).toBe(
      '{"Z":true,"a":"é","b":[1,{"c":"x","d":null}]}',
    );
  });

  it('leaves out members that are undefined', () => {
    expect(canonicalJson({a: undefined, b: 1})).toBe('{"b":1}');
  });
});

describe('digests', () => {
  it('are only parsed from 64 lower-case hex digits', () => {
    const digest = sha256('');

    expect(parseSha256(digest)).toBe(digest);
    expect(parseSha256(digest.toUpperCase())).toBeUndefined();
    expect(parseSha256(digest.slice(1))).toBeUndefined();
  });

  it('are different for a stage key and a resolved key of the same inputs', () => {
    expect(stageKeyOf({a: 1})).not.toBe(resolvedKeyOf({a: 1}));
  });
});
