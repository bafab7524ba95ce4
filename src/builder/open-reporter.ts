import {assertNever} from '../core/errors.js';
import {jsonReporter} from '../report/json-reporter.js';
import {plainReporter} from '../report/plain-reporter.js';
import {quietReporter} from '../report/quiet-reporter.js';
import type {Reporter} from '../report/reporter.js';
import type {ProgressMode, ReportOptions} from './options.js';

/** The reporter of a mode, on standard error: standard output carries results only. */
export async function openReporter(
  mode: ProgressMode,
  options: ReportOptions = {},
): Promise<Reporter> {
  const stream = process.stderr;
  const explains = options.explain === true || mode === 'verbose';
  const write = (text: string): void => {
    stream.write(text);
  };
  switch (mode) {
    case 'auto':
      return openReporter(isLive() ? 'tty' : 'plain', options);
    case 'tty': {
      // A file shows the codes that move a cursor.
      if (!stream.isTTY) return plainReporter(write, {explains});
      const {ttyReporter} = await import('../report/tty-reporter.js');
      return ttyReporter({stream, hasColour: stream.hasColors(), explains});
    }
    case 'plain':
      return plainReporter(write, {explains});
    case 'verbose':
      return plainReporter(write, {explains, showsOutput: true});
    case 'json':
      return jsonReporter(write);
    case 'quiet':
      return quietReporter();
    default:
      return assertNever(mode);
  }
}

/** Reports notices of a command that reports nothing else. */
export async function reportNotices(mode: ProgressMode, notices: readonly string[]): Promise<void> {
  const reporter = await openReporter(mode);
  for (const message of notices) reporter.onEvent({type: 'notice', message});
  reporter.close();
}

/** Whether standard error is an interactive terminal that can move its cursor. */
function isLive(): boolean {
  const {CI = '', TERM} = process.env;
  return process.stderr.isTTY && CI === '' && TERM !== 'dumb';
}
