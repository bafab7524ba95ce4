import type {Argument, Command, Option} from 'commander';

/** One completion of the current word. */
export interface Candidate {
  readonly value: string;
  readonly description: string;
}

/** What `complete` cannot know from the option parser: names of files and folders, and values that the project has. */
export type Source =
  | 'files'
  | 'folders'
  | 'stages'
  | 'buildable'
  | 'logs'
  | 'pythons'
  | 'targets'
  | 'buildOptions'
  | 'images'
  | 'recipes';

/** The completions at the cursor. */
export interface Completion {
  readonly candidates: readonly Candidate[];
  /** Where further values come from; `undefined` when there are none. */
  readonly source?: Source;
  /** Precedes each value in the same word: `--python=`, `3.13,`. */
  readonly prefix: string;
  /** The typed part of the value itself. */
  readonly typed: string;
}

/** Values by the name of an option, an argument or an option's placeholder. */
const sources: Readonly<Partial<Record<string, Source>>> = {
  a: 'files',
  archive: 'files',
  b: 'files',
  file: 'files',
  folder: 'folders',
  images: 'images',
  options: 'buildOptions',
  python: 'pythons',
  recipe: 'recipes',
  recipes: 'recipes',
  stage: 'stages',
  target: 'targets',
  what: 'stages',
};

/** What separates the values of a list. */
const separators: Readonly<Partial<Record<Source, RegExp>>> = {
  buildOptions: /^.*[,+]/s,
  pythons: /^.*,/s,
  buildable: /^.*,/s,
  targets: /^.*,/s,
};

/** Completes the last of `words`, which follow the name of the program. */
export function complete(program: Command, words: readonly string[]): Completion {
  const {before, current, isSplit} = joinEquals(words);
  const {command, option, position, isLiteral} = walk(program, before);
  if (option !== undefined) return valuesOf(command, option, current);
  if (isLiteral) return {candidates: [], source: 'files', prefix: '', typed: current};
  const [, flag, value] = /^(--[^=]+)=(.*)$/s.exec(current) ?? [];
  if (flag !== undefined && value !== undefined) {
    return valuesOf(command, findOption(command, flag), value, isSplit ? '' : `${flag}=`);
  }
  if (current.startsWith('-')) return only(optionsOf(command), current);
  const subcommands = subcommandsOf(command);
  if (subcommands.length > 0) return only(subcommands, current);
  return valuesOf(command, argumentAt(command, position), current);
}

/** bash splits `--name=value` into three words. In other shells it is one word. */
function joinEquals(words: readonly string[]): {
  readonly before: readonly string[];
  readonly current: string;
  readonly isSplit: boolean;
} {
  const joined: string[] = [];
  let isSplit = false;
  for (const [index, word] of words.entries()) {
    const previous = joined.at(-1);
    isSplit = word === '=' || words[index - 1] === '=';
    const belongs = isSplit && previous?.startsWith('--') === true;
    if (belongs) joined[joined.length - 1] = previous + word;
    else joined.push(word);
  }
  const current = joined.pop() ?? '';
  return {before: joined, current, isSplit};
}

interface Place {
  readonly command: Command;
  /** The option whose value comes next. */
  readonly option?: Option;
  /** How many arguments came before. */
  readonly position: number;
  /** Whether `--` ended the options. */
  readonly isLiteral: boolean;
}

function walk(program: Command, words: readonly string[]): Place {
  let command = program;
  let option: Option | undefined;
  let position = 0;
  for (const word of words) {
    if (option !== undefined) {
      option = undefined;
    } else if (word === '--') {
      return {command, position, isLiteral: true};
    } else if (word.startsWith('-')) {
      option = word.includes('=') ? undefined : valueOption(findOption(command, word));
    } else {
      const subcommand = command.commands.find((each) => each.name() === word);
      if (subcommand === undefined) position += 1;
      else command = subcommand;
    }
  }
  return {command, position, isLiteral: false, ...(option && {option})};
}

function findOption(command: Command, flag: string): Option | undefined {
  return command.options.find(({long, short}) => long === flag || short === flag);
}

function valueOption(option: Option | undefined): Option | undefined {
  return option?.required === true || option?.optional === true ? option : undefined;
}

function optionsOf(command: Command): readonly Candidate[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .map(({long, short, description}) => ({value: long ?? short ?? '', description}));
}

function subcommandsOf(command: Command): readonly Candidate[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .map((each) => ({value: each.name(), description: each.description()}));
}

function argumentAt(command: Command, position: number): Argument | undefined {
  const {registeredArguments} = command;
  const last = registeredArguments.at(-1);
  return registeredArguments[position] ?? (last?.variadic === true ? last : undefined);
}

function only(candidates: readonly Candidate[], typed: string): Completion {
  return {candidates: startingWith(typed, candidates), prefix: '', typed};
}

function valuesOf(
  command: Command,
  of: Option | Argument | undefined,
  typed: string,
  prefix = '',
): Completion {
  const source = of && sourceOf(command, of);
  if (source !== undefined) {
    const [list = ''] = separators[source]?.exec(typed) ?? [];
    return {candidates: [], source, prefix: prefix + list, typed: typed.slice(list.length)};
  }
  const choices = (of?.argChoices ?? []).map((value) => ({value: prefix + value, description: ''}));
  return {candidates: startingWith(prefix + typed, choices), prefix, typed};
}

/** By the name of an option or argument, or by the placeholder of an option: `folder` of `--store <folder>`. */
function sourceOf(command: Command, of: Option | Argument): Source | undefined {
  const placeholder = 'flags' in of ? /[<[]([^\].>]+)/.exec(of.flags)?.[1] : undefined;
  const source = sources[of.name()] ?? sources[placeholder ?? ''];
  if (source === 'stages' && command.name() === 'build') return 'buildable';
  // A log outlives the plan that its stage was in.
  return source === 'stages' && command.name() === 'log' ? 'logs' : source;
}

function startingWith(text: string, candidates: readonly Candidate[]): readonly Candidate[] {
  return candidates.filter(({value}) => value.startsWith(text));
}
