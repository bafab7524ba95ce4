import {Option, type Command} from 'commander';
import os from 'node:os';
import {InputError} from '../core/errors.js';
import {toolchainKinds} from '../core/toolchain.js';
import {defaultStore} from '../builder/default-store.js';
import {usualOptions, type CommonOptions, type ProgressMode} from '../builder/options.js';
import {targetTriples} from '../builder/project-folder.js';
import {
  outputLimitBytes,
  parseJobs,
  parseMemory,
  parseOutputLimit,
  parsePidsLimit,
} from './option-values.js';
import {buildOptions} from '../core/build-options.js';
import {profileKinds} from '../core/variant.js';

/** Adds the Python to build as the first argument. Call it before `addPlanOptions`. */
export function addPythonArgument(command: Command): Command {
  return command.argument(
    '[python]',
    'the Python to build: 3.14, 3.14.7 or cpython-3.14; several with commas',
  );
}

/**
 * The options of a command that takes the Python as an argument too.
 * @throws InputError if the argument and `--python` differ.
 */
export function withPython<Options extends CommonOptions>(
  options: Options,
  argument: string | undefined,
): Options {
  if (argument === undefined) return options;
  if (options.python !== undefined && argument !== options.python) {
    throw new InputError([`two Pythons were named, ${argument} and ${options.python}: name one`]);
  }
  return {...options, python: argument};
}

/** Adds the options that select what is built: Python, target, build options, sources. Includes the store options. */
export function addPlanOptions(command: Command, usual?: string): Command {
  command.option(
    '--python <version>',
    'the Python to build: 3.14, 3.14.7 or cpython-3.14; several with commas',
  );
  return addVariantOptions(command, usual)
    .option(
      '--python-source <folder>',
      "a developer's own tree of CPython to build, in place of a pinned source: a checkout, or an unpacked release",
    )
    .addOption(
      new Option(
        '--release-tag <YYYYMMDD>',
        'the date in the names of the archives (default: that of the newest source)',
      ),
    )
    .addOption(
      new Option(
        '--profile <kind>',
        'with the build option pgo: the profile of the project (the default), one that is trained in this build, or none',
      ).choices(profileKinds),
    );
}

/**
 * Adds what distinguishes builds of one Python. Includes the store options.
 * @param usual the build options when nobody names any, if these are not those of the target.
 */
export function addVariantOptions(command: Command, usual?: string): Command {
  return addSourcesOption(addStoreOptions(command))
    .option(
      '--overlay <folder>',
      'a folder that adds to the project or changes it: recipes, modules, flags; may be repeated',
      collect,
    )
    .addOption(targetOption())
    .addOption(
      new Option(
        '--options <options>',
        `build options joined with "+": ${buildOptions.join(', ')}; several sets with commas` +
          (usual === undefined
            ? ' (default: from targets/<triple>.yaml, without pgo if there is no profile; noopt for --python-source)'
            : ''),
      ).default(usual),
    )
    .addOption(
      new Option(
        '--toolchain <kind>',
        'the compilers: those of Debian, or built from source first (hours)',
      )
        .choices(toolchainKinds)
        .default(usualOptions.toolchain),
    )
    .option(
      '--glibc <version>',
      'the oldest glibc that the output runs on, or "suite" for the glibc of the sysroot (default: from targets/<triple>.yaml)',
    );
}

/** The values of an option that may be repeated, in order. */
export function collect(value: string, earlier?: readonly string[]): readonly string[] {
  return [...(earlier ?? []), value];
}

function targetOption(): Option {
  const option = new Option(
    '--target <triple>',
    'the platform that the distribution runs on; several with commas',
  );
  // Only for the help: another project may have other targets, which the plan checks.
  option.argChoices = [...targetTriples()];
  return option.default(usualOptions.target);
}

/** Adds the option that selects the set of pinned downloads. */
export function addSourcesOption(command: Command): Command {
  return command.addOption(
    new Option(
      '--sources <set>',
      'the pinned sources to use: upstream releases, or those of Debian',
    )
      .choices(['auto', 'upstream', 'debian'])
      .default(usualOptions.sources),
  );
}

/** Adds the options that select what runs the stages, and how many jobs at once. */
export function addExecutorOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--executor <kind>',
        'where stages run: in containers of a Docker engine, in namespaces of this machine, or in the first of these that works',
      )
        .choices(['auto', 'local', 'docker'])
        .env('AMPOULE_EXECUTOR')
        .default('auto'),
    )
    .addOption(
      new Option('-j, --jobs <count>', 'number of jobs at once')
        .default(os.availableParallelism(), 'the number of processors')
        .argParser(parseJobs),
    )
    .addOption(
      new Option('--memory <size>', 'memory limit of each stage: 512m, 8g').argParser(parseMemory),
    )
    .addOption(
      new Option('--pids-limit <count>', 'limit on processes and threads of each stage').argParser(
        parsePidsLimit,
      ),
    )
    .addOption(
      new Option('--output-limit <size>', 'the largest output of a stage')
        .default(outputLimitBytes, '64g')
        .argParser(parseOutputLimit),
    );
}

/** Adds the options of a command that runs stages: those of the executor, and whether to show what stages print. */
export function addRunOptions(command: Command): Command {
  return addExecutorOptions(command).addOption(
    new Option(
      '-v, --verbose',
      'show why each stage runs and what it prints: the same as --progress verbose',
    )
      .implies({progress: 'verbose' satisfies ProgressMode})
      .conflicts('quiet'),
  );
}

/** Adds the option that keeps the work folders of stages. */
export function addKeepWorkOption(command: Command): Command {
  return command.option(
    '--keep-work',
    'keep the work folder of each stage that runs, and tell where it is; `store gc` removes it',
  );
}

/** Adds the options for store, project, network and progress. */
export function addStoreOptions(command: Command): Command {
  const withMirror = addMirrorOption(addProjectOption(addStoreOption(command)));
  return addProgressOptions(
    withMirror.option('--offline', 'contact no host; a missing download is an error'),
  );
}

/** Adds the option for the store alone, to a command that reads or tidies it. */
export function addStoreOption(command: Command): Command {
  return requireStore(command).addOption(
    new Option('--store <folder>', 'folder for sources, artifacts and logs')
      .env('AMPOULE_STORE')
      .default(defaultStore(), 'ampoule in $XDG_CACHE_HOME or ~/.cache'),
  );
}

/** Adds the option for the folder with the project's data. */
export function addProjectOption(command: Command): Command {
  return command.option(
    '--project <folder>',
    'folder with your own recipes/, targets/, docker/, static-modules/, profiles/ and licenses/',
  );
}

/** Adds the option for a Debian mirror. */
export function addMirrorOption(command: Command): Command {
  return command.addOption(
    new Option('--debian-mirror <url>', 'a Debian mirror to use first').env(
      'AMPOULE_DEBIAN_MIRROR',
    ),
  );
}

/** Adds the options that say how progress is shown. */
export function addProgressOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--progress <mode>', 'how progress is shown on standard error')
        .choices(['auto', 'tty', 'plain', 'verbose', 'json', 'quiet'] satisfies ProgressMode[])
        .default('auto'),
    )
    .addOption(
      new Option('-q, --quiet', 'the same as --progress quiet').implies({
        progress: 'quiet' satisfies ProgressMode,
      }),
    )
    .addOption(new Option('--color', 'colours in the live view, also where NO_COLOR is set'))
    .addOption(new Option('--no-color', 'no colours in the live view'))
    .hook('preAction', (called) => {
      const {color} = called.opts<{readonly color?: boolean}>();
      if (color === undefined) return;
      // Node's `hasColors` reads them.
      if (color) delete process.env['NO_COLOR'];
      else delete process.env['FORCE_COLOR'];
      process.env[color ? 'FORCE_COLOR' : 'NO_COLOR'] = '1';
    });
}

/** The result as one JSON document. */
export function addJsonOption(command: Command): Command {
  return command.option('--json', 'print the result as one JSON document');
}

/** Fails before the command runs if there is no store. */
function requireStore(command: Command): Command {
  return command.hook('preAction', (called) => {
    if (called.opts<{readonly store?: string}>().store !== undefined) return;
    throw new InputError([
      'there is no home folder for the store: HOME is not an absolute path, and this user has no account.\n' +
        'Name a folder with --store or AMPOULE_STORE.',
    ]);
  });
}
