import os from 'node:os';
import type {Exit} from '../executor/executor.js';

/** The exit code of a process that ended as a command of ours did; `undefined` if it was stopped. */
export function exitCodeOf(exit: Exit): number | undefined {
  if (exit.kind === 'exited') return exit.code;
  return exit.kind === 'signalled' ? 128 + signalNumber(exit.signal) : undefined;
}

function signalNumber(name: string): number {
  return Object.entries(os.constants.signals).find(([signal]) => signal === name)?.[1] ?? 0;
}
