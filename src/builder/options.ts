import {buildMachine} from '../core/build-machine.js';
import type {ToolchainKind} from '../core/toolchain.js';

/** How progress is shown. `auto` is `tty` where there is a terminal to draw on and nobody set `CI`, else `plain`. */
export type ProgressMode = 'auto' | 'tty' | 'plain' | 'json' | 'quiet';

/** Where things are kept and read, and how progress is shown: what every command has. */
export interface StoreOptions {
  readonly store: string;
  /** Holds the data folders; Ampoule's own when it is left out. */
  readonly project?: string;
  readonly debianMirror?: string;
  /** Nothing is asked of the network. */
  readonly offline?: true;
  readonly progress: ProgressMode;
}

/** What a command that runs stages is told, whatever they are. */
export interface SessionOptions extends StoreOptions {
  /** Pythons, as all of the next three, may be several with commas between them. */
  readonly python?: string;
  readonly target?: string;
  readonly options?: string;
  /** A glibc version, or `suite`; the target's usual floor when it is left out. */
  readonly glibc?: string;
  readonly toolchain: ToolchainKind;
  readonly sources: 'auto' | 'upstream' | 'debian';
  readonly releaseTag?: string;
  readonly executor: 'auto' | 'local' | 'docker';
  readonly jobs: number;
  /** Of each container, in bytes. */
  readonly memory?: number;
  /** Processes and threads of each container. */
  readonly pidsLimit?: number;
}

/** The options that commands share, as the command line's parser leaves them. */
export interface CommonOptions extends SessionOptions {
  readonly target: string;
  readonly options: string;
  readonly output: string;
}

/** What is taken where nobody says otherwise. */
export const usualOptions = {
  python: '3.14',
  target: buildMachine.gnu,
  options: 'noopt',
  toolchain: 'debian',
  sources: 'auto',
} as const satisfies Partial<CommonOptions>;

/** The result is one JSON document on standard output. */
export interface JsonOption {
  readonly json?: true;
}
