import {laterOutcome, type BuildEvent, type StageOutcome} from '../core/events.js';
import type {StageId} from '../core/stage-id.js';
import {countOf, duration, finishedLine, type KeptLine} from './lines.js';

type StageFinished = Extract<BuildEvent, {readonly type: 'stage-finished'}>;

/** Counts how the stages of a command ended. Pure except for the given clock. */
export class Tally {
  private readonly startedMs: number;
  private readonly begun = new Set<StageId>();
  private readonly ends = new Map<StageId, StageOutcome>();
  /** Of the present graph. */
  private stages = 0;
  private ended = 0;

  constructor(private readonly now: () => number) {
    this.startedMs = now();
  }

  take(event: BuildEvent): void {
    switch (event.type) {
      case 'build-started':
        this.stages = event.stages;
        this.ended = 0;
        return;
      case 'stage-started':
        this.begun.add(event.stage);
        return;
      case 'stage-finished': {
        const {outcome, stage} = event;
        const {kind} = outcome;
        if (kind !== 'blocked' && kind !== 'cancelled') this.ended += 1;
        this.ends.set(stage, laterOutcome(this.ends.get(stage), outcome));
        return;
      }
      default:
    }
  }

  /** The progress of the present graph, `12/27`; empty without a graph. */
  get progress(): string {
    return this.stages === 0 ? '' : `${this.ended}/${this.stages}`;
  }

  /** The time since the command began. */
  get elapsedMs(): number {
    return this.now() - this.startedMs;
  }

  /** The line that stays of a stage that has just ended; `undefined` if there is nothing to say. */
  finishedLine({stage, outcome}: StageFinished): KeptLine | undefined {
    const {progress} = this;
    return finishedLine(stage, outcome, {progress, hasBegun: this.begun.has(stage)});
  }

  count(kind: StageOutcome['kind']): number {
    return [...this.ends.values()].filter((end) => end.kind === kind).length;
  }

  /** What became of the stages, for the end; nothing if there were none. */
  summary(): readonly string[] {
    if (this.ends.size === 0) return [];
    const built = this.count('built');
    const failed = this.count('failed');
    const left = this.count('blocked') + this.count('cancelled');
    const done =
      `${countOf(built, 'stage')} built, ${this.count('restored')} from the store, ` +
      `in ${duration(this.elapsedMs)}`;
    const rest = [
      ...(failed > 0 ? [`${failed} failed`] : []),
      ...(left > 0 ? [`${left} not built`] : []),
    ];
    const isKept = rest.length > 0 && built > 0;
    return [
      [done, ...(rest.length > 0 ? [rest.join(', ')] : [])].join('; '),
      ...(isKept ? ['what was built is kept: the next build goes on from there'] : []),
    ];
  }
}
