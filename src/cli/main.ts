#!/usr/bin/env node
import {BuildError, InputError} from '../core/errors.js';
import {makeProgram} from './program.js';

/** 0 done, 1 build failed, 2 bad input or usage, 70 defect, 128 + signal number when interrupted. */
const exitCodes = {buildFailed: 1, badInput: 2, defect: 70} as const;

const interruption = new AbortController();
for (const [signal, exitCode] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  process.on(signal, () => {
    process.exitCode = exitCode;
    interruption.abort(new Error(`stopped by ${signal}`));
  });
}

try {
  await makeProgram(interruption.signal).parseAsync(process.argv);
} catch (error) {
  if (!interruption.signal.aborted) {
    process.stderr.write(`${report(error)}\n`);
    process.exitCode = exitCodeOf(error);
  }
}

function report(error: unknown): string {
  if (error instanceof BuildError) return `ampoule: ${error.message}`;
  const trace = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `ampoule: this is a defect of Ampoule, please report it with these lines:\n${trace}`;
}

function exitCodeOf(error: unknown): number {
  if (error instanceof InputError) return exitCodes.badInput;
  if (error instanceof BuildError) return exitCodes.buildFailed;
  return exitCodes.defect;
}
