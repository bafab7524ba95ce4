import type {Origin} from './module-definition.js';

/** What CPython's own source says about one module. */
export interface UpstreamModule {
  readonly name: string;
  readonly origin: Origin;
  /** What makesetup does with it when Setup.local is silent; `undefined`: nothing, its line is a comment. */
  readonly linkage: 'core' | 'static' | 'shared' | 'disabled' | undefined;
  /** The words of its line after the name, as makesetup would read them. */
  readonly words: readonly string[];
  /** The C files among the words, relative to `Modules/`. */
  readonly sources: readonly string[];
  /** The archives among the words, relative to the build directory. */
  readonly archives: readonly string[];
  /** From the inittab of `config.c.in` only: the init function, `null` when there is none. */
  readonly initFunction: string | null | undefined;
  readonly place: {readonly file: string; readonly line: number};
}
