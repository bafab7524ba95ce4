import path from 'node:path';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {hostCommandRunner} from '../../src/executor/local/host-command.js';
import {
  prepareDistribution,
  type DistributionUnderTest,
} from '../../src/suite/distribution-under-test.js';
import type {SuiteRunner} from '../../src/suite/run-module.js';
import {listModules, selectModules} from '../../src/suite/select-modules.js';
import {archiveCases} from '../support/archive/archives.js';
import {runTests, suiteRunner} from '../support/archive/cpython-suite.js';
import {enterRoot} from '../support/archive/entered-root.js';
import {makeOldGlibcRoot} from '../support/archive/old-glibc.js';
import {makeScratch, removeScratch} from '../support/archive/unpack.js';

/** What asks the C library and the kernel most. */
const modules =
  `test_os test_posix test_socket test_threading test_subprocess test_signal test_select test_time test_mmap test_ssl
  test_ctypes test_multiprocessing_spawn test_multiprocessing_fork test_multiprocessing_forkserver test_asyncio`.split(
    /\s+/,
  );

/** What fails in that root alone. */
const furtherExpected = [
  {
    tests: ['gcc', 'ld'].map(
      (name) => `test.test_ctypes.test_find.FindLibraryLinux.test_find_library_with_${name}`,
    ),
    when: {},
    user: undefined,
    isIntermittent: false,
    isHanging: false,
    reason: 'The root has neither gcc nor ld.',
  },
];

/** A user namespace has one user, and tests of a root user want more. Tests at once name their folders by their process. */
const namespaces = ['ipc', 'net', 'uts'].map((name) => `--unshare-${name}`);

describe.each(archiveCases())('the C library of CentOS 7 and %s', (_title, pair) => {
  let scratch: string;
  let distribution: DistributionUnderTest;
  let runner: SuiteRunner;

  beforeAll(async () => {
    scratch = await makeScratch();
    const rootPath = path.join(scratch, 'root');
    await makeOldGlibcRoot(rootPath);
    const {enter} = await enterRoot(rootPath);
    const [env = '', ...words] = enter.flatMap((word) =>
      word === '--unshare-all' && process.getuid?.() === 0 ? namespaces : [word],
    );
    const run = hostCommandRunner('test');
    runner = suiteRunner((command, signal) =>
      run(
        {...command, argv: [env, ...words, '--chdir', command.cwd, '--', ...command.argv]},
        signal,
      ),
    );
    distribution = await prepareDistribution(pair.full, scratch, runner.signal);
  });

  afterAll(() => removeScratch(scratch));

  it("passes CPython's tests of what both do", async () => {
    const selected = selectModules(await listModules(distribution, runner), modules);
    const report = await runTests(distribution, selected, runner, {jobs: 2, furtherExpected});

    expect(report.unexpectedFailures).toEqual([]);
    process.stdout.write(`in all: ${JSON.stringify(report.counts)}\n`);
  });
});
