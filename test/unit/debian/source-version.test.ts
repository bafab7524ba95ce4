import {describe, expect, it} from 'vitest';
import {
  archivedVersion,
  isPackedAnew,
  isSameVersion,
  upstreamForm,
} from '../../../src/debian/source-version.js';

describe('the version in the name of an archive of Debian', () => {
  it.each([
    ['pool/main/o/openssl/openssl_3.5.7.orig.tar.gz', '3.5.7', false],
    ['pool/main/z/zlib/zlib_1.3.dfsg+really1.3.2.orig.tar.gz', '1.3.2', false],
    ['pool/main/z/zlib/zlib_1.2.11.dfsg.orig.tar.gz', '1.2.11', true],
    ['pool/main/libz/libzstd/libzstd_1.5.7+dfsg.orig.tar.xz', '1.5.7', true],
    ['pool/main/d/db5.3/db5.3_5.3.28+dfsg2.orig.tar.xz', '5.3.28', true],
    ['pool/main/f/foo/foo_1.0~ds1+repack.2.orig.tar.xz', '1.0', true],
    ['pool/main/p/python3.15/python3.15_3.15.0~rc2.orig.tar.xz', '3.15.0~rc2', false],
    ['pool/main/n/ncurses/ncurses_6.5+20250216.orig.tar.gz', '6.5+20250216', false],
    ['pool/main/libe/libedit/libedit_3.1-20250104.orig.tar.gz', '3.1-20250104', false],
    ['nothing of this kind', '', false],
  ])('of %s is %s', (poolPath, version, isAnew) => {
    expect([archivedVersion(poolPath), isPackedAnew(poolPath)]).toEqual([version, isAnew]);
  });

  it('is a version of upstream also with its parts in another order', () => {
    expect(isSameVersion('3.1-20250104', '20250104-3.1')).toBe(true);
    expect(isSameVersion('3.15.0~rc2', '3.15.0rc2')).toBe(true);
    expect(isSameVersion('3.1-20250104', '3.1')).toBe(false);
  });

  it('is told in the order that upstream uses, if that is known', () => {
    const known = {archived: '3.1-20250104', version: '20250104-3.1'};

    expect(upstreamForm('3.2-20260512', known)).toBe('20260512-3.2');
    expect(upstreamForm('3.2', known)).toBe('3.2');
    expect(upstreamForm('1.1~rc1', {archived: '1.0', version: '1.0'})).toBe('1.1rc1');
  });
});
