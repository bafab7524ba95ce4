import type {Origin} from './module-definition.js';

/** CPython's own definition of one module. */
export interface UpstreamModule {
  readonly name: string;
  readonly origin: Origin;
  /** Its linkage if Setup.local does not mention it; `undefined` if its line is a comment. */
  readonly linkage: 'core' | 'static' | 'shared' | 'disabled' | undefined;
  /** The words of its line after the name. */
  readonly words: readonly string[];
  /** The C files among the words, relative to `Modules/`. */
  readonly sources: readonly string[];
  /** The archives among the words, relative to the build directory. */
  readonly archives: readonly string[];
  /** From the inittab of `config.c.in` only: the init function, `null` if there is none. */
  readonly initFunction: string | null | undefined;
  readonly place: {readonly file: string; readonly line: number};
}
