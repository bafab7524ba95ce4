import {Argument, type Command} from 'commander';
import {ownCommandAnywhere} from '../../core/own-command.js';

/** The shells that `completions/` has a script for. */
const shells = ['bash', 'zsh', 'fish'] as const;

/** One of them. */
export type Shell = (typeof shells)[number];

/** `ampoule completion`, and the hidden `ampoule complete` that its scripts call. */
export function completionCommand(command: Command): void {
  command
    .addArgument(new Argument('<shell>', 'the shell that reads the script').choices(shells))
    .addHelpText(
      'after',
      `
The script completes the command \`ampoule\`. Load it in the start-up file of the shell:
  bash  source <(${ownCommandAnywhere('completion bash')})
  zsh   source <(${ownCommandAnywhere('completion zsh')})        after compinit
  fish  ${ownCommandAnywhere('completion fish')} | source`,
    )
    .action(async (shell: Shell) => {
      const {printScript} = await import('./run.js');
      await printScript(shell);
    });
  const program = command.parent ?? command;
  program
    .command('complete', {hidden: true})
    .argument('[words...]', 'after --: the words behind `ampoule`, the one to complete last')
    .action(async (words: readonly string[]) => {
      const {printCandidates} = await import('./run.js');
      await printCandidates(program, words);
    });
}
