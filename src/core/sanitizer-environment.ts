import type {BuildOptions} from './build-options.js';

/**
 * What CPython needs of the runtime of AddressSanitizer: it keeps memory until the process ends, and its tests ask for
 * more than there is.
 */
const addressOptions = 'detect_leaks=0:allocator_may_return_null=1';

/**
 * The environment in which an interpreter with these options runs, beside all others'.
 * @param find the path of a file of CPython's source, `undefined` if it is not there: not each Python has all lists of
 *   known reports.
 */
export function sanitizerEnvironment(
  options: BuildOptions,
  find: (file: string) => string | undefined = () => undefined,
): Readonly<Record<string, string>> {
  const known = suppressionsOf(options);
  const file = known === undefined ? undefined : find(known.file);
  return {
    ...(options.includes('asan') ? {ASAN_OPTIONS: addressOptions} : {}),
    ...(known === undefined || file === undefined
      ? {}
      : {[known.variable]: `suppressions=${file}`}),
  };
}

/** Upstream's list of known reports for these options, relative to the source. */
function suppressionsOf(options: BuildOptions): SuppressionList | undefined {
  if (options.includes('tsan')) {
    const build = options.includes('freethreaded') ? '_free_threading' : '';
    return {variable: 'TSAN_OPTIONS', file: `Tools/tsan/suppressions${build}.txt`};
  }
  return options.includes('ubsan')
    ? {variable: 'UBSAN_OPTIONS', file: 'Tools/ubsan/suppressions.txt'}
    : undefined;
}

/** A file, and the variable that names it as `suppressions=<path>`. */
interface SuppressionList {
  readonly variable: string;
  readonly file: string;
}
