import {InputError} from '../../core/errors.js';
import {ownCommand} from '../../core/own-command.js';

/** What `ampoule develop` does. */
export type DevelopMode = 'make' | 'run' | 'test' | 'regen' | 'shell' | 'gdb';

/** What distinguishes the modes. */
interface ModeTraits {
  /** Whether all arguments after the option belong to it. */
  readonly takesArguments: boolean;
  /** Whether it runs in the image `docker/develop`, not in the one that compiles. */
  readonly needsDevelopImage: boolean;
}

/** The modes that an option asks for. */
const optionModes = {
  run: {takesArguments: true, needsDevelopImage: false},
  test: {takesArguments: true, needsDevelopImage: false},
  regen: {takesArguments: true, needsDevelopImage: true},
  gdb: {takesArguments: true, needsDevelopImage: true},
  shell: {takesArguments: false, needsDevelopImage: true},
} as const satisfies Record<Exclude<DevelopMode, 'make'>, ModeTraits>;

type OptionMode = keyof typeof optionModes;

const optionNames = Object.keys(optionModes) as readonly OptionMode[];

/** The options of `ampoule develop` that choose the mode. */
export type ModeOptions = Readonly<Partial<Record<OptionMode, true>>>;

/** A mode, and the arguments on the command line that belong to it. */
export interface DevelopRequest extends ModeTraits {
  readonly mode: DevelopMode;
  readonly arguments: readonly string[];
}

/**
 * Puts `--` after an option that takes all further arguments, so that they are not parsed as options of Ampoule:
 * `ampoule develop cpython --run ./python -c 1`.
 */
export function separateArguments(argv: readonly string[]): readonly string[] {
  const [node = '', script = '', command, ...rest] = argv;
  if (command !== 'develop') return argv;
  const end = rest.indexOf('--');
  const options = end < 0 ? rest : rest.slice(0, end);
  const taking = optionNames.filter((name) => optionModes[name].takesArguments);
  const index = options.findIndex((word) => taking.some((name) => word === `--${name}`));
  if (index < 0 || rest[index + 1] === '--') return argv;
  return [node, script, command, ...rest.slice(0, index + 1), '--', ...rest.slice(index + 1)];
}

/** The mode that the options choose. @throws InputError for two of them, or for arguments that belong to none. */
export function chooseMode(options: ModeOptions, given: readonly string[]): DevelopRequest {
  const [mode, other] = optionNames.filter((name) => options[name] === true);
  if (other !== undefined) {
    throw new InputError([`--${mode ?? ''} and --${other} exclude each other: name one`]);
  }
  const traits: ModeTraits =
    mode === undefined ? {takesArguments: false, needsDevelopImage: false} : optionModes[mode];
  if (!traits.takesArguments && given.length > 0) {
    throw new InputError([
      `unexpected argument "${given[0] ?? ''}". To run a command: ${ownCommand(`develop DIR --run ${given.join(' ')}`)}`,
    ]);
  }
  if (mode === 'run' && given.length === 0) {
    throw new InputError(['--run: expected a command after it, such as --run ./python -VV']);
  }
  return {mode: mode ?? 'make', arguments: given, ...traits};
}
