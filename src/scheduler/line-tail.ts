import {StringDecoder} from 'node:string_decoder';

/** Keeps the last lines of a stream of output. */
export class LineTail {
  private readonly decoder = new StringDecoder('utf8');
  private complete: string[] = [];
  private partial = '';

  constructor(private readonly limit: number) {}

  write(chunk: Uint8Array | string): void {
    const text = typeof chunk === 'string' ? chunk : this.decoder.write(Buffer.from(chunk));
    const lines = (this.partial + text).split('\n');
    this.partial = lines.pop() ?? '';
    this.complete = [...this.complete, ...lines].slice(-this.limit);
  }

  /** At most `limit` lines, including an unfinished last one. */
  lines(): readonly string[] {
    return [...this.complete, this.partial].filter((line) => line !== '').slice(-this.limit);
  }
}
