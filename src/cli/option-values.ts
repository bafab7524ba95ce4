import {InputError} from '../core/errors.js';

/** A number of jobs, from the command line. @throws InputError for anything else. */
export function parseJobs(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) {
    throw new InputError([`--jobs: expected a number from 1 to 9999, found "${text}"`]);
  }
  return Number(text);
}

/** The minimum that an engine accepts. */
const leastMemoryBytes = 6 * 1024 ** 2;

/** The default of `--output-limit`. Many times what the largest stage needs, which is LLVM's with 2 GB. */
export const outputLimitBytes = 64 * 1024 ** 3;

/** The largest output of a stage in bytes. @throws InputError for anything else. */
export function parseOutputLimit(text: string): number {
  const bytes = parseSize(text);
  if (bytes > 0) return bytes;
  throw new InputError([`--output-limit: expected a size such as 512m or 64g, found "${text}"`]);
}

/** Bytes, with the units of the docker CLI; NaN if the text is no size. */
function parseSize(text: string): number {
  const [, digits, unit = ''] = /^([1-9]\d{0,14})([kmg]?)b?$/i.exec(text) ?? [];
  return Number(digits) * 1024 ** ['', 'k', 'm', 'g'].indexOf(unit.toLowerCase());
}

/** A limit on memory in bytes. @throws InputError for anything else. */
export function parseMemory(text: string): number {
  const bytes = parseSize(text);
  if (bytes >= leastMemoryBytes) return bytes;
  throw new InputError([
    `--memory: expected a size of 6m or more, such as 512m or 8g, found "${text}"`,
  ]);
}

/** A number of processes and threads. @throws InputError for anything else. */
export function parsePidsLimit(text: string): number {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw new InputError([`--pids-limit: expected a number from 1 to 9999999, found "${text}"`]);
}
