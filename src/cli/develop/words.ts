import {InputError} from '../../core/errors.js';

/** What is done when the tree has been made. */
export type DevelopAim = 'make' | 'run' | 'test' | 'regen' | 'shell' | 'gdb';

/** The options that say it. All words after one of the first four are its own. */
const aims = ['run', 'test', 'regen', 'gdb', 'shell'] as const;

/** The options of `ampoule develop` that say what is done. */
export type AimOptions = Readonly<Partial<Record<(typeof aims)[number], true>>>;

/** What is done, and the words of the command line that belong to it. */
export interface Aim {
  readonly aim: DevelopAim;
  readonly words: readonly string[];
}

/**
 * Puts `--` after `--run` and its like, so that the words after it are not taken for options of ours:
 * `ampoule develop cpython --run ./python -c 1`.
 */
export function separateWords(argv: readonly string[]): readonly string[] {
  const [node = '', script = '', command, ...rest] = argv;
  if (command !== 'develop') return argv;
  const end = rest.indexOf('--');
  const options = end < 0 ? rest : rest.slice(0, end);
  const index = options.findIndex((word) => /^--(run|test|regen|gdb)$/.test(word));
  if (index < 0 || rest[index + 1] === '--') return argv;
  return [node, script, command, ...rest.slice(0, index + 1), '--', ...rest.slice(index + 1)];
}

/** The one thing that the options ask for. @throws InputError for two of them, or for words that belong to none. */
export function chooseAim(options: AimOptions, words: readonly string[]): Aim {
  const [aim, other] = aims.filter((name) => options[name] === true);
  if (other !== undefined) {
    throw new InputError([`--${aim ?? ''} and --${other} exclude each other: name one`]);
  }
  const wantsWords = aim === undefined || aim === 'shell';
  if (wantsWords && words.length > 0) {
    throw new InputError([
      `"${words[0] ?? ''}" is a word too many. To run a command: ampoule develop DIR --run ${words.join(' ')}`,
    ]);
  }
  if (aim === 'run' && words.length === 0) {
    throw new InputError(['--run: wanted a command after it, such as --run ./python -VV']);
  }
  return {aim: aim ?? 'make', words};
}
