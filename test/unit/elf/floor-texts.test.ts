import {describe, expect, it} from 'vitest';
import {keepInLinkerScript, renderConfigSite} from '../../../src/elf/floor-texts.js';
import {floorSymbols, cutHeader} from '../../../src/elf/floor-headers.js';
import type {StubLibrary} from '../../../src/elf/stub-symbols.js';

const library = (
  soname: string,
  functions: readonly string[],
  droppedFunctions: readonly string[],
): StubLibrary => ({
  soname,
  droppedFunctions,
  symbols: functions.map((name) => ({
    name,
    version: 'GLIBC_2.2.5',
    isDefault: true,
    binding: 'global',
    kind: 'function',
    sizeBytes: 1,
    address: 0,
    isWritable: false,
  })),
});

describe('what a floor takes away', () => {
  const symbols = floorSymbols([
    library(
      'libc.so.6',
      ['fcntl', 'fts_open', 'moved'],
      ['fcntl64', 'fts64_open', 'preadv64v2', 'preadv2', 'getrandom'],
    ),
    library('libpthread.so.0', ['fcntl'], ['moved']),
  ]);

  it('is missing unless another library has it', () => {
    expect([...symbols.missing]).not.toContain('moved');
    expect([...symbols.missing]).toContain('getrandom');
  });

  it('is what config.site tells configure, in order', () => {
    expect(renderConfigSite('2.17', symbols.missing)).toBe(
      '# Functions that the headers declare and that glibc 2.17 does not have.\n' +
        'ac_cv_func_fcntl64=no\nac_cv_func_fts64_open=no\nac_cv_func_getrandom=no\n' +
        'ac_cv_func_preadv2=no\nac_cv_func_preadv64v2=no\n',
    );
  });

  it('is no longer what a header compiles an older function into', () => {
    const text = `
# define __REDIRECT(name, proto, alias) name proto __asm__ (__ASMNAME (#alias))
extern int __REDIRECT (fcntl, (int __fd, int __cmd, ...), fcntl64);
FTS *__REDIRECT (fts_open, (char * const *, int,
                 int (*)(const FTSENT **, const FTSENT **)),
                 fts64_open);
extern int __REDIRECT_NTH (glob, (const char *__restrict __pattern), glob64) __nonnull ((1));
extern ssize_t __REDIRECT (preadv2, (int __fp), preadv64v2) __wur;
extern int fcntl64 (int __fd, int __cmd, ...);
`;
    expect(cutHeader(text, symbols)).toBe(`
# define __REDIRECT(name, proto, alias) name proto __asm__ (__ASMNAME (#alias))
extern int __REDIRECT (fcntl, (int __fd, int __cmd, ...), fcntl);
FTS *__REDIRECT (fts_open, (char * const *, int,
                 int (*)(const FTSENT **, const FTSENT **)),
                 fts_open);
extern int __REDIRECT_NTH (glob, (const char *__restrict __pattern), glob64) __nonnull ((1));


`);
  });

  it('is not declared any more, and every line keeps its number', () => {
    const text = `__BEGIN_DECLS
#ifdef __USE_GNU
/* Not getrandom (alone); */
ssize_t getrandom (void *__buffer, size_t __length,
                   unsigned int __flags) __wur;
# ifndef __USE_FILE_OFFSET64
extern ssize_t preadv2 (int __fp) __wur;
# endif
__extension__ extern int getrandom (void);
extern int fcntl (int __fd, int __cmd, ...);
typedef int (*hook) (int getrandom);
#define random(x) getrandom (x, 1);
extern char **environ;
#endif
__fortify_function void
__NTH (getrandom (void *__dest, size_t __len))
{
  __getrandom_chk (__dest, __len, __bos0 (__dest));
}
__fortify_function int __NTH (fcntl (void *__dest)) { getrandom (); }
`;
    expect(cutHeader(text, symbols)).toBe(`__BEGIN_DECLS
#ifdef __USE_GNU
/* Not getrandom (alone); */


# ifndef __USE_FILE_OFFSET64

# endif

extern int fcntl (int __fd, int __cmd, ...);
typedef int (*hook) (int getrandom);
#define random(x) getrandom (x, 1);
extern char **environ;
#endif





__fortify_function int __NTH (fcntl (void *__dest)) { getrandom (); }
`);
  });

  it('leaves a redirect alone that is not closed', () => {
    const text = '__REDIRECT (fcntl, (int, fcntl64';
    expect(cutHeader(text, symbols)).toBe(text);
  });
});

describe('a linker script', () => {
  const isKept = (file: string) => !file.includes('libmvec');

  it('loses a library without a stub, and the empty list around it', () => {
    const script =
      'OUTPUT_FORMAT(elf64-x86-64)\n' +
      'GROUP ( /lib/x86_64-linux-gnu/libm.so.6  AS_NEEDED ( /lib/x86_64-linux-gnu/libmvec.so.1 ) )\n';
    expect(keepInLinkerScript(script, isKept)).toBe(
      'OUTPUT_FORMAT(elf64-x86-64)\nGROUP ( /lib/x86_64-linux-gnu/libm.so.6   )\n',
    );
  });

  it('stays as it is when everything is kept', () => {
    const script =
      'GROUP ( /lib/libc.so.6 /usr/lib/libc_nonshared.a  AS_NEEDED ( /lib64/ld-linux-x86-64.so.2 ) )\n';
    expect(keepInLinkerScript(script, isKept)).toBe(script);
  });
});
