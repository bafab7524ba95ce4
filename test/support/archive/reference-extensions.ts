/** Modules that a distribution of every supported version of Python has (without `_tkinter`). */
const always = `
_abc _ast _asyncio _bisect _blake2 _bz2 _codecs _codecs_cn _codecs_hk _codecs_iso2022 _codecs_jp _codecs_kr _codecs_tw
_collections _contextvars _csv _ctypes _curses _curses_panel _datetime _dbm _decimal _elementtree _functools _hashlib
_heapq _imp _io _json _locale _lsprof _lzma _md5 _multibytecodec _multiprocessing _opcode _operator _pickle
_posixshmem _posixsubprocess _queue _random _sha1 _sha3 _signal _socket _sqlite3 _sre _ssl _stat _statistics _string
_struct _symtable _testinternalcapi _thread _tracemalloc _uuid _warnings _weakref _xxtestfuzz _zoneinfo array atexit
binascii builtins cmath errno faulthandler fcntl gc grp itertools marshal math mmap posix pwd pyexpat readline
resource select sys syslog termios time unicodedata xxsubtype zlib
`;

/** Modules that came with a version, by its minor number; they are in the later ones too unless `until` names the last. */
const since: readonly (readonly [minor: number, names: string, until?: number])[] = [
  [11, '_crypt _xxsubinterpreters audioop ossaudiodev spwd', 12],
  [11, '_sha256 _sha512', 11],
  [11, '_tokenize _typing'],
  [12, '_sha2'],
  [13, '_interpchannels _interpqueues _interpreters _suggestions _sysconfig'],
  [14, '_hmac _remote_debugging _types _zstd'],
  [15, '_math_integer'],
];

/**
 * The extension modules that python-build-standalone's distributions of a version (`3.14`) have in their install-only
 * archives, `_tkinter` excepted. `_testinternalcapi` is there only while it is built in.
 */
export function referenceExtensions(majorMinor: string): readonly string[] {
  const minor = Number(majorMinor.split('.')[1]);
  const added = since
    .filter(([first, , until]) => minor >= first && minor <= (until ?? minor))
    .map(([, names]) => names);
  return [always, ...added].flatMap((names) => names.trim().split(/\s+/));
}
