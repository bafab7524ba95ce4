/** One mistake in an input file, with its position. */
export interface Diagnostic {
  /** Path as the user knows it, relative to the project if possible. */
  readonly file: string;
  /** 1-based; `undefined` if the mistake concerns the whole file. */
  readonly line?: number;
  readonly column?: number;
  /** What is wrong, what was expected, what to do. */
  readonly message: string;
}

/** The value, or all mistakes that prevented it. */
export type Result<T> =
  | {readonly ok: true; readonly value: T}
  | {readonly ok: false; readonly diagnostics: readonly Diagnostic[]};

/** Wraps a value that was parsed without mistakes. */
export function success<T>(value: T): Result<T> {
  return {ok: true, value};
}

/** Wraps mistakes. */
export function failure<T>(diagnostics: readonly Diagnostic[]): Result<T> {
  return {ok: false, diagnostics};
}

/** `file:line:column: message`, the form that editors follow. */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const place = [diagnostic.file, diagnostic.line, diagnostic.column].filter(
    (part) => part !== undefined,
  );
  return `${place.join(':')}: ${diagnostic.message}`;
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * A failure that a user can act on. Its message says what failed and on what, what was expected and found, and the next
 * step.
 */
export abstract class BuildError extends Error {
  /** Stable and machine-readable, `E_...`. */
  abstract readonly code: string;
}

/** Mistakes in the user's input: files, options, names. Gives exit code 2. */
export class InputError extends BuildError {
  override readonly name = 'InputError';
  readonly code = 'E_INPUT';

  constructor(readonly diagnostics: readonly (Diagnostic | string)[]) {
    super(
      diagnostics
        .map((entry) => (typeof entry === 'string' ? entry : formatDiagnostic(entry)))
        .join('\n'),
    );
  }
}

/** Returns the value, or throws all the mistakes as one `InputError`. */
export function valueOrThrow<T>(result: Result<T>): T {
  if (!result.ok) throw new InputError(result.diagnostics);
  return result.value;
}

/** A defect of Ampoule itself. Caught only in the command line's main. */
export class InternalError extends Error {
  override readonly name = 'InternalError';
}

/** Makes the compiler prove that a switch is complete. */
export function assertNever(value: never): never {
  throw new InternalError(`unexpected value: ${JSON.stringify(value)}`);
}

/** The operating system refused an operation: full disk, read-only folder, vanished file. */
export class SystemFailureError extends BuildError {
  override readonly name = 'SystemFailureError';
  readonly code = 'E_SYSTEM';

  constructor(doing: string, cause: NodeJS.ErrnoException) {
    const next = nextSteps[cause.code ?? ''] ?? 'Fix the cause above';
    super(`${doing} failed: ${cause.message}\n${next}, then run the same command again.`, {cause});
  }
}

const nextSteps: Readonly<Record<string, string>> = {
  ENOSPC: 'Free some disk space',
  EDQUOT: 'Free some disk space',
  EACCES: 'Make the path accessible to this user',
  EPERM: 'Make the path accessible to this user',
  EROFS: 'Choose a folder that can be written to',
  E2BIG: 'Make the arguments and environment variables shorter: 128 KiB each, 2 MiB together',
  EMFILE: 'Raise the number of files that may be open (ulimit -n)',
};

/**
 * Returns a `BuildError` unchanged, and a system error with what was being done. Anything else is a defect and
 * rethrown.
 */
export function asBuildError(error: unknown, doing: string): BuildError {
  if (error instanceof BuildError) return error;
  if (isSystemError(error)) return new SystemFailureError(doing, error);
  throw error;
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error && 'code' in error;
}
