import {Command, Option, type CommanderError} from 'commander';
import {InputError} from '../core/errors.js';
import {ownCommand} from '../core/own-command.js';
import {auditCommand} from './audit/command.js';
import {buildCommand} from './build/command.js';
import {completionCommand} from './completion/command.js';
import {developCommand} from './develop/command.js';
import {diffCommand} from './diff/command.js';
import {doctorCommand} from './doctor/command.js';
import {fetchCommand} from './fetch/command.js';
import {imageCommand} from './image/command.js';
import {inspectCommand} from './inspect/command.js';
import {installCommand} from './install/command.js';
import {logCommand} from './log/command.js';
import {planCommand} from './plan/command.js';
import {printOwn} from './print.js';
import {profileCommand} from './profile/command.js';
import {recipeCommand} from './recipe/command.js';
import {shellCommand} from './shell/command.js';
import {storeCommand} from './store/command.js';
import {testCommand} from './test/command.js';
import {toolchainCommand} from './toolchain/command.js';
import {versionText} from './version.js';
import {whyCommand} from './why/command.js';
import {validateCommand} from './validate/command.js';

/** Every command, in the order of the help. `<command>/command.ts` describes it and loads its code when it is called. */
const commands: readonly ((program: Command, signal: AbortSignal) => void)[] = [
  buildCommand,
  planCommand,
  whyCommand,
  logCommand,
  shellCommand,
  developCommand,
  profileCommand,
  fetchCommand,
  storeCommand,
  installCommand,
  inspectCommand,
  validateCommand,
  testCommand,
  diffCommand,
  auditCommand,
  toolchainCommand,
  recipeCommand,
  imageCommand,
  doctorCommand,
  completionCommand,
];

/** The command line with all its commands. */
export function makeProgram(signal: AbortSignal): Command {
  const program = new Command('ampoule')
    .description(
      'Builds standalone, relocatable CPython distributions for Linux from pinned sources.',
    )
    .addOption(new Option('-V, --version', 'print the version, the commit and the version of Node'))
    .on('option:version', () => {
      printOwn(`${versionText()}\n`);
      process.exit(0);
    })
    .configureOutput({outputError: () => undefined})
    .showSuggestionAfterError();

  for (const addCommand of commands) addCommand(program, signal);
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
