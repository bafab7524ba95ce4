import type {Exit} from './executor.js';

/** A program that runs on this machine as this user, outside any sandbox. */
export interface HostCommand {
  readonly argv: readonly [string, ...string[]];
  readonly cwd: string;
  /** The complete environment. */
  readonly environment: Readonly<Record<string, string>>;
  readonly onOutput: (chunk: Uint8Array) => void;
  /** Receives standard error; without it, `onOutput` does. */
  readonly onErrors?: (chunk: Uint8Array) => void;
}

/**
 * Runs a program to its end, without input. Remaining child processes are killed.
 * @param signal stops the program and everything it started; the promise then resolves to `cancelled`.
 */
export type RunHostCommand = (command: HostCommand, signal: AbortSignal) => Promise<Exit>;
