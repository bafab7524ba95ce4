import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {
  prepareDistribution,
  type DistributionUnderTest,
} from '../../src/suite/distribution-under-test.js';
import {listModules, selectModules} from '../../src/suite/select-modules.js';
import {archiveCases} from '../support/archive/archives.js';
import {runTests, suiteRunner} from '../support/archive/cpython-suite.js';
import {makeScratch, removeScratch} from '../support/archive/unpack.js';

/** The tests that a relocated, statically linked and optimized interpreter is most likely to fail. */
const modules =
  `test_ssl test_sqlite3 test_hashlib test_zlib test_lzma test_bz2 test_zstd test_ctypes test_curses
  test_readline test_cmd test_dbm_ndbm test_decimal test_uuid test_venv test_sysconfig test_getpath test_site test_functools`.split(
    /\s+/,
  );

const runner = suiteRunner();

describe.each(archiveCases())("CPython's own tests on %s", (_title, pair) => {
  const hasZstd = Number(pair.majorMinor.split('.')[1]) >= 14;
  let scratch: string;
  let distribution: DistributionUnderTest;
  let all: readonly string[];

  beforeAll(async () => {
    scratch = await makeScratch();
    distribution = await prepareDistribution(pair.full, scratch, runner.signal);
    all = await listModules(distribution, runner);
  });

  afterAll(() => removeScratch(scratch));

  it.each(modules.filter((module) => hasZstd || module !== 'test_zstd'))(
    '%s runs and fails only where the reason is known',
    async (module) => {
      const report = await runTests(distribution, selectModules(all, [module]), runner);

      expect(report.unexpectedFailures).toEqual([]);
      expect(report.counts.passed).toBeGreaterThan(0);
      const skippedAsAWhole = report.modules.filter(({cases}) =>
        cases.every(({outcome}) => outcome === 'skipped'),
      );
      expect(skippedAsAWhole).toEqual([]);
    },
  );
});
