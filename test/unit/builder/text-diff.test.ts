import {describe, expect, it} from 'vitest';
import {diffTexts, diffValues, diffWords} from '../../../src/builder/text-diff.js';

describe('what a person reads of a change', () => {
  it('is the changed lines of a script with some around them', () => {
    expect(diffTexts('a\nb\nc\nd\ne\n', 'a\nb\nc\nD\ne\n')).toEqual([
      '@@ -2,4 +2,4 @@',
      ' b',
      ' c',
      '-d',
      '+D',
      ' e',
    ]);
  });

  it('is the changed words of flags', () => {
    expect(diffWords('-g -O2 -fPIC', '-g -O3 -fPIC -Wall')).toEqual(['- -O2', '+ -O3', '+ -Wall']);
  });

  it('is the changed members of parameters, whatever their order was', () => {
    const lines = diffValues({b: [1, 2], a: 1}, {a: 1, b: [1, 3]});

    expect(lines.filter((line) => /^[-+]/.test(line))).toEqual(['-  2', '+  3']);
  });
});
