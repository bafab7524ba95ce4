import {describe, expect, it} from 'vitest';
import {parseSha256} from '../../../src/core/digest.js';
import {chooseGlibcFloor} from '../../../src/stages/choose-glibc-floor.js';
import type {Image} from '../../../src/stages/project.js';
import {x86Target} from '../../support/targets.js';

const target = x86Target.triple;
const digest = parseSha256('0'.repeat(64));

function sysroot(suite: string, libc: string): Image {
  if (digest === undefined) throw new Error('no digest');
  const common = {architecture: 'amd64', sha256: digest, sizeBytes: 1, poolPath: 'pool/x.deb'};
  return {
    definition: {
      name: `sysroot-${target}`,
      suite,
      architecture: 'amd64',
      kind: 'sysroot',
      usr: 'split',
      packages: ['libc6'],
      exclude: [],
      files: {},
      links: {},
      directories: [],
    },
    lock: {
      format: 1,
      suite,
      architecture: 'amd64',
      snapshot: '20261121T021500Z',
      releaseDate: '2026-09-12T07:55:41Z',
      releaseSha256: digest,
      packages: [
        {...common, name: 'libacl1', version: '9.9-1'},
        {...common, name: 'libc6', version: libc},
      ],
    },
  };
}

const bullseye = sysroot('bullseye', '2.31-13+deb11u11');
const bookworm = sysroot('bookworm', '2.36-9+deb12u10');

function choose(word: string | undefined, image: Image | undefined): string | undefined {
  const floor = chooseGlibcFloor(word, x86Target, image);
  return floor.ok ? floor.value : floor.diagnostics.map(({message}) => message).join('\n');
}

describe('the glibc floor', () => {
  it('is 2.17 when nobody names one', () => {
    expect(choose(undefined, bullseye)).toBe('2.17');
  });

  it('is none for the word "suite"', () => {
    expect(choose('suite', bullseye)).toBeUndefined();
    expect(choose('suite', undefined)).toBeUndefined();
  });

  it.each(['2.14', '2.17', '2.28', '2.31'])('%s can be made from glibc 2.31', (floor) => {
    expect(choose(floor, bullseye)).toBe(floor);
  });

  it.each(['2.34', '2.36'])('%s can be made from glibc 2.36', (floor) => {
    expect(choose(floor, bookworm)).toBe(floor);
  });

  it.each(['old', '', '2', '3.1', '2.017', '2.17-1', 'GLIBC_2.17', '2.17.'])(
    'is refused for "%s", which is no version',
    (word) => {
      expect(choose(word, bullseye)).toBe(
        `expected a glibc version such as 2.17, or "suite", found "${word}"`,
      );
    },
  );

  it('is refused below what the compiler runtime needs', () => {
    expect(choose('2.13', bullseye)).toMatch(/2\.13 is too old: .*libgcc_s.* needs glibc 2\.14/);
  });

  it('is refused above the version of the suite', () => {
    expect(choose('2.32', bullseye)).toMatch(/2\.32 is newer .* 2\.31 \(bullseye\)/);
  });

  it('is refused below 2.34 for a suite after it, with the reason', () => {
    expect(choose('2.17', bookworm)).toMatch(/2\.36 \(bookworm\).*constructors.*libpthread/s);
    expect(choose(undefined, bookworm)).toMatch(/2\.17 cannot be made/);
  });

  it('is refused when the sysroot has no glibc', () => {
    expect(choose('2.17', undefined)).toMatch(/has no package libc6/);
  });
});
