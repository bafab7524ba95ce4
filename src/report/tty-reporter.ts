import {createLogUpdate} from 'log-update';
import {clearScreenDown, moveCursor} from 'node:readline';
import {stripVTControlCharacters, styleText} from 'node:util';
import type {BuildEvent} from '../core/events.js';
import {printable} from '../core/printable.js';
import {BuildView} from './build-view.js';
import {columnsOf} from './fit.js';
import {FetchTroubles, retriedText} from './fetch-troubles.js';
import {archiveLines, becauseLines, differedText, label, stageLines, type Tone} from './lines.js';
import type {Reporter} from './reporter.js';

/** Standard error; has no size unless it is a terminal. */
export type Terminal = NodeJS.WritableStream & {readonly columns?: number; readonly rows?: number};

/** The terminal to draw on. */
export interface TtyReporterOptions {
  readonly stream: Terminal;
  readonly hasColour: boolean;
  /** Whether it shows why each stage runs. */
  readonly explains?: boolean;
}

/** Often enough to look live, rarely enough to cost nothing. */
const frameMs = 125;

/** A live view of running stages at the bottom of a terminal, with a line above it for each finished stage. */
export function ttyReporter(options: TtyReporterOptions): Reporter {
  const live = new LiveReporter(options);
  return {
    onEvent: safely((event: BuildEvent) => live.show(event)),
    close: safely(() => live.close()),
  };
}

class LiveReporter {
  private readonly view = new BuildView(() => performance.now());
  private readonly screen: Screen;
  private readonly timer: NodeJS.Timeout;
  private readonly onResize = safely(() => this.screen.resized());
  private readonly troubles = new FetchTroubles();
  private isClosed = false;

  constructor(private readonly options: TtyReporterOptions) {
    this.screen = new Screen(options.stream);
    const draw = safely(() => this.screen.draw(this.lines()));
    this.timer = setInterval(draw, frameMs);
    this.timer.unref();
    options.stream.on('resize', this.onResize);
  }

  show(event: BuildEvent): void {
    if (this.isClosed) {
      if (event.type === 'notice') this.print(event.message);
      if (event.type === 'build-finished') {
        [...archiveLines(event), ...stageLines(event)].forEach((text) => this.print(text));
      }
      return;
    }
    this.view.take(event);
    if (event.type === 'notice') this.keep(printable(event.message));
    if (event.type === 'stage-started' && this.options.explains === true) {
      becauseLines(event).forEach((text) => this.keep(printable(text)));
    }
    if (event.type === 'stage-differed') this.keepWith('bad', 'warning', differedText(event));
    if (event.type === 'fetch' && event.event.kind === 'fetch-retried') {
      this.troubles.take(event.event);
      this.keep(printable(retriedText(event.event)));
    }
    if (event.type === 'stage-finished') {
      const finished = this.view.tally.finishedLine(event);
      if (finished !== undefined) this.keepWith(finished.tone, finished.word, finished.text);
    }
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    clearInterval(this.timer);
    const {stream} = this.options;
    stream.off('resize', this.onResize);
    this.screen.close();
    const {fetchedText} = this.view.downloads;
    if (fetchedText !== undefined) this.print(`fetched ${fetchedText}`);
    for (const trouble of this.troubles.lines()) {
      stream.write(`${this.colour(colours.bad, label('warning'))} ${printable(trouble)}\n`);
    }
    for (const text of this.view.tally.summary()) this.print(text);
  }

  private print(text: string): void {
    this.options.stream.write(`${printable(text)}\n`);
  }

  private keepWith(tone: Tone, word: string, text: string): void {
    this.keep(`${this.colour(colours[tone], label(word))} ${printable(text)}`);
  }

  private keep(line: string): void {
    this.screen.keep(line, this.lines());
  }

  private lines(): readonly string[] {
    const {columns = 80, rows = 24} = this.options.stream;
    return this.view.lines({columns, rows}, (style, text) =>
      this.colour(style === 'name' ? 'bold' : 'dim', text),
    );
  }

  private colour(format: Parameters<typeof styleText>[0], text: string): string {
    return this.options.hasColour ? styleText(format, text, {validateStream: false}) : text;
  }
}

const colours = {good: 'green', bad: 'red', quiet: 'gray'} as const satisfies Record<Tone, string>;

/** Drawing must never stop a build. */
function safely<Arguments extends unknown[]>(
  action: (...given: Arguments) => void,
): (...given: Arguments) => void {
  return (...given) => {
    try {
      action(...given);
    } catch {
      // A closed terminal is no reason to stop.
    }
  };
}

/** Permanent lines, and below them the redrawn frame. */
class Screen {
  private readonly update: ReturnType<typeof createLogUpdate>;
  private frame: readonly string[] = [];

  constructor(private readonly stream: Terminal) {
    this.update = createLogUpdate(stream);
  }

  draw(lines: readonly string[]): void {
    const isSame =
      lines.length === this.frame.length && lines.every((line, row) => line === this.frame[row]);
    if (isSame) return;
    if (lines.length === 0) this.update.clear();
    else this.update(lines.join('\n'));
    this.frame = lines;
  }

  /** Prints a permanent line above the frame and redraws the frame. */
  keep(line: string, frame: readonly string[]): void {
    this.update.clear();
    this.frame = [];
    this.stream.write(`${line}\n`);
    this.draw(frame);
  }

  /** A narrower terminal has wrapped long lines of the frame, which now take more rows. */
  resized(): void {
    const {frame} = this;
    const {columns = 80} = this.stream;
    const surplus = frame.reduce((sum, line) => {
      const width = columnsOf(stripVTControlCharacters(line));
      return sum + Math.max(0, Math.ceil(width / columns) - 1);
    }, 0);
    this.update.clear();
    this.frame = [];
    if (surplus === 0) return;
    moveCursor(this.stream, 0, -surplus);
    clearScreenDown(this.stream);
  }

  /** Removes the frame and shows the cursor again. */
  close(): void {
    this.update.clear();
    this.frame = [];
    this.update.done();
  }
}
