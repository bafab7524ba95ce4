import type {Argument, Command, Option} from 'commander';

/** The text of `docs/commands.md`: every command with its arguments and options, as the option parser has them. */
export function renderReference(program: Command): string {
  const commands = commandsBelow(program);
  const contents = commands.map((command) => {
    const title = titleOf(command);
    return `- [${title}](#${title.replaceAll(' ', '-')}): ${command.description()}`;
  });
  const sections = [
    '<!-- Written by `npm run docs` from the option parser: do not edit. -->',
    '# Commands',
    contents.join('\n'),
    '`ampoule --help` and `ampoule <command> --help` print the same. `ampoule --version` prints the version.',
    ...commands.flatMap(renderCommand),
  ];
  return `${sections.join('\n\n')}\n`;
}

/** Every command that does something, in the order of the help. */
function commandsBelow(parent: Command): readonly Command[] {
  return parent
    .createHelp()
    .visibleCommands(parent)
    .filter((command) => parent.commands.includes(command))
    .flatMap((command) => (command.commands.length > 0 ? commandsBelow(command) : [command]));
}

function renderCommand(command: Command): readonly string[] {
  const help = command.createHelp();
  const options = help.visibleOptions(command).filter(({long}) => long !== '--help');
  return [
    `## ${titleOf(command)}`,
    fenced(help.commandUsage(command)),
    asSentence(command.description()),
    ...list('Arguments:', command.registeredArguments.map(describeArgument)),
    ...list('Options:', options.map(describeOption)),
    ...textAfterHelp(command),
  ];
}

/** `ampoule store gc` */
function titleOf(command: Command): string {
  return command.parent === null ? command.name() : `${titleOf(command.parent)} ${command.name()}`;
}

function describeArgument(argument: Argument): string {
  const {argChoices: choices, description, required, variadic} = argument;
  const name = `${argument.name()}${variadic ? '...' : ''}`;
  const term = required ? `<${name}>` : `[${name}]`;
  return describe(term, description, [choices && `One of ${listed(choices)}.`]);
}

function describeOption(option: Option): string {
  const {flags, description, argChoices: choices, envVar, defaultValueDescription} = option;
  // The parser's `defaultValue` is of no type; a default that depends on the machine has a description.
  const value: unknown = option.defaultValue;
  const fallback =
    defaultValueDescription ??
    (value === undefined ? undefined : `\`${JSON.stringify(value).replaceAll('"', '')}\``);
  return describe(flags, description, [
    choices && `One of ${listed(choices)}.`,
    envVar && `Environment: \`${envVar}\`.`,
    fallback && `Default: ${fallback}.`,
  ]);
}

function describe(
  term: string,
  description: string,
  facts: readonly (string | undefined)[],
): string {
  const text = [ended(description), ...facts.filter((fact) => fact !== undefined)].join(' ');
  return `- \`${term}\`\\\n  ${text}`;
}

function listed(choices: readonly string[]): string {
  return choices.map((choice) => `\`${choice}\``).join(', ');
}

function asSentence(text: string): string {
  return ended(text.charAt(0).toUpperCase() + text.slice(1));
}

function ended(text: string): string {
  return text.endsWith('.') ? text : `${text}.`;
}

function list(title: string, items: readonly string[]): readonly string[] {
  return items.length === 0 ? [] : [title, items.join('\n')];
}

/** What `addHelpText` put behind the options. */
function textAfterHelp(command: Command): readonly string[] {
  const help = command.helpInformation();
  let written = '';
  command.configureOutput({writeOut: (text) => (written += text)}).outputHelp();
  const text = written.slice(written.indexOf(help) + help.length).trim();
  return text === '' ? [] : [fenced(text)];
}

function fenced(text: string): string {
  return `\`\`\`text\n${text}\n\`\`\``;
}
