import {BuildError} from '../core/errors.js';
import type {StageId} from '../core/stage-id.js';
import type {Exit} from '../executor/executor.js';

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
      /** Where the stage's scratch files are kept; undefined when it has none. */
      readonly workspacePath?: string;
    },
    options?: ErrorOptions,
  ) {
    const kept =
      details.workspacePath === undefined ? '' : `\nIts files are in ${details.workspacePath}`;
    super(
      `Stage ${stage} failed: ${details.reason}\n` +
        details.lastLines.map((line) => `  | ${line}\n`).join('') +
        `The whole log is ${details.logPath}${kept}\n` +
        `Next: less +G '${details.logPath}'`,
      options,
    );
  }
}

/** `exit code 2` or `signal SIGKILL`. */
export function describeExit(exit: Exclude<Exit, {kind: 'cancelled'}>): string {
  return exit.kind === 'exited' ? `exit code ${exit.code}` : `signal ${exit.signal}`;
}
