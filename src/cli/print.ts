import {Transform} from 'node:stream';
import {StringDecoder} from 'node:string_decoder';
import {printable, printableJson} from '../core/printable.js';

/** Prints text on standard output. Characters that a terminal would interpret are escaped. */
export function print(text: string): void {
  process.stdout.write(printable(text));
}

/** Prints text that holds nothing but our own words, as it is. */
export function printOwn(text: string): void {
  process.stdout.write(text);
}

/** Prints one JSON document on standard output. */
export function printJson(value: unknown): void {
  process.stdout.write(`${printableJson(value, undefined, 2)}\n`);
}

/** Prints a path that other programs use: its characters are escaped on a terminal only. */
export function printPath(path: string): void {
  process.stdout.write(`${process.stdout.isTTY ? printable(path) : path}\n`);
}

/** Prints text on standard error, escaped like `print`. */
export function printError(text: string): void {
  process.stderr.write(printable(text));
}

/** Colours and other styles. */
const style = /\x1b\[[0-9;:]*m/g;
/** The end of a chunk that may belong to the next one: the start of a style, or of a line end. */
const unfinished = /(?:\r|\x1b(?:\[[0-9;:]{0,32})?)$/;

/** Where the log of a stage is printed: files and pipes get its bytes, a terminal gets escaped text without styles. */
export function logOutput(): NodeJS.WritableStream {
  if (!process.stdout.isTTY) return process.stdout;
  const output = printableLog();
  output.pipe(process.stdout, {end: false});
  return output;
}

/** Makes the log of a stage safe for a terminal, in chunks. */
export function printableLog(): Transform {
  const decoder = new StringDecoder('utf8');
  let held = '';
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const text = held + decoder.write(chunk);
      held = unfinished.exec(text)?.[0] ?? '';
      done(undefined, shown(text.slice(0, text.length - held.length)));
    },
    flush(done) {
      done(undefined, shown(held + decoder.end()));
    },
  });
}

function shown(text: string): string {
  return printable(text.replaceAll('\r\n', '\n').replaceAll('\r', '\n').replaceAll(style, ''));
}
