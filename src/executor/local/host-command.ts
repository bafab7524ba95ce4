import {asBuildError} from '../../core/errors.js';
import type {RunHostCommand} from '../host-command.js';
import {newMark} from './process-mark.js';
import {runProcess} from './run-process.js';

const killAfterMs = 2000;

/**
 * Runs programs on this machine, each in a process group of its own.
 * @param owner the prefix of the marks of processes, see `newMark`.
 */
export function hostCommandRunner(owner: string): RunHostCommand {
  return async ({argv, cwd, environment, onOutput, onErrors}, signal) => {
    try {
      return await runProcess(
        {
          ...{argv, cwd, environment, killAfterMs, mark: newMark(owner)},
          stdio: ['ignore', 'pipe', 'pipe'],
          onStart: ({stderr, stdout}) => {
            stdout?.on('data', onOutput);
            stderr?.on('data', onErrors ?? onOutput);
          },
        },
        signal,
      );
    } catch (error) {
      throw asBuildError(error, `starting ${argv[0]}`);
    }
  };
}
