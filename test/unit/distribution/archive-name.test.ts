import {describe, expect, it} from 'vitest';
import {valueOrThrow} from '../../../src/core/errors.js';
import {parseBuildOptions} from '../../../src/core/build-options.js';
import {archiveName, dateTagOf} from '../../../src/distribution/archive-name.js';
import type {Flavour} from '../../../src/distribution/flavours.js';

const epoch = Date.UTC(2026, 8, 4, 23, 59, 59) / 1000;
const name = (options: string, flavour: Flavour) =>
  archiveName({
    python: '3.14.7',
    targetTriple: 'x86_64-unknown-linux-gnu',
    options: valueOrThrow(parseBuildOptions(options)),
    flavour,
    sourceDateEpoch: epoch,
  });

describe('archive names', () => {
  it.each([
    ['noopt', 'full', 'cpython-3.14.7+20260904-x86_64-unknown-linux-gnu-noopt-full.tar.zst'],
    ['pgo+lto', 'full', 'cpython-3.14.7+20260904-x86_64-unknown-linux-gnu-pgo+lto-full.tar.zst'],
    [
      'noopt',
      'install_only',
      'cpython-3.14.7+20260904-x86_64-unknown-linux-gnu-install_only.tar.gz',
    ],
    [
      'pgo+lto',
      'install_only_stripped',
      'cpython-3.14.7+20260904-x86_64-unknown-linux-gnu-install_only_stripped.tar.gz',
    ],
    [
      'freethreaded+lto',
      'full',
      'cpython-3.14.7+20260904-x86_64-unknown-linux-gnu-freethreaded+lto-full.tar.zst',
    ],
    [
      'freethreaded+lto',
      'install_only',
      'cpython-3.14.7+20260904-x86_64-unknown-linux-gnu-freethreaded-install_only.tar.gz',
    ],
  ] as const)('%s %s is %s', (options, flavour, expected) => {
    expect(name(options, flavour)).toBe(expected);
  });

  it('a pre-release keeps its spelling', () => {
    const identity = {python: '3.15.0rc1', targetTriple: 't', sourceDateEpoch: 0};
    expect(archiveName({...identity, options: ['noopt'], flavour: 'full'})).toBe(
      'cpython-3.15.0rc1+19700101-t-noopt-full.tar.zst',
    );
  });

  it('the date tag is a day in UTC', () => {
    expect(dateTagOf(epoch)).toBe('20260904');
    expect(dateTagOf(epoch + 1)).toBe('20260905');
  });
});
