import {assertNever} from '../core/errors.js';
import {jsonReporter} from '../report/json-reporter.js';
import {plainReporter} from '../report/plain-reporter.js';
import {quietReporter} from '../report/quiet-reporter.js';
import type {Reporter} from '../report/reporter.js';
import type {ProgressMode} from './options.js';

/** The reporter of a mode, on standard error: standard output carries results only. */
export function openReporter(mode: ProgressMode): Reporter {
  const write = (text: string): void => {
    process.stderr.write(text);
  };
  switch (mode) {
    case 'auto':
    case 'plain':
      return plainReporter(write);
    case 'json':
      return jsonReporter(write);
    case 'quiet':
      return quietReporter();
    default:
      return assertNever(mode);
  }
}
