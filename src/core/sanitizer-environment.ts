import type {BuildOptions} from './build-options.js';

/**
 * What CPython needs of the runtime of AddressSanitizer: it keeps memory until the process ends, and its tests ask for
 * more than there is.
 */
const addressOptions = 'detect_leaks=0:allocator_may_return_null=1';

/** The environment in which an interpreter with these options runs, beside all others'. */
export function sanitizerEnvironment(options: BuildOptions): Readonly<Record<string, string>> {
  return options.includes('asan') ? {ASAN_OPTIONS: addressOptions} : {};
}

/** Upstream's list of known reports for these options, relative to `build/` of a full archive; not each Python has it. */
export function suppressionsOf(options: BuildOptions): SuppressionList | undefined {
  if (options.includes('tsan')) {
    const build = options.includes('freethreaded') ? '_free_threading' : '';
    return {variable: 'TSAN_OPTIONS', file: `Tools/tsan/suppressions${build}.txt`};
  }
  return options.includes('ubsan')
    ? {variable: 'UBSAN_OPTIONS', file: 'Tools/ubsan/suppressions.txt'}
    : undefined;
}

/** A file, and the variable that names it as `suppressions=<path>`. */
export interface SuppressionList {
  readonly variable: string;
  readonly file: string;
}
