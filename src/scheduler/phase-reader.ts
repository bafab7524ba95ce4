import {StringDecoder} from 'node:string_decoder';
import {stripVTControlCharacters} from 'node:util';
import {printableLine} from '../core/printable.js';

/** A phase of a stage. */
export interface Phase {
  /** Safe for a terminal. */
  readonly name: string;
  /** How many lines of output it will have, roughly; `undefined` if its script does not know. */
  readonly expectedLines?: number;
}

/** What a chunk of output tells. */
export interface PhaseReading {
  /** The phases that begin in it. */
  readonly phases: readonly Phase[];
  /** The lines of output since the last phase began, an unfinished one included. */
  readonly lines: number;
}

/** `== 02:27:50: make`, with ` (about 812 lines)` if that is known. */
const phaseLine = /^== \d\d:\d\d:\d\d: (\S.{0,79}?)(?: \(about (\d{1,9}) lines?\))?\r?$/;
/** More than any phase has: of a longer line only its start is kept. */
const mostCharacters = 160;
/** More than any stage has; output that looks like phases must not flood a reporter. */
const mostPhases = 500;

/** Finds the phases in the output of a stage, which comes in chunks that are not split at lines. */
export class PhaseReader {
  private readonly decoder = new StringDecoder('utf8');
  private partial = '';
  private lines = 0;
  private phases = 0;

  read(chunk: Uint8Array | string): PhaseReading {
    const text = typeof chunk === 'string' ? chunk : this.decoder.write(Buffer.from(chunk));
    const [first = '', ...others] = text.split('\n');
    const complete = [this.partial + first.slice(0, mostCharacters), ...others];
    this.partial = (complete.pop() ?? '').slice(0, mostCharacters);
    const phases = complete.flatMap((line) => this.takeLine(line) ?? []);
    return {phases, lines: this.lines + (this.partial === '' ? 0 : 1)};
  }

  private takeLine(line: string): Phase | undefined {
    const [, name, expected] = phaseLine.exec(line) ?? [];
    if (name === undefined || this.phases >= mostPhases) {
      this.lines += 1;
      return undefined;
    }
    this.phases += 1;
    this.lines = 0;
    return {
      name: printableLine(stripVTControlCharacters(name)),
      ...(expected !== undefined && {expectedLines: Number(expected)}),
    };
  }
}
