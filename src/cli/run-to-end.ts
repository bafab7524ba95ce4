import {setMaxListeners} from 'node:events';
import {asBuildError, BuildError, InputError} from '../core/errors.js';
import {printableJson} from '../core/printable.js';
import {printError} from './print.js';

/** 0 done, 1 build failed, 2 bad input or usage, 70 defect, 128 + signal number when interrupted. */
const exitCodes = {buildFailed: 1, badInput: 2, defect: 70} as const;

/**
 * `npm start` forwards the signal that the terminal already sent to the whole process group; that is not a second
 * request to stop.
 */
const echoMs = 300;

/** How long a stopped process waits for connections that are still open: the other end may have stopped answering. */
const lingerMs = 2000;

/**
 * Runs a command and sets the exit code of this process. The first SIGINT, SIGTERM or SIGHUP aborts the command's
 * signal; a second one exits at once.
 */
export async function runToEnd(work: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
  const interruption = abortOnSignals();
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // The reader of the output has closed it, as `head` does; this is not an error.
    if (error.code === 'EPIPE') process.exit();
    process.stderr.write(`ampoule: standard output cannot be written to (${error.message})\n`);
    process.exit(exitCodes.buildFailed);
  });
  process.stderr.on('error', () => undefined);
  try {
    await work(interruption);
  } catch (error) {
    if (interruption.aborted) return;
    const told = asBuildErrorOrDefect(error);
    process.exitCode = exitCodeOf(told);
    if (wantsJson(process.argv)) process.stderr.write(reportAsJson(told));
    else printError(`${report(told)}\n`);
  } finally {
    if (interruption.aborted) {
      if (wantsJson(process.argv)) {
        process.stderr.write(interruptionAsJson(Number(process.exitCode)));
      }
      setTimeout(() => process.exit(), lingerMs).unref();
    }
  }
}

function abortOnSignals(): AbortSignal {
  const interruption = new AbortController();
  // Each waiting stage and download listens: Node would take more than ten for a leak.
  setMaxListeners(0, interruption.signal);
  let firstMs = 0;
  for (const [signal, exitCode] of [
    ['SIGHUP', 129],
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    process.on(signal, () => {
      if (!interruption.signal.aborted) {
        firstMs = performance.now();
        process.exitCode = exitCode;
        interruption.abort(new Error(`stopped by ${signal}`));
      } else if (performance.now() - firstMs > echoMs) {
        const message =
          `stopped by ${signal} without cleaning up: the sandboxes end with this process; ` +
          'their files, locks and temporary files stay until the next build removes them';
        const isJson = wantsJson(process.argv);
        process.stderr.write(
          isJson ? interruptionAsJson(exitCode, message) : `ampoule: ${message}\n`,
        );
        process.exit(exitCode);
      }
    });
  }
  return interruption.signal;
}

/** A refusal by the operating system is not a defect. */
function asBuildErrorOrDefect(error: unknown): unknown {
  try {
    return asBuildError(error, 'The command');
  } catch {
    return error;
  }
}

function report(error: unknown): string {
  if (error instanceof BuildError) return `ampoule: ${error.message}`;
  const trace = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `ampoule: this is a defect of Ampoule, please report it with these lines:\n${trace}`;
}

/** With `--progress json` every line of standard error is one JSON object, including the last. */
function reportAsJson(error: unknown): string {
  const code = error instanceof BuildError ? error.code : 'E_DEFECT';
  const message = error instanceof BuildError ? error.message : report(error);
  return errorEvent({code, message, exitCode: exitCodeOf(error)});
}

function interruptionAsJson(
  exitCode: number,
  message = 'interrupted; run again to continue',
): string {
  return errorEvent({code: 'E_INTERRUPTED', message, exitCode});
}

function errorEvent(details: {code: string; message: string; exitCode: number}): string {
  return `${printableJson({type: 'error', ...details})}\n`;
}

/** Parsed by hand, because the error may come from the parser itself. */
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
