import {readFileSync} from 'node:fs';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {valueOrThrow} from '../../src/core/errors.js';
import {hostCommandRunner} from '../../src/executor/local/host-command.js';
import {
  prepareDistribution,
  type DistributionUnderTest,
} from '../../src/suite/distribution-under-test.js';
import {expectedFor, parseExpectedFailures} from '../../src/suite/expected-failures.js';
import {runSuite} from '../../src/suite/run-suite.js';
import {listModules, selectModules} from '../../src/suite/select-modules.js';
import {countOutcomes} from '../../src/suite/suite-result.js';
import {archiveCases} from '../support/archive/archives.js';
import {makeScratch, removeScratch} from '../support/archive/unpack.js';

/** The tests that a relocated, statically linked and optimized interpreter is most likely to fail. */
const modules =
  `test_ssl test_sqlite3 test_hashlib test_zlib test_lzma test_bz2 test_zstd test_ctypes test_curses
  test_readline test_cmd test_dbm_ndbm test_decimal test_uuid test_venv test_sysconfig test_getpath test_site test_functools`.split(
    /\s+/,
  );

const file = path.resolve(import.meta.dirname, '../../recipes/cpython/expected-failures.yaml');
const entries = valueOrThrow(parseExpectedFailures(readFileSync(file, 'utf8'), file));
const runner = {
  run: hostCommandRunner('test'),
  signal: new AbortController().signal,
  now: () => performance.now(),
};
const options = {
  resources: 'all,-network,-urlfetch,-gui,-audio,-largefile',
  moduleSeconds: 600,
};

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
      const report = await runSuite(
        distribution,
        {
          modules: selectModules(all, [module]),
          jobs: 1,
          expected: expectedFor(entries, {...distribution, isRoot: process.getuid?.() === 0}),
          options,
          onModule: ({result}) => {
            const {passed, failed, skipped} = countOutcomes([result]);
            process.stdout.write(
              `CPython ${pair.python} ${result.module}: ${passed} passed, ${failed} failed, ${skipped} skipped\n`,
            );
          },
        },
        runner,
      );

      expect(report.unexpectedFailures).toEqual([]);
      expect(report.counts.passed).toBeGreaterThan(0);
      const skippedAsAWhole = report.modules.filter(({cases}) =>
        cases.every(({outcome}) => outcome === 'skipped'),
      );
      expect(skippedAsAWhole).toEqual([]);
    },
  );
});
