import {StringDecoder} from 'node:string_decoder';
import {stripVTControlCharacters} from 'node:util';
import {printableLine} from '../core/printable.js';

/** Longer lines are cut: what a reader sees of them is their start. */
const mostCharacters = 2000;

/** Keeps the last lines of a stream of output, safe for a terminal. */
export class LineTail {
  private readonly decoder = new StringDecoder('utf8');
  private complete: string[] = [];
  private partial = '';

  constructor(private readonly limit: number) {}

  write(chunk: Uint8Array | string): void {
    const text = typeof chunk === 'string' ? chunk : this.decoder.write(Buffer.from(chunk));
    const [first = '', ...others] = text.split('\n');
    this.partial += first.slice(0, mostCharacters + 1 - this.partial.length);
    if (others.length === 0) return;
    const lines = [this.partial, ...others.slice(-this.limit - 1)];
    this.partial = cut(lines.pop() ?? '', mostCharacters + 1);
    this.complete = [...this.complete, ...lines.map(shown)].slice(-this.limit);
  }

  /** At most `limit` lines, including an unfinished last one. */
  lines(): readonly string[] {
    return [...this.complete, shown(this.partial)].filter((line) => line !== '').slice(-this.limit);
  }
}

function shown(line: string): string {
  const text = stripVTControlCharacters(line.slice(0, mostCharacters));
  // What a progress bar has shown last.
  const last = text.split('\r').findLast((part) => part !== '') ?? '';
  return printableLine(last) + (line.length > mostCharacters ? ' …' : '');
}

/** A copy, so that the rest of the chunk is not kept alive. */
function cut(text: string, length: number): string {
  return Buffer.from(text.slice(0, length)).toString();
}
