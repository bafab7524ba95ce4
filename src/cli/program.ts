import {Command, Option, type CommanderError} from 'commander';
import {readFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {InputError} from '../core/errors.js';
import type {CommonOptions, ProgressMode} from './options.js';

/** The command line: every command with its options. A command's code is loaded only when it is called. */
export function makeProgram(signal: AbortSignal): Command {
  const program = new Command('ampoule')
    .description(
      'Builds standalone, relocatable CPython distributions for Linux from pinned sources.',
    )
    .version(packageVersion(), '-V, --version')
    .exitOverride(asInputError)
    .configureOutput({outputError: () => undefined})
    .showSuggestionAfterError();

  const build = program
    .command('build')
    .description('build the archives of one distribution and print their paths');
  addExecutorOptions(addPlanOptions(build))
    .addOption(new Option('-o, --output <folder>', 'where the archives go').default('dist'))
    .action(async (python: string | undefined, options: CommonOptions) => {
      const {runBuild} = await import('./build.js');
      await runBuild(python, options, signal);
    });

  const plan = program
    .command('plan')
    .description(
      'print every stage with its key and whether the store has it, without running anything',
    );
  addPlanOptions(plan)
    .option('--json', 'print one JSON document')
    .action(async (python: string | undefined, options: CommonOptions & {readonly json?: true}) => {
      const {runPlan} = await import('./plan.js');
      await runPlan(python, options);
    });

  addExecutorOptions(addStoreOptions(program.command('doctor')))
    .description('check that this machine can build, and say what to do where it cannot')
    .action(async (options: CommonOptions) => {
      const {runDoctor} = await import('./doctor.js');
      await runDoctor(options, signal);
    });
  return program;
}

function packageVersion(): string {
  const text = readFileSync(path.resolve(import.meta.dirname, '../../package.json'), 'utf8');
  return (JSON.parse(text) as {readonly version: string}).version;
}

function addPlanOptions(command: Command): Command {
  return addStoreOptions(command)
    .argument('[python]', 'what to build: cpython-3.14, 3.14 or 3.14.7')
    .option('--python <version>', 'the same as the argument')
    .addOption(
      new Option('--target <triple>', 'where the distribution runs').default(
        'x86_64-unknown-linux-gnu',
      ),
    )
    .addOption(
      new Option('--options <options>', 'build option').choices(['noopt']).default('noopt'),
    )
    .addOption(
      new Option('--toolchain <kind>', 'compilers that build everything')
        .choices(['debian'])
        .default('debian'),
    )
    .addOption(
      new Option('--sources <set>', 'pinned upstream releases, or what Debian has of them')
        .choices(['auto', 'upstream', 'debian'])
        .default('auto'),
    )
    .addOption(
      new Option(
        '--release-tag <YYYYMMDD>',
        "the date in the archives' names (default: that of the newest source)",
      ),
    );
}

function addExecutorOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--executor <kind>', 'what runs the stages')
        .choices(['auto', 'local'])
        .default('auto'),
    )
    .addOption(
      new Option('-j, --jobs <count>', 'jobs at once')
        .default(os.availableParallelism())
        .argParser(parseJobs),
    );
}

function addStoreOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--store <folder>', 'where sources, artifacts and logs are kept')
        .env('AMPOULE_STORE')
        .default(defaultStore(), '$XDG_CACHE_HOME/ampoule'),
    )
    .option('--project <folder>', 'recipes/, docker/, static-modules/ and licenses/ of your own')
    .addOption(
      new Option('--debian-mirror <url>', 'a Debian mirror to use first').env(
        'AMPOULE_DEBIAN_MIRROR',
      ),
    )
    .addOption(
      new Option('--progress <mode>', 'how progress is shown on standard error')
        .choices(['auto', 'plain', 'json', 'quiet'] satisfies ProgressMode[])
        .default('auto'),
    );
}

function defaultStore(): string {
  const cache = process.env['XDG_CACHE_HOME'];
  return path.join(
    cache === undefined || cache === '' ? path.join(os.homedir(), '.cache') : cache,
    'ampoule',
  );
}

function parseJobs(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) {
    throw new InputError([`--jobs: wanted a number from 1 to 9999, got "${text}"`]);
  }
  return Number(text);
}

/** Help and version end well; every other complaint of the parser is bad input. */
function asInputError(error: CommanderError): never {
  if (error.exitCode === 0) process.exit(0);
  // No command was named: the parser has shown the help in place of a message.
  if (error.code === 'commander.help') process.exit(2);
  throw new InputError([`${error.message.replace(/^error: /, '')}\nNext: ampoule --help`]);
}
