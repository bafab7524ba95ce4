import {buildMachine} from '../core/build-machine.js';
import type {ToolchainKind} from '../core/toolchain.js';
import type {ProfileKind} from '../core/variant.js';

/**
 * How progress is shown. `auto` is `tty` on a terminal unless `CI` is set, otherwise `plain`; `verbose` is `plain` with why
 * stages run and what they print.
 */
export type ProgressMode = 'auto' | 'tty' | 'plain' | 'verbose' | 'json' | 'quiet';

/** Options of every command: store, project, network, progress. */
export interface StoreOptions {
  readonly store: string;
  /** The folder with the project's data; by default Ampoule's own. */
  readonly project?: string;
  /** Folders that add to it or change it, in order. */
  readonly overlay?: readonly string[];
  readonly debianMirror?: string;
  /** No host is contacted. */
  readonly offline?: true;
  readonly progress: ProgressMode;
}

/** What reporters show beyond the usual. */
export interface ReportOptions {
  /** Why each stage runs. */
  readonly explain?: true;
}

/** Options of every command that runs stages. */
export interface SessionOptions extends StoreOptions, ReportOptions {
  /** This and the next two may be lists with commas. */
  readonly python?: string;
  readonly target?: string;
  readonly options?: string;
  /** Where the profile of builds with the option `pgo` comes from; by default, from the project. */
  readonly profile?: ProfileKind;
  /** A glibc version, or `suite`; by default the target's floor. */
  readonly glibc?: string;
  readonly toolchain: ToolchainKind;
  readonly sources: 'auto' | 'upstream' | 'debian';
  readonly releaseTag?: string;
  /** A developer's own tree of CPython, in place of the pinned source. */
  readonly pythonSource?: string;
  readonly executor: 'auto' | 'local' | 'docker';
  readonly jobs: number;
  /** Limit for each stage, in bytes. */
  readonly memory?: number;
  /** Limit on processes and threads of each stage. */
  readonly pidsLimit?: number;
  /** The work folder of each stage that runs is kept. */
  readonly keepWork?: true;
  /** The largest output of a stage, in bytes. */
  readonly outputLimit?: number;
}

/** The options that commands share, as the option parser returns them. */
export interface CommonOptions extends SessionOptions {
  readonly target: string;
  readonly output: string;
}

/** The defaults. */
export const usualOptions = {
  python: '3.14',
  target: buildMachine.gnu,
  toolchain: 'debian',
  sources: 'auto',
} as const satisfies Partial<CommonOptions>;

/** The result is one JSON document on standard output. */
export interface JsonOption {
  readonly json?: true;
}
