import {describe, expect, it} from 'vitest';
import {printable, printableJson, printableLine} from '../../../src/core/printable.js';

/** By name, so that this file itself stays readable. */
const dangerous: readonly (readonly [name: string, text: string, shown: string])[] = [
  ['escape', '\u001b]0;title\u0007', '\\u001b]0;title\\u0007'],
  ['carriage return', 'a\rb', 'a\\u000db'],
  ['backspace', 'a\b', 'a\\u0008'],
  ['delete', '\u007f', '\\u007f'],
  ['control sequence of C1', '\u009b2J', '\\u009b2J'],
  ['right-to-left override', '\u202e', '\\u202e'],
  ['isolate', '\u2066\u2069', '\\u2066\\u2069'],
  ['Arabic letter mark', '\u061c', '\\u061c'],
  ['zero-width space and joiner', '\u200b\u200d', '\\u200b\\u200d'],
  ['word joiner', '\u2060', '\\u2060'],
  ['byte order mark', '\ufeff', '\\ufeff'],
  ['soft hyphen', '\u00ad', '\\u00ad'],
  ['line separator', '\u2028', '\\u2028'],
  ['interlinear annotation', '\ufff9', '\\ufff9'],
  ['tag', '\u{e0041}', '\\udb40\\udc41'],
  ['half of a pair', 'a\ud800b', 'a\\ud800b'],
];

const harmless = 'Grüße, 日本語, 😀, é ~ \u00a0';

describe('printable text', () => {
  it.each(dangerous)('escapes: %s', (_, text, shown) => {
    expect(printable(text)).toBe(shown);
    expect(printableLine(text)).toBe(shown);
  });

  it('keeps all else, line ends too unless it must be one line', () => {
    expect(printable(`${harmless}\n\tx`)).toBe(`${harmless}\n  x`);
    expect(printableLine('a\nb')).toBe('a\\nb');
  });
});

describe('printable JSON', () => {
  it.each(dangerous)('escapes, and means the same: %s', (_, text) => {
    const json = printableJson({[text]: text}, undefined, 2);

    expect(json).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
    expect(JSON.parse(json)).toEqual({[text]: text});
  });
});
