import {BuildError} from '../../core/errors.js';
import {ownCommand} from '../../core/own-command.js';

/** No engine answers at the tried addresses. */
export class EngineUnreachableError extends BuildError {
  override readonly name = 'EngineUnreachableError';
  readonly code = 'E_ENGINE_UNREACHABLE';
}

/** An engine answers, but cannot run stages. */
export class EngineUnfitError extends BuildError {
  override readonly name = 'EngineUnfitError';
  readonly code = 'E_ENGINE_UNFIT';
}

/** The engine stopped answering while it was needed. */
export class EngineLostError extends BuildError {
  override readonly name = 'EngineLostError';
  readonly code = 'E_ENGINE_LOST';
}

/** The engine refused or failed a request. */
export class EngineRequestError extends BuildError {
  override readonly name = 'EngineRequestError';
  readonly code = 'E_ENGINE_REQUEST';

  constructor(
    message: string,
    /** The HTTP status, if any. */
    readonly statusCode: number | undefined,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

const connectionCodes = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOENT', 'EPIPE', 'ETIMEDOUT']);

/** Converts an engine failure into a readable error. Errors of our own pass through. */
export function engineError(error: unknown, doing: string, engine: string): Error {
  if (!(error instanceof Error) || error instanceof BuildError) return error as Error;
  const {code, statusCode, json} = error as EngineReply;
  if (statusCode === undefined && connectionCodes.has(code ?? '')) {
    return new EngineLostError(
      `The engine at ${engine} went away while ${doing} (${code ?? ''}: ${error.message})\n` +
        `Next: check that it runs (\`${ownCommand('doctor')}\`), then run the same command again; what was finished is kept`,
      {cause: error},
    );
  }
  if (statusCode === undefined) return error;
  const reason = messageOf(json) ?? error.message.trim();
  return new EngineRequestError(
    `The engine at ${engine} failed while ${doing}: ${reason}`,
    statusCode,
    {cause: error},
  );
}

/** The HTTP status of a failed request. */
export function statusOf(error: unknown): number | undefined {
  return error instanceof Error ? (error as EngineReply).statusCode : undefined;
}

/** Fields that docker-modem adds to errors from replies, and Node to connection errors. */
interface EngineReply {
  readonly code?: string;
  readonly statusCode?: number;
  readonly json?: unknown;
}

function messageOf(json: unknown): string | undefined {
  if (typeof json !== 'object' || json === null || !('message' in json)) return undefined;
  return typeof json.message === 'string' ? json.message : undefined;
}
