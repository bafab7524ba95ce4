import {countOf} from '../../report/lines.js';
import {mkdtemp, readFile} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {InputError, valueOrThrow} from '../../core/errors.js';
import {hostCommandRunner} from '../../executor/local/host-command.js';
import {killMarked} from '../../executor/local/process-mark.js';
import {findInstallation, isTree} from '../../installation/find-installation.js';
import {
  prepareDistribution,
  prepareInstallation,
  type DistributionUnderTest,
} from '../../suite/distribution-under-test.js';
import {expectedFor, parseExpectedFailures} from '../../suite/expected-failures.js';
import {runSuite} from '../../suite/run-suite.js';
import {listModules, selectModules} from '../../suite/select-modules.js';
import {isOfDead, ownerName} from '../../store/owner.js';
import {print, printError, printJson} from '../print.js';
import {archiveErrorsAsInput} from '../archive-input.js';
import {removeTree} from '../../files/remove-tree.js';
import {moduleLine, suiteText} from './text.js';

/** Options of `ampoule test`. */
export interface TestOptions {
  readonly jobs: number;
  readonly use: string;
  readonly timeout: number;
  readonly expectedFailures?: string;
  readonly json?: true;
  readonly progress: 'plain' | 'quiet';
}

/** Ampoule's own list. */
const ownExpectedFailures = path.resolve(
  import.meta.dirname,
  '../../../recipes/cpython/expected-failures.yaml',
);

/** Runs the tests of an archive, which is unpacked for it, or of a folder, and prints the results. */
export async function runTest(
  archive: string,
  names: readonly string[],
  options: TestOptions,
  signal: AbortSignal,
): Promise<void> {
  const entries = await readExpected(options.expectedFailures ?? ownExpectedFailures);
  const scratch = await mkdtemp(path.join(os.tmpdir(), 'ampoule-test-'));
  try {
    const tell = (line: string): void => {
      if (options.progress === 'plain') printError(`${line}\n`);
    };
    const distribution = await prepare(archive, scratch, tell, signal);
    await killMarked(isOfDead);
    const run = hostCommandRunner(await ownerName());
    const runner = {run, signal, now: () => performance.now()};
    const modules = selectModules(await listModules(distribution, runner), names);
    const isRoot = process.getuid?.() === 0;
    tell(
      `CPython ${distribution.python}: ${countOf(modules.length, 'test module')}, ${options.jobs} at once`,
    );
    const report = await runSuite(
      distribution,
      {
        modules,
        jobs: options.jobs,
        expected: expectedFor(entries, {...distribution, isRoot}),
        options: {resources: options.use, moduleSeconds: options.timeout},
        onModule: (event) => {
          tell(moduleLine(event));
        },
      },
      runner,
    );
    if (options.json) {
      printJson({format: 1, archive, python: distribution.python, ...report});
    } else {
      print(suiteText(distribution, report));
    }
    if (report.unexpectedFailures.length > 0) process.exitCode = 1;
  } finally {
    await removeTree(scratch);
  }
}

async function prepare(
  archive: string,
  scratch: string,
  tell: (line: string) => void,
  signal: AbortSignal,
): Promise<DistributionUnderTest> {
  if (await isTree(archive)) return prepareInstallation(await findInstallation(archive), scratch);
  tell(`unpacking ${archive}`);
  return archiveErrorsAsInput(prepareDistribution(archive, scratch, signal));
}

async function readExpected(file: string) {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new InputError([`--expected-failures: ${(error as Error).message}`]);
  });
  return valueOrThrow(parseExpectedFailures(text, path.relative('.', file)));
}
