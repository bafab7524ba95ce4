import type {Reporter} from './reporter.js';

/** Shows nothing; the command itself prints results and errors. */
export function quietReporter(): Reporter {
  return {onEvent: () => undefined, close: () => undefined};
}
