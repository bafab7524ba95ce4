/** How progress is shown. `auto` is `plain` until there is a terminal to draw on. */
export type ProgressMode = 'auto' | 'plain' | 'json' | 'quiet';

/** The options that commands share, as the command line's parser leaves them. */
export interface CommonOptions {
  readonly python?: string;
  readonly target: string;
  readonly options: string;
  readonly toolchain: 'debian';
  readonly sources: 'auto' | 'upstream' | 'debian';
  readonly glibc?: string;
  readonly releaseTag?: string;
  readonly output: string;
  readonly executor: 'auto' | 'local';
  readonly jobs: number;
  readonly store: string;
  /** Holds the data folders; Ampoule's own when it is left out. */
  readonly project?: string;
  readonly debianMirror?: string;
  readonly progress: ProgressMode;
}
