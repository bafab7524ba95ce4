import type {Execution, SourceFile} from '../../executor/executor.js';
import type {SandboxStage} from '../../graph/stage.js';

/** The folder with aids for interactive use; hidden, so that scripts that copy all of `/src` do not see it. */
const folder = '.ampoule';

/** The command that reruns the stage inside the sandbox and shows each command. */
export const rerunCommand = `sh -eux /src/${folder}/stage.sh`;

/** The user of an interactive sandbox. */
export interface Person {
  /** The command to run; empty for a shell. */
  readonly command: readonly string[];
  readonly hasBash: boolean;
  /** The terminal type, as in `TERM`; `undefined` without a terminal. */
  readonly terminal: string | undefined;
}

/**
 * A stage's execution with another command in place of its script. The script is available as a file and in the shell
 * history.
 */
export function byHand(execution: Execution, stage: SandboxStage, person: Person): Execution {
  const sources = new Map<string, SourceFile>([
    ...execution.sources,
    [`${folder}/stage.sh`, {kind: 'text', text: stage.script}],
    [`${folder}/history`, {kind: 'text', text: history(stage.script)}],
  ]);
  const [program, ...rest] = person.command;
  if (program !== undefined) return {...execution, sources, argv: [program, ...rest]};
  if (person.terminal === undefined) return {...execution, sources, argv: ['/bin/sh']};
  const environment = {
    ...execution.environment,
    TERM: person.terminal,
    HISTFILE: `/src/${folder}/history`,
    PS1: `${stage.id} \\w \\$ `,
  };
  const argv: Execution['argv'] = person.hasBash
    ? ['/usr/bin/bash', '--norc', '--noprofile', '-i']
    : ['/bin/sh', '-i'];
  return {...execution, sources, environment, argv};
}

/** The lines of the script, and last the command that runs all of them, so that ArrowUp recalls it first. */
function history(script: string): string {
  const lines = script.split('\n').filter((line) => line.trim() !== '');
  return `${[...lines, rerunCommand].join('\n')}\n`;
}
