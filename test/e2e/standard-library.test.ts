import {copyFile} from 'node:fs/promises';
import path from 'node:path';
import {describe, expect, it} from 'vitest';
import {installCases} from '../support/archive/archives.js';
import {useDistribution} from '../support/archive/distribution.js';
import {referenceExtensions} from '../support/archive/reference-extensions.js';
import {hasProgram, outputOf} from '../support/archive/run.js';

const hasCompiler = await hasProgram('gcc');

describe.each(installCases())('the standard library of %s', (_title, archives) => {
  const distribution = useDistribution(archives);

  const isAtLeast = (minor: number) => Number(archives.majorMinor.split('.')[1]) >= minor;

  it('has every extension module that such distributions have, and all of them import', async () => {
    const output = await distribution.python(`
import importlib, os, sys, sysconfig
dynamic = os.path.join(sysconfig.get_path("platstdlib"), "lib-dynload")
suffix = sysconfig.get_config_var("EXT_SUFFIX")
shared = [name.removesuffix(suffix) for name in os.listdir(dynamic) if name.endswith(suffix)]
for name in sorted([*sys.builtin_module_names, *shared]):
    importlib.import_module(name)
    print(name)
`);

    const present = output.trim().split('\n');
    const wanted = referenceExtensions(archives.majorMinor);
    expect(wanted.filter((name) => !present.includes(name))).toEqual([]);
  });

  it('ssl makes a default context and offers TLS 1.2 and 1.3', async () => {
    const output = await distribution.python(`
import ssl
context = ssl.create_default_context()
assert context.verify_mode == ssl.CERT_REQUIRED and context.check_hostname
assert ssl.HAS_TLSv1_2 and ssl.HAS_TLSv1_3
print(ssl.OPENSSL_VERSION)
print(ssl.get_default_verify_paths().openssl_cafile)
`);

    const [version, file] = output.split('\n');
    expect(version).toMatch(/^OpenSSL 3\.5\./);
    expect(file).toMatch(/^\/(?:etc|usr\/lib)\/(?:ssl|pki\/tls)\/cert\.pem$/);
  });

  it('sqlite has full text search, JSON, R*Tree and the other usual parts', async () => {
    await distribution.python(`
import sqlite3
database = sqlite3.connect(":memory:")
database.execute("create virtual table notes using fts5(body)")
database.execute("insert into notes values ('an ampoule is sealed')")
assert database.execute("select count(*) from notes where notes match 'sealed'").fetchone() == (1,)
for kind in ("fts3(x)", "fts4(x)", "rtree(id, low, high)", "geopoly(x)"):
    database.execute(f"create virtual table t_{kind.split('(')[0]} using {kind}")
assert database.execute("select json_extract('{\\"a\\": 2}', '$.a')").fetchone() == (2,)
database.execute("select * from dbstat").fetchall()
database.commit()
copy = sqlite3.connect(":memory:")
database.backup(copy)
assert copy.serialize()
`);
  });

  it.skipIf(!hasCompiler)('sqlite loads an extension that the machine compiles', async () => {
    const source = path.join(distribution.scratch, 'half.c');
    const library = path.join(distribution.scratch, 'half.so');
    await copyFile(new URL('programs/sqlite-extension.c', import.meta.url), source);
    await outputOf('gcc', ['-shared', '-fPIC', '-o', library, source]);

    const output = await distribution.python(`
import sqlite3
database = sqlite3.connect(":memory:")
database.enable_load_extension(True)
database.load_extension(${JSON.stringify(library)})
print(database.execute("select half(42)").fetchone()[0])
`);

    expect(output).toBe('21\n');
  });

  it.each(['xterm', 'xterm-256color', 'linux', 'screen', 'vt100', 'dumb'])(
    'curses finds the description of the terminal %s',
    async (terminal) => {
      // One process for each: curses keeps the first description that it reads.
      const output = await distribution.python(`
import curses, curses.panel, os
with open(os.devnull, "w") as sink:
    curses.setupterm(${JSON.stringify(terminal)}, sink.fileno())
print(curses.tigetnum("colors"))
`);

      const colours = {'xterm-256color': 256, vt100: -1, dumb: -1}[terminal] ?? 8;
      expect(output).toBe(`${colours}\n`);
    },
  );

  it('readline works through editline', async () => {
    const output = await distribution.python(`
import readline, sys
readline.parse_and_bind("bind ^I rl_complete")
readline.add_history("a line")
assert readline.get_history_item(1) == "a line"
print(readline.backend if sys.version_info >= (3, 13) else "editline")
`);

    expect(output).toBe('editline\n');
  });

  it('dbm.ndbm keeps what is written', async () => {
    const file = path.join(distribution.scratch, 'a database');
    const output = await distribution.python(`
import dbm.ndbm
with dbm.ndbm.open(${JSON.stringify(file)}, "c") as database:
    database[b"key"] = b"value"
with dbm.ndbm.open(${JSON.stringify(file)}, "r") as database:
    print(database[b"key"].decode())
print(dbm.ndbm.library)
`);

    expect(output).toBe('value\nBerkeley DB\n');
  });

  it('every compressor gives back what it was given', async () => {
    const modules = ['bz2', 'lzma', 'zlib', ...(isAtLeast(14) ? ['compression.zstd'] : [])];
    await distribution.python(`
import importlib, lzma
data = bytes(range(256)) * 500
for name in ${JSON.stringify(modules)}:
    module = importlib.import_module(name)
    packed = module.compress(data)
    assert len(packed) < 5000 and module.decompress(packed) == data, name
assert lzma.is_check_supported(lzma.CHECK_CRC64) and lzma.is_check_supported(lzma.CHECK_SHA256)
`);
  });

  it.skipIf(!isAtLeast(14))('zstd compresses with several threads', async () => {
    await distribution.python(`
from compression.zstd import CompressionParameter, compress, decompress
assert CompressionParameter.nb_workers.bounds()[1] > 0
data = b"ampoule" * 1_000_000
assert decompress(compress(data, options={CompressionParameter.nb_workers: 2})) == data
`);
  });

  it('ctypes calls back into Python and reaches the interpreter itself', async () => {
    await distribution.python(`
import ctypes
numbers = (ctypes.c_int * 5)(5, 1, 4, 2, 3)
compare = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_int))
libc = ctypes.CDLL(None)
libc.qsort(numbers, len(numbers), ctypes.sizeof(ctypes.c_int), compare(lambda a, b: a[0] - b[0]))
assert list(numbers) == [1, 2, 3, 4, 5]
ctypes.pythonapi.Py_GetVersion.restype = ctypes.c_char_p
import sys
assert ctypes.pythonapi.Py_GetVersion().decode() == sys.version
`);
  });

  it('uuid and decimal use their C libraries', async () => {
    const output = await distribution.python(`
import uuid, _uuid, decimal, _decimal
assert uuid.uuid1() != uuid.uuid1() and _uuid.has_uuid_generate_time_safe
assert decimal.Decimal is _decimal.Decimal
print(decimal.Decimal(1) / 7, decimal.__libmpdec_version__)
`);

    expect(output).toMatch(/^0\.1428571428571428571428571429 [24]\./);
  });

  it('hashlib offers the algorithms of OpenSSL and of HACL*', async () => {
    await distribution.python(`
import hashlib
wanted = {"blake2b", "blake2s", "md5", "md5-sha1", "ripemd160", "sha1", "sha224", "sha256", "sha384", "sha512",
  "sha3_224", "sha3_256", "sha3_384", "sha3_512", "sha512_224", "sha512_256", "shake_128", "shake_256", "sm3"}
assert wanted <= hashlib.algorithms_available, wanted - hashlib.algorithms_available
assert hashlib.scrypt(b"p", salt=b"s", n=2, r=1, p=1)
`);
  });

  it('functions of the kernel that an older C library lacks are there', async () => {
    await distribution.python(`
import os, socket
for name in ("pidfd_open", "getrandom", "memfd_create", "copy_file_range"):
    assert hasattr(os, name), name
assert socket.AF_VSOCK == 40
assert len(os.getrandom(8)) == 8
os.close(os.memfd_create("x"))
`);
  });

  it('sysconfig has the answers of Linux, not those of the machine that configured it', async () => {
    await distribution.python(`
import os, sysconfig
variables = sysconfig.get_config_vars()
broken = [name for name in variables if name.startswith("HAVE_BROKEN_") and variables[name]]
assert broken == [], broken
assert not variables["POSIX_SEMAPHORES_NOT_ENABLED"]
for name in ("ENABLE_IPV6", "HAVE_WORKING_TZSET", "PTHREAD_SYSTEM_SCHED_SUPPORTED"):
    assert variables[name] == 1, name
assert os.nice(1) == os.nice(0)
`);
  });

  it('UTF-8 is how names are written, whether or not the system has a locale for it', async () => {
    await distribution.python(`
import glob, locale, sys
assert sys.getfilesystemencoding() == "utf-8"
if glob.glob("/usr/lib/locale/C.*"):
    assert locale.setlocale(locale.LC_ALL, "C.UTF-8") == "C.UTF-8"
`);
  });

  it('time zones and encodings are found', async () => {
    await distribution.python(`
import encodings.idna, codecs
for name in ("utf-8", "gb18030", "shift_jis", "euc_kr", "big5", "iso2022_jp", "cp1252"):
    assert "a".encode(name) == b"a"
import zoneinfo; zoneinfo.available_timezones()
import multiprocessing.shared_memory as memory
block = memory.SharedMemory(create=True, size=16); block.close(); block.unlink()
`);
  });
});
