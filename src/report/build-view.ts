import type {BuildEvent} from '../core/events.js';
import {printableLine} from '../core/printable.js';
import type {StageId} from '../core/stage-id.js';
import {columnsOf, fit, fitWithin, lastLine} from './fit.js';
import {countOf, duration} from './lines.js';
import {Downloads} from './downloads.js';
import {Tally} from './tally.js';
import {TimeLeft} from './time-left.js';

/** The style of a part of a line. */
export type Paint = (style: 'name' | 'faint', text: string) => string;

/** How large the view may be. */
export interface ViewSize {
  readonly columns: number;
  readonly rows: number;
}

type StagePhase = Extract<BuildEvent, {readonly type: 'stage-phase'}>;

interface RunningStage {
  readonly startedMs: number;
  phase?: StagePhase;
  /** Of the phase. */
  lines: number;
  line: string;
}

/** The maximum number of lines for downloads; further downloads are counted. */
const shownDownloads = 3;

/** What is running, as lines of text. Pure except for the given clock. */
export class BuildView {
  private readonly running = new Map<StageId, RunningStage>();
  readonly tally: Tally;
  readonly downloads: Downloads;
  private readonly timeLeft: TimeLeft;

  constructor(private readonly now: () => number) {
    this.tally = new Tally(now);
    this.downloads = new Downloads(now);
    this.timeLeft = new TimeLeft(now);
  }

  take(event: BuildEvent): void {
    this.tally.take(event);
    this.timeLeft.take(event);
    switch (event.type) {
      case 'stage-started':
        this.running.set(printableLine(event.stage), {startedMs: this.now(), line: '', lines: 0});
        return;
      case 'stage-phase':
        return this.takePhase(event);
      case 'stage-output': {
        const stage = this.running.get(printableLine(event.stage));
        if (stage === undefined) return;
        stage.lines = event.phaseLines;
        // The line that begins a phase is shown as the phase.
        stage.line = event.phaseLines === 0 ? '' : (lastLine(event.chunk) ?? stage.line);
        return;
      }
      case 'stage-finished':
        this.running.delete(printableLine(event.stage));
        return;
      case 'fetch':
        return this.downloads.take(event.event);
      default:
    }
  }

  /** Lines that fit on the terminal; none if nothing runs. */
  lines({columns, rows}: ViewSize, paint: Paint): readonly string[] {
    if (this.running.size === 0 && this.downloads.runningCount === 0) return [];
    // One column less than the width, because some terminals wrap a full last column.
    const width = columns - 1;
    const longest = Math.max(0, ...[...this.running.keys()].map((stage) => stage.length));
    // The output of a stage gets half of the line.
    const nameWidth = Math.min(longest, Math.floor(width / 2));
    const stages = [...this.running].map(([stage, details]) => {
      const name = fitWithin(stage, nameWidth).padEnd(nameWidth);
      const head = `  ${name} ${duration(this.now() - details.startedMs).padStart(7)}  `;
      if (head.length >= width) return paint('name', fit(head.trimEnd(), width));
      const phase = fit(phaseText(details), width - head.length);
      const line = fit(details.line, width - head.length - columnsOf(phase));
      return paint('name', head) + phase + paint('faint', line);
    });
    const downloads = this.downloads
      .lines()
      .slice(0, shownDownloads)
      .map((text) => fit(`  fetching ${text}`, width));
    const lines = [...stages, ...downloads];
    const room = Math.max(0, rows - 2);
    const shown = lines.length > room ? lines.slice(0, Math.max(0, room - 1)) : lines;
    const hidden = lines.length - shown.length;
    return [
      ...shown,
      ...(hidden > 0 && room > 0 ? [fit(`  and ${hidden} more`, width)] : []),
      paint('faint', fit(this.summary(), width)),
    ];
  }

  private summary(): string {
    const {progress} = this.tally;
    const restored = this.tally.count('restored');
    const {runningCount, fetchedText} = this.downloads;
    return [
      ...(progress === '' ? [] : [`[${progress}] ${this.running.size} running`]),
      duration(this.tally.elapsedMs),
      ...(this.timeLeft.text === undefined ? [] : [this.timeLeft.text]),
      ...(restored > 0 ? [`${restored} from the store`] : []),
      ...(runningCount > 0
        ? [`${countOf(runningCount, 'download')}${this.downloads.totalRate(' at ')}`]
        : []),
      ...(fetchedText === undefined ? [] : [`fetched ${fetchedText}`]),
    ].join(', ');
  }

  private takePhase(event: StagePhase): void {
    const stage = this.running.get(printableLine(event.stage));
    if (stage !== undefined) Object.assign(stage, {phase: event, lines: 0, line: ''});
  }
}

/** `make 212/812  `, `make  `, or nothing. */
function phaseText({phase, lines}: RunningStage): string {
  if (phase === undefined) return '';
  const {phase: name, expectedLines} = phase;
  if (expectedLines === undefined) return `${name}  `;
  return `${name} ${Math.min(lines, expectedLines)}/${expectedLines}  `;
}
