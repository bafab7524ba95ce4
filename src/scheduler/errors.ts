import {BuildError} from '../core/errors.js';
import {ownCommand} from '../core/own-command.js';
import type {StageId} from '../core/stage-id.js';
import type {Exit} from '../executor/executor.js';

/** Options to append to other commands, each with a leading space. */
export interface RerunOptions {
  /** For the same store. */
  readonly store: string;
  /** For the same plan and store: ` --python 3.13`. */
  readonly plan: string;
}

/** A stage's script or function failed. */
export class StageFailedError extends BuildError {
  override readonly name = 'StageFailedError';
  readonly code = 'E_STAGE_FAILED';

  constructor(
    readonly stage: StageId,
    readonly details: {
      /** `exit code 2`, `signal SIGSEGV`, or the message of the function's error. */
      readonly reason: string;
      readonly logPath: string;
      /** The end of the log, at most 40 lines. */
      readonly lastLines: readonly string[];
      /** The folder of the stage's scratch files. */
      readonly workspacePath: string;
      /** Whether `ampoule shell` can open it. */
      readonly hasSandbox: boolean;
      /** A sentence about the disk, if it is almost full. */
      readonly space: string | undefined;
      readonly rerun: RerunOptions;
    },
    options?: ErrorOptions,
  ) {
    const {rerun} = details;
    const next = [
      ownCommand(`log ${stage}${rerun.store}`),
      ...(details.hasSandbox && details.space === undefined
        ? [ownCommand(`shell ${stage}${rerun.plan}`)]
        : []),
    ];
    super(
      `Stage ${stage} failed: ${details.reason}\n` +
        details.lastLines.map((line) => `  | ${withOwnCommand(line)}\n`).join('') +
        (details.space === undefined
          ? ''
          : `${details.space} Most likely that is the cause: free some space, then run the same command again.\n` +
            'The files of this run are removed to free their space.\n') +
        `The whole log is ${details.logPath}\n` +
        (details.space === undefined ? `Its files are in ${details.workspacePath}\n` : '') +
        `Next: ${next.join(', or ')}`,
      options,
    );
  }
}

/** The match gate of profiles names a command; in the sandbox it does not know how this user types it. */
function withOwnCommand(line: string): string {
  const [, before, words] = /^(\s*train again: )ampoule (.*)$/.exec(line) ?? [];
  return before === undefined || words === undefined ? line : before + ownCommand(words);
}

/** `exit code 2` or `signal SIGKILL`. */
export function describeExit(exit: Exclude<Exit, {kind: 'cancelled'}>): string {
  return exit.kind === 'exited' ? `exit code ${exit.code}` : `signal ${exit.signal}`;
}
