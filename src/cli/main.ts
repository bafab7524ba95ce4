#!/usr/bin/env node
import {setFlagsFromString} from 'node:v8';
import {BuildError, InputError} from '../core/errors.js';
import {makeProgram} from './program.js';

/** 0 done, 1 build failed, 2 bad input or usage, 70 defect, 128 + signal number when interrupted. */
const exitCodes = {buildFailed: 1, badInput: 2, defect: 70} as const;

// Short-lived objects would otherwise spread over 48 MB that are never given back: a sixth of what a build may take.
setFlagsFromString('--semi-space-growth-factor=1');

const interruption = new AbortController();
for (const [signal, exitCode] of [
  ['SIGHUP', 129],
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  process.on(signal, () => {
    process.exitCode = exitCode;
    interruption.abort(new Error(`stopped by ${signal}`));
  });
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // Whoever read our output has left, as `head` does: nothing went wrong here.
  if (error.code === 'EPIPE') process.exit();
  process.stderr.write(`ampoule: standard output cannot be written to (${error.message})\n`);
  process.exit(exitCodes.buildFailed);
});
process.stderr.on('error', () => undefined);

try {
  await makeProgram(interruption.signal).parseAsync(process.argv);
} catch (error) {
  if (!interruption.signal.aborted) {
    process.exitCode = exitCodeOf(error);
    process.stderr.write(wantsJson(process.argv) ? reportAsJson(error) : `${report(error)}\n`);
  }
}

function report(error: unknown): string {
  if (error instanceof BuildError) return `ampoule: ${error.message}`;
  const trace = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `ampoule: this is a defect of Ampoule, please report it with these lines:\n${trace}`;
}

/** With `--progress json` every line of standard error is one JSON object, to the last. */
function reportAsJson(error: unknown): string {
  const code = error instanceof BuildError ? error.code : 'E_DEFECT';
  const message = error instanceof BuildError ? error.message : report(error);
  const event = {type: 'error', code, message, exitCode: exitCodeOf(error)};
  return `${JSON.stringify(event)}\n`;
}

/** Looked up by hand, because the parser itself may be what complains. */
function wantsJson(argv: readonly string[]): boolean {
  const options = argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv;
  const index = options.lastIndexOf('--progress');
  return options.includes('--progress=json') || (index >= 0 && options[index + 1] === 'json');
}

function exitCodeOf(error: unknown): number {
  if (error instanceof InputError) return exitCodes.badInput;
  if (error instanceof BuildError) return exitCodes.buildFailed;
  return exitCodes.defect;
}
