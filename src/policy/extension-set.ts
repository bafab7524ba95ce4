import {seriesOf} from '../core/variant.js';

/**
 * The extension modules of a distribution for Linux with glibc, by the first and last minor version of Python 3 that
 * has them. Without `_tkinter`, because there are no recipes for Tcl, Tk and X11. Here and below, the policy keeps
 * lists of its own instead of reading `static-modules/` or what a build recorded: those made what it judges.
 */
const modules: readonly (readonly [names: string, first: number, last?: number])[] = [
  [
    `_abc _ast _asyncio _bisect _blake2 _bz2 _codecs _codecs_cn _codecs_hk _codecs_iso2022 _codecs_jp _codecs_kr
    _codecs_tw _collections _contextvars _csv _ctypes _ctypes_test _curses _curses_panel _datetime _dbm _decimal
    _elementtree _functools _hashlib _heapq _imp _io _json _locale _lsprof _lzma _md5 _multibytecodec
    _multiprocessing _opcode _operator _pickle _posixshmem _posixsubprocess _queue _random _sha1 _sha3 _signal
    _socket _sqlite3 _sre _ssl _stat _statistics _string _struct _symtable _testbuffer _testcapi _testimportmultiple
    _testinternalcapi _testmultiphase _thread _tracemalloc _uuid _warnings _weakref _xxtestfuzz _zoneinfo array
    atexit binascii builtins cmath errno faulthandler fcntl gc grp itertools marshal math mmap posix pwd pyexpat
    readline resource select sys syslog termios time unicodedata xxsubtype zlib`,
    10,
  ],
  ['_crypt ossaudiodev spwd', 10, 12],
  ['audioop', 10, 12],
  ['_sha256 _sha512', 10, 11],
  ['_xxsubinterpreters', 10, 12],
  ['_tokenize _typing', 11],
  ['_testsinglephase', 12],
  ['_sha2', 12],
  ['_xxinterpchannels', 12, 12],
  ['_interpchannels _interpqueues _interpreters _suggestions _sysconfig _testlimitedcapi', 13],
  ['_testexternalinspection', 13, 13],
  ['_hmac _remote_debugging _types _zstd', 14],
  ['_math_integer', 15],
];

/** The shared ones: users remove `_dbm`, and tests need the others to be separate. */
const shared: ReadonlySet<string> = new Set(
  `_crypt _ctypes_test _dbm _testbuffer _testcapi _testexternalinspection _testimportmultiple _testlimitedcapi
  _testmultiphase _testsinglephase`.split(/\s+/),
);

const testModules: ReadonlySet<string> = new Set(
  `_ctypes_test _testbuffer _testcapi _testexternalinspection _testimportmultiple _testinternalcapi _testlimitedcapi
  _testmultiphase _testsinglephase`.split(/\s+/),
);

/** An extension module that a distribution must have. */
export interface ExpectedExtension {
  readonly name: string;
  /** Whether it is a shared library in `lib-dynload`; otherwise it is built in. */
  readonly isShared: boolean;
  /** Used only by CPython's own tests: install-only archives have it only if it is built in. */
  readonly isForTests: boolean;
}

/** The extension modules of a distribution of this Python (`3.14`), by code unit. */
export function expectedExtensions(majorMinor: string): readonly ExpectedExtension[] {
  const minor = Number(seriesOf(majorMinor).split('.')[1]);
  return modules
    .filter(([, first, last = minor]) => minor >= first && minor <= last)
    .flatMap(([names]) => names.split(/\s+/))
    .toSorted()
    .map((name) => ({name, isShared: shared.has(name), isForTests: testModules.has(name)}));
}

/**
 * The test packages of the standard library, dotted; install-only archives have none of them. A list of its own too:
 * builds take theirs from `recipes/cpython/`.
 */
export const testPackages: readonly string[] = [
  'bsddb.test',
  'ctypes.test',
  'distutils.tests',
  'email.test',
  'idlelib.idle_test',
  'json.tests',
  'lib-tk.test',
  'lib2to3.tests',
  'sqlite3.test',
  'test',
  'tkinter.test',
  'unittest.test',
];
