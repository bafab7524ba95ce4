import {Option, type Command} from 'commander';
import os from 'node:os';
import {InputError} from '../../core/errors.js';
import {parseJobs} from '../option-values.js';
import type {TestOptions} from './run.js';

/** `ampoule test` */
export function testCommand(command: Command, signal: AbortSignal): void {
  command
    .argument(
      '<archive>',
      'a full archive (the others contain no tests); or a folder with a Python in it: an installation, an unpacked archive, a build folder',
    )
    .argument('[names...]', 'test modules such as test_ssl or test_asyncio (default: all)')
    .addOption(
      new Option('-j, --jobs <count>', 'test modules at once')
        .default(os.availableParallelism(), 'the number of processors')
        .argParser(parseJobs),
    )
    .addOption(
      new Option(
        '-u, --use <resources>',
        "the resources that tests may use, as in CPython's -u",
      ).default('all,-network,-urlfetch,-gui,-audio,-largefile,-cpu'),
    )
    .addOption(
      new Option('--timeout <seconds>', 'time limit of one test module')
        .default(900)
        .argParser(parseSeconds),
    )
    .option('--expected-failures <file>', "your own list instead of Ampoule's")
    .option('--json', 'print one JSON document')
    .addOption(
      new Option('--progress <mode>', 'how progress is shown on standard error')
        .choices(['plain', 'quiet'])
        .default('plain'),
    )
    .addHelpText(
      'after',
      `
The programs of the archive or folder run as this user, with this user's rights and outside any sandbox: test
only what you would also run. The files of an unpacked archive, and those that tests make, lie in the system's
temporary folder (TMPDIR) until the end. Bytecode is written into a folder that is tested, as Python always does.
Exit code: 0 when every failure is an expected one, 1 when one is not, 2 for bad input.`,
    )
    .action(async (archive: string, names: readonly string[], options: TestOptions) => {
      const {runTest} = await import('./run.js');
      await runTest(archive, names, options, signal);
    });
}

function parseSeconds(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new InputError([
    `--timeout: expected a number of seconds from 1 to 999999, found "${text}"`,
  ]);
}
