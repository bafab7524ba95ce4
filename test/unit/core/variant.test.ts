import {describe, expect, it} from 'vitest';
import {seriesOf, variantAsJson, variantName, type Variant} from '../../../src/core/variant.js';
import {x86Target} from '../../support/targets.js';

const withoutFloor: Variant = {
  python: '3.14.7',
  target: x86Target,
  options: ['freethreaded', 'pgo', 'lto'],
  toolchain: 'debian',
  sourceSet: 'upstream',
};
const variant: Variant = {...withoutFloor, glibcFloor: '2.17'};

describe('the series of a Python', () => {
  it.each([
    ['3.14.7', '3.14'],
    ['3.15.0rc1', '3.15'],
  ])('%s is %s', (version, series) => {
    expect(seriesOf(version)).toBe(series);
  });
});

describe('the name of a variant', () => {
  it.each([
    [variant, '3.14-x86_64-unknown-linux-gnu.2.17-freethreaded+pgo+lto'],
    [withoutFloor, '3.14-x86_64-unknown-linux-gnu-freethreaded+pgo+lto'],
    [
      {...variant, options: ['debug'], toolchain: 'bootstrap', sourceSet: 'debian'},
      '3.14-x86_64-unknown-linux-gnu.2.17-debug-bootstrap-debian-sources',
    ],
    [{...variant, profile: 'frozen'}, '3.14-x86_64-unknown-linux-gnu.2.17-freethreaded+pgo+lto'],
    [
      {...variant, options: ['pgo'], profile: 'none', sourceSet: 'debian'},
      '3.14-x86_64-unknown-linux-gnu.2.17-pgo-profile-none-debian-sources',
    ],
    [{target: variant.target}, 'x86_64-unknown-linux-gnu'],
    [{sourceSet: 'debian'}, 'debian-sources'],
    [{}, ''],
  ] as const)('%j is %s', (parts, name) => {
    expect(variantName(parts)).toBe(name);
  });

  it('stays when CPython is upgraded', () => {
    expect(variantName({...variant, python: '3.14.8'})).toBe(variantName(variant));
  });

  it('differs where any other part differs', () => {
    const others: readonly Variant[] = [
      {...variant, python: '3.13.15'},
      {...variant, options: ['lto']},
      {...variant, toolchain: 'bootstrap'},
      {...variant, sourceSet: 'debian'},
      {...variant, glibcFloor: '2.28'},
      withoutFloor,
    ];

    expect(new Set([variant, ...others].map(variantName)).size).toBe(others.length + 1);
  });
});

it('a variant has its options as one string in JSON', () => {
  expect(variantAsJson(variant)).toEqual({
    ...variant,
    target: x86Target.triple,
    options: 'freethreaded+pgo+lto',
  });
  expect(variantAsJson(withoutFloor)).not.toHaveProperty('glibcFloor');
});
