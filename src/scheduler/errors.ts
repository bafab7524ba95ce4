import {BuildError} from '../core/errors.js';
import type {StageId} from '../core/stage-id.js';
import type {Exit} from '../executor/executor.js';

/** What a person adds to another command, each with a blank before it, so that it means the same things. */
export interface RerunOptions {
  /** To mean the same store. */
  readonly store: string;
  /** To mean the same plan and store: ` --python 3.13`. */
  readonly plan: string;
}

/** A stage's script or function did not succeed. */
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
      /** Where the stage's scratch files are kept. */
      readonly workspacePath: string;
      /** Whether `ampoule shell` has something to open. */
      readonly hasSandbox: boolean;
      /** A sentence about the disk, when there is next to no space on it. */
      readonly space: string | undefined;
      readonly rerun: RerunOptions;
    },
    options?: ErrorOptions,
  ) {
    const {rerun} = details;
    const next = [
      `ampoule log ${stage}${rerun.store}`,
      ...(details.hasSandbox ? [`ampoule shell ${stage}${rerun.plan}`] : []),
    ];
    super(
      `Stage ${stage} failed: ${details.reason}\n` +
        details.lastLines.map((line) => `  | ${line}\n`).join('') +
        (details.space === undefined
          ? ''
          : `${details.space} Most likely that is why: free some space, then run the same command again.\n`) +
        `The whole log is ${details.logPath}\n` +
        `Its files are in ${details.workspacePath}\n` +
        `Next: ${next.join(', or ')}`,
      options,
    );
  }
}

/** `exit code 2` or `signal SIGKILL`. */
export function describeExit(exit: Exclude<Exit, {kind: 'cancelled'}>): string {
  return exit.kind === 'exited' ? `exit code ${exit.code}` : `signal ${exit.signal}`;
}
