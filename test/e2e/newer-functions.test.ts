import {describe, expect, it} from 'vitest';
import {readDynamicSymbols} from '../../src/elf/elf-symbols.js';
import {archiveCases} from '../support/archive/archives.js';
import {useDistribution} from '../support/archive/distribution.js';
import {openElf} from '../support/archive/open-elf.js';

// What the kernel or a newer glibc has, and the glibc floor has not.
describe.each(archiveCases())('the interpreter of %s', (_title, pair) => {
  const distribution = useDistribution(pair);

  it('calls the kernel for files in memory, copies inside the kernel, random bytes and write flags', async () => {
    const output = await distribution.python(`
import errno, os
source = os.memfd_create("source", os.MFD_CLOEXEC)
target = os.memfd_create("target")
print(os.pwritev(source, [b"ab", b"cd"], 1), os.pwritev(source, [b"e"], 5, os.RWF_DSYNC))
print(os.copy_file_range(source, target, 6, offset_src=0, offset_dst=2))
parts = [bytearray(4), bytearray(4)]
print(os.preadv(target, parts, 0), bytes(parts[0]), bytes(parts[1]))
print(os.preadv(target, parts, 3, os.RWF_HIPRI), bytes(parts[0]))
print(len(os.getrandom(8, os.GRND_NONBLOCK)))
try:
    os.copy_file_range(1 << 30, target, 1)
except OSError as error:
    print(errno.errorcode[error.errno])
`);
    expect(output).toBe(
      [
        '4 1',
        '6',
        String.raw`8 b'\x00\x00\x00a' b'bcde'`,
        String.raw`5 b'abcd'`,
        '8',
        'EBADF',
        '',
      ].join('\n'),
    );
  });

  it('waits for locks on a clock that nobody sets, where the C library can', () => {
    const elf = openElf(distribution.executable);
    const symbols = elf === undefined ? [] : readDynamicSymbols(elf);
    expect(symbols.find(({name}) => name === 'sem_clockwait')).toMatchObject({isDefined: false});
  });

  it('gives up a lock after its timeout, and is given one before', async () => {
    const output = await distribution.python(`
import threading, time
lock = threading.Lock()
lock.acquire()
start = time.monotonic()
print(lock.acquire(timeout=0.2), time.monotonic() - start >= 0.2)
threading.Timer(0.1, lock.release).start()
print(lock.acquire(timeout=600))
`);
    expect(output).toBe('False True\nTrue\n');
  });
});
