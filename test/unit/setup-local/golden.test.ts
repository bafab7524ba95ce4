import path from 'node:path';

import {describe, expect, it} from 'vitest';

import {compareCodeUnits} from '../../../src/core/digest.js';
import {valueOrThrow} from '../../../src/core/errors.js';
import {matches} from '../../../src/data/condition.js';
import {modulesJson} from '../../../src/data/modules-json.js';
import {expectedExtensions} from '../../../src/policy/extension-set.js';
import {generateSetupLocal} from '../../../src/setup-local/setup-local.js';
import {fixturePath, fixturePythons, repositoryDefinitions, upstreamTexts} from './real-sources.js';

const definitions = repositoryDefinitions();

function generate(python: string) {
  return valueOrThrow(
    generateSetupLocal({
      definitions,
      upstream: upstreamTexts(python),
      python,
      target: {triple: 'x86_64-unknown-linux-gnu'},
      options: ['noopt'],
    }),
  );
}

describe.each(fixturePythons)('static-modules/ against the real source of CPython %s', (python) => {
  it('gives the golden Setup.local', async () => {
    const {setupLocal} = generate(python);

    await expect(setupLocal).toMatchFileSnapshot(path.join(fixturePath(python), 'Setup.local'));
  });

  it('gives the golden list of expected modules', async () => {
    const {modules} = generate(python);

    await expect(modulesJson(modules)).toMatchFileSnapshot(
      path.join(fixturePath(python), 'modules.json'),
    );
  });
});

/** The names that python-build-standalone's archives have, without the modules that need Tcl/Tk. */
const everywhere = `_abc _ast _asyncio _bisect _blake2 _bz2 _codecs _codecs_cn _codecs_hk _codecs_iso2022
  _codecs_jp _codecs_kr _codecs_tw _collections _contextvars _csv _ctypes _datetime _decimal _elementtree
  _functools _hashlib _heapq _imp _io _json _locale _lsprof _lzma _md5 _multibytecodec _multiprocessing
  _opcode _operator _pickle _queue _random _sha1 _sha3 _signal _socket _sqlite3 _sre _ssl _stat _statistics
  _string _struct _symtable _thread _tokenize _tracemalloc _typing _uuid _warnings _weakref _zoneinfo array atexit
  binascii builtins cmath errno faulthandler gc itertools marshal math mmap pyexpat select sys time
  unicodedata xxsubtype zlib`;
const posix = `_ctypes_test _curses _curses_panel _dbm _posixshmem _posixsubprocess _testinternalcapi fcntl
  grp posix pwd readline resource syslog termios _testbuffer _testimportmultiple _testmultiphase
  _xxtestfuzz _testcapi`;
const upTo311 = `_crypt _sha256 _sha512 _xxsubinterpreters audioop ossaudiodev spwd`;
const since313 = `_interpchannels _interpqueues _interpreters _sha2 _suggestions _sysconfig _testlimitedcapi
  _testsinglephase`;
const since314 = `${since313} _remote_debugging _hmac _types _zstd`;
const ofVersion: Readonly<Record<(typeof fixturePythons)[number], string>> = {
  '3.11.2': upTo311,
  '3.13.15': `${since313} _testexternalinspection`,
  '3.14.7': since314,
  '3.15.0rc2': `${since314} _math_integer`,
};

describe.each(fixturePythons)('the expected modules of CPython %s', (python) => {
  it('are those of python-build-standalone, without _tkinter', () => {
    const {modules} = generate(python);

    const wanted = `${everywhere} ${posix} ${ofVersion[python]}`.split(/\s+/).sort();
    expect(modules.map(({name}) => name)).toEqual(wanted);
  });

  it('are static but for those that must be files', () => {
    const {modules} = generate(python);

    const shared = `_ctypes_test _dbm _testbuffer _testcapi _testimportmultiple _testmultiphase
      ${python === '3.11.2' ? '_crypt' : '_testlimitedcapi _testsinglephase'}
      ${python === '3.13.15' ? '_testexternalinspection' : ''}`;
    expect(modules.filter(({linkage}) => linkage === 'shared').map(({name}) => name)).toEqual(
      shared.trim().split(/\s+/).sort(),
    );
  });
});

describe.each(['3.11', '3.12', '3.13', '3.14', '3.15'])(
  'static-modules/ for Python %s',
  (series) => {
    const context = {
      python: `${series}.0`,
      target: {triple: 'x86_64-unknown-linux-gnu'},
      options: ['noopt'],
    } as const;
    const variants = definitions.map(({name, variants: all}) => ({
      name,
      matching: all.filter(({when}) => matches(when, context)),
    }));

    it('has at most one variant of each module', () => {
      expect(variants.filter(({matching}) => matching.length > 1)).toEqual([]);
    });

    it('enables the modules that the rules for archives expect, and links them in the same way', () => {
      const enabled = variants.flatMap(({name, matching: [variant]}) =>
        variant === undefined || variant.linkage === 'disabled'
          ? []
          : [{name, isShared: variant.linkage === 'shared'}],
      );

      const wanted = expectedExtensions(series).map(({name, isShared}) => ({name, isShared}));
      expect(enabled.toSorted((left, right) => compareCodeUnits(left.name, right.name))).toEqual(
        wanted,
      );
    });
  },
);
