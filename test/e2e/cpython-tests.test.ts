import path from 'node:path';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {archiveCases} from '../support/archive/archives.js';
import type {TestCase} from '../support/archive/cpython-tests.js';
import {
  findExpected,
  formatTable,
  readExpectedFailures,
  runTestModule,
} from '../support/archive/cpython-tests.js';
import {makeScratch, removeScratch, unpack} from '../support/archive/unpack.js';

/** The tests that a relocated, statically linked interpreter is most likely to fail. */
const modules =
  `test_ssl test_sqlite3 test_hashlib test_zlib test_lzma test_bz2 test_zstd test_ctypes test_curses
  test_readline test_dbm_ndbm test_decimal test_uuid test_venv test_sysconfig test_getpath test_site`.split(
    /\s+/,
  );

describe.each(archiveCases())("CPython's own tests on %s", (_title, pair) => {
  const hasZstd = Number(pair.majorMinor.split('.')[1]) >= 14;
  const expected = readExpectedFailures(
    new URL('expected-failures.yaml', import.meta.url),
    pair.python,
  );
  const results = new Map<string, readonly TestCase[]>();
  let scratch: string;

  beforeAll(async () => {
    scratch = await makeScratch();
    await unpack(pair.full, scratch);
  });

  afterAll(async () => {
    process.stdout.write(`\nCPython ${pair.python}, ${path.basename(pair.full)}\n`);
    process.stdout.write(formatTable(results, expected));
    await removeScratch(scratch);
  });

  it.each(modules.filter((module) => hasZstd || module !== 'test_zstd'))(
    '%s runs and fails only where the reason is known',
    async (module) => {
      const executable = path.join(scratch, 'python/install/bin', `python${pair.majorMinor}`);

      const cases = await runTestModule(executable, module, scratch);

      results.set(module, cases);
      const isSurprise = ({name, outcome}: TestCase) =>
        (outcome === 'failed' || (outcome === 'skipped' && name === `test.${module}`)) &&
        findExpected(name, expected) === undefined;
      expect(cases.filter(isSurprise)).toEqual([]);
      expect(cases.some(({outcome}) => outcome === 'passed')).toBe(true);
    },
  );
});
