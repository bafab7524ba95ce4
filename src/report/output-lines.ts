import {StringDecoder} from 'node:string_decoder';
import {stripVTControlCharacters} from 'node:util';
import type {StageId} from '../core/stage-id.js';

/** A longer line is shown in parts. */
const mostCharacters = 4096;

interface Unfinished {
  readonly decoder: StringDecoder;
  text: string;
}

/** Splits the output of stages, which comes in chunks, into lines without colours. */
export class OutputLines {
  private readonly unfinished = new Map<StageId, Unfinished>();

  /** The lines that a chunk ends. */
  take(stage: StageId, chunk: Uint8Array | string): readonly string[] {
    const own = this.unfinished.get(stage) ?? {decoder: new StringDecoder('utf8'), text: ''};
    this.unfinished.set(stage, own);
    const text = typeof chunk === 'string' ? chunk : own.decoder.write(Buffer.from(chunk));
    const lines = (own.text + text).split('\n').flatMap(parts);
    own.text = lines.pop() ?? '';
    return lines.map(shown);
  }

  /** The line that the stage did not end; the stage has ended. */
  end(stage: StageId): readonly string[] {
    const text = this.unfinished.get(stage)?.text ?? '';
    this.unfinished.delete(stage);
    return text === '' ? [] : [shown(text)];
  }
}

function parts(line: string): readonly string[] {
  const count = Math.max(1, Math.ceil(line.length / mostCharacters));
  return Array.from({length: count}, (_unused, index) =>
    line.slice(index * mostCharacters, (index + 1) * mostCharacters),
  );
}

function shown(line: string): string {
  return stripVTControlCharacters(line.replace(/\r$/, ''));
}
