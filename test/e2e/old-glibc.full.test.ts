import path from 'node:path';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {hostCommandRunner} from '../../src/executor/local/host-command.js';
import {
  prepareDistribution,
  type DistributionUnderTest,
} from '../../src/suite/distribution-under-test.js';
import {runSuite} from '../../src/suite/run-suite.js';
import {listModules, selectModules} from '../../src/suite/select-modules.js';
import {countOutcomes} from '../../src/suite/suite-result.js';
import {archiveCases} from '../support/archive/archives.js';
import {enterRoot} from '../support/archive/entered-root.js';
import {makeOldGlibcRoot} from '../support/archive/old-glibc.js';
import {makeScratch, removeScratch} from '../support/archive/unpack.js';

/** What asks the C library and the kernel most. */
const modules =
  `test_os test_posix test_socket test_threading test_subprocess test_signal test_select test_time test_mmap test_ssl
  test_ctypes test_multiprocessing_spawn test_multiprocessing_fork test_multiprocessing_forkserver test_asyncio`.split(
    /\s+/,
  );

/** Tests that fail in that root, and why. */
const known: readonly {readonly test: RegExp; readonly reason: string}[] = [
  {test: /test_find_library_with_(?:gcc|ld)$/, reason: 'the root has neither gcc nor ld'},
];

/** A user namespace has one user, and tests of a root user want more. Tests at once name their folders by their process. */
const namespaces = ['ipc', 'net', 'uts'].map((name) => `--unshare-${name}`);

describe.each(archiveCases())('the C library of CentOS 7 and %s', (_title, pair) => {
  let scratch: string;
  let distribution: DistributionUnderTest;
  let runner: Parameters<typeof runSuite>[2];

  beforeAll(async () => {
    scratch = await makeScratch();
    const rootPath = path.join(scratch, 'root');
    await makeOldGlibcRoot(rootPath);
    const {enter} = await enterRoot(rootPath);
    const words = enter.flatMap((word) =>
      word === '--unshare-all' && process.getuid?.() === 0 ? namespaces : [word],
    );
    const run = hostCommandRunner('test');
    runner = {
      run: (command, signal) =>
        run(
          {
            ...command,
            argv: [
              '/usr/bin/env',
              ...words.slice(1),
              '--chdir',
              command.cwd,
              '--',
              ...command.argv,
            ],
          },
          signal,
        ),
      signal: new AbortController().signal,
      now: () => performance.now(),
    };
    distribution = await prepareDistribution(pair.full, scratch, runner.signal);
  });

  afterAll(() => removeScratch(scratch));

  it("passes CPython's tests of what both do", async () => {
    const report = await runSuite(
      distribution,
      {
        modules: selectModules(await listModules(distribution, runner), modules),
        jobs: 2,
        expected: [],
        options: {resources: 'all,-network,-urlfetch,-gui,-audio,-largefile', moduleSeconds: 1200},
        onModule: ({result}) => {
          const {passed, failed, skipped} = countOutcomes([result]);
          process.stdout.write(
            `CPython ${pair.python} ${result.module}: ${passed} passed, ${failed} failed, ${skipped} skipped\n`,
          );
        },
      },
      runner,
    );

    const unknown = report.unexpectedFailures.filter(
      ({name}) => !known.some(({test}) => test.test(name)),
    );
    expect(unknown).toEqual([]);
    process.stdout.write(`in all: ${JSON.stringify(report.counts)}\n`);
  });
});
