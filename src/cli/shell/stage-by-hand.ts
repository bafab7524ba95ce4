import type {Execution, SourceFile} from '../../executor/executor.js';
import type {SandboxStage} from '../../graph/stage.js';

/** Where the sandbox of a person has what helps them: hidden, so that no script that takes all of `/src` meets it. */
const folder = '.ampoule';

/** What a person types in the sandbox to run the stage again, seeing each command. */
export const rerunCommand = `sh -eux /src/${folder}/stage.sh`;

/** Who sits at the sandbox. */
export interface Person {
  /** What to run; empty for a shell. */
  readonly command: readonly string[];
  readonly hasBash: boolean;
  /** The kind of their terminal, as `TERM` has it; `undefined` when there is none. */
  readonly terminal: string | undefined;
}

/** A stage's execution with a person's command in place of its script. The script lies at hand and in the history. */
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

/** The script's lines, and last, so that it is recalled first, the command that runs them all. */
function history(script: string): string {
  const lines = script.split('\n').filter((line) => line.trim() !== '');
  return `${[...lines, rerunCommand].join('\n')}\n`;
}
