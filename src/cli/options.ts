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

/** The options that commands share, as the command line's parser leaves them. */
export interface CommonOptions extends StoreOptions {
  readonly python?: string;
  readonly target: string;
  readonly options: string;
  readonly toolchain: 'debian';
  readonly sources: 'auto' | 'upstream' | 'debian';
  readonly glibc?: string;
  readonly releaseTag?: string;
  readonly output: string;
  readonly executor: 'auto' | 'local' | 'docker';
  readonly jobs: number;
  /** Of each container, in bytes. */
  readonly memory?: number;
  /** Processes and threads of each container. */
  readonly pidsLimit?: number;
}

/** The result is one JSON document on standard output. */
export interface JsonOption {
  readonly json?: true;
}
