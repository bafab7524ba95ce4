import {Command, Option, type CommanderError} from 'commander';
import {InputError} from '../core/errors.js';
import {ownCommand} from '../core/own-command.js';

/** The word behind which any command line stands, which is completed. */
const allCommands = 'complete';

/** A command, which is loaded when it is called. */
interface CommandEntry {
  readonly name: string;
  readonly description: string;
  readonly load: () => Promise<(command: Command, signal: AbortSignal) => void>;
}

/** Every command, in the order of the help. `<command>/command.ts` has its options, and loads its code. */
const commands: readonly CommandEntry[] = [
  {
    name: 'build',
    description:
      'build distributions of CPython and print the paths of their archives; or some stages, and print the paths of their trees',
    load: async () => (await import('./build/command.js')).buildCommand,
  },
  {
    name: 'plan',
    description:
      'print every stage with its key and whether the store has it, without running anything',
    load: async () => (await import('./plan/command.js')).planCommand,
  },
  {
    name: 'why',
    description: 'explain why a stage would run: what changed since it last ran',
    load: async () => (await import('./why/command.js')).whyCommand,
  },
  {
    name: 'log',
    description: 'print the newest log of a stage; without a stage, list the logs',
    load: async () => (await import('./log/command.js')).logCommand,
  },
  {
    name: 'shell',
    description: "open a shell in a stage's sandbox, or run a command there; exits with its code",
    load: async () => (await import('./shell/command.js')).shellCommand,
  },
  {
    name: 'develop',
    description:
      "build a developer's own tree of CPython in a folder beside it, again and again: only what changed is compiled",
    load: async () => (await import('./develop/command.js')).developCommand,
  },
  {
    name: 'profile',
    description: 'the frozen profiles by which builds with the option pgo are optimized',
    load: async () => (await import('./profile/command.js')).profileCommand,
  },
  {
    name: 'fetch',
    description: 'download everything that a build needs, so that `build --offline` works',
    load: async () => (await import('./fetch/command.js')).fetchCommand,
  },
  {
    name: 'store',
    description: 'manage the store of sources, artifacts and logs',
    load: async () => (await import('./store/command.js')).storeCommand,
  },
  {
    name: 'install',
    description:
      'unpack an archive as a Python in a folder, or put it in the place of the one there',
    load: async () => (await import('./install/command.js')).installCommand,
  },
  {
    name: 'inspect',
    description:
      'print what an archive or an installed Python is and contains: version, target, sizes, extension modules, licences',
    load: async () => (await import('./inspect/command.js')).inspectCommand,
  },
  {
    name: 'validate',
    description: 'check an archive against every rule and print the findings',
    load: async () => (await import('./validate/command.js')).validateCommand,
  },
  {
    name: 'test',
    description: "run CPython's own tests with the interpreter of a full archive or of a folder",
    load: async () => (await import('./test/command.js')).testCommand,
  },
  {
    name: 'diff',
    description:
      'compare two archives: members, then ELF sections and symbols, text lines, JSON keys',
    load: async () => (await import('./diff/command.js')).diffCommand,
  },
  {
    name: 'audit',
    description: "compare our extension modules with those of upstream's own build",
    load: async () => (await import('./audit/command.js')).auditCommand,
  },
  {
    name: 'toolchain',
    description: 'build the toolchain `bootstrap` from source and print what each stage took',
    load: async () => (await import('./toolchain/command.js')).toolchainCommand,
  },
  {
    name: 'recipe',
    description: 'check recipes, and keep their pins up to date',
    load: async () => (await import('./recipe/command.js')).recipeCommand,
  },
  {
    name: 'image',
    description: 'the root file systems that builds run in',
    load: async () => (await import('./image/command.js')).imageCommand,
  },
  {
    name: 'doctor',
    description: 'check whether this machine can build, and say what to do if it cannot',
    load: async () => (await import('./doctor/command.js')).doctorCommand,
  },
  {
    name: 'completion',
    description: 'print a script that completes commands, options and values in a shell',
    load: async () => (await import('./completion/command.js')).completionCommand,
  },
];

/**
 * The command line. @param words what was typed: of a command that is not among them, only the name and the description
 * are known. By default every command is whole.
 */
export async function makeProgram(
  signal: AbortSignal,
  words: readonly string[] = [allCommands],
): Promise<Command> {
  const program = new Command('ampoule')
    .description(
      'Builds standalone, relocatable CPython distributions for Linux from pinned sources.',
    )
    // Only for the help: `start.ts` prints it.
    .addOption(new Option('-V, --version', 'print the version, the commit and the version of Node'))
    .configureOutput({outputError: () => undefined})
    .configureHelp({subcommandTerm: (command) => command.name()})
    .showSuggestionAfterError();

  for (const {name, description, load} of commands) {
    const command = program.command(name).description(description);
    if (words.includes(name) || words.includes(allCommands)) (await load())(command, signal);
  }
  nameOwnHelp(program, '');
  return program;
}

/** Makes the mistakes of a command and those below it errors that name its own help. */
function nameOwnHelp(command: Command, words: string): void {
  command.exitOverride((error) => asInputError(error, words));
  for (const below of command.commands) nameOwnHelp(below, `${words}${below.name()} `);
}

/** Help is a success; every other error of the parser is invalid input. */
function asInputError(error: CommanderError, words: string): never {
  if (error.exitCode === 0) process.exit(0);
  // Without a command, the parser has printed the help instead of a message.
  if (error.code === 'commander.help') process.exit(2);
  throw new InputError([
    `${error.message.replace(/^error: /, '')}\nNext: ${ownCommand(`${words}--help`)}`,
  ]);
}
