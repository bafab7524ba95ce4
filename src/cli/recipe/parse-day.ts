import {InputError} from '../../core/errors.js';

/** An ISO day, from the command line. @throws InputError for anything else. */
export function parseDay(text: string): string {
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text));
  if (isDay && new Date(text).toISOString().startsWith(text)) return text;
  throw new InputError([`--date: expected a day such as 2026-01-31, found "${text}"`]);
}
