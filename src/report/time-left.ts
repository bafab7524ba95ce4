import type {BuildEstimate, BuildEvent} from '../core/events.js';
import type {StageId} from '../core/stage-id.js';
import {roughDuration} from './lines.js';

/** `about 6 min`, or `at least 6 min` if some stages never ran before. */
export function estimateText(seconds: number, {isComplete}: BuildEstimate): string {
  return `${isComplete ? 'about' : 'at least'} ${roughDuration(seconds)}`;
}

/** Follows how much of the estimated work is done. Pure except for the given clock. */
export class TimeLeft {
  private estimate: BuildEstimate | undefined;
  private readonly startedMs = new Map<StageId, number>();
  private readonly ended = new Set<StageId>();

  constructor(private readonly now: () => number) {}

  take(event: BuildEvent): void {
    switch (event.type) {
      case 'build-started':
        this.estimate = undefined;
        this.startedMs.clear();
        this.ended.clear();
        return;
      case 'build-estimated':
        this.estimate = event;
        return;
      case 'stage-started':
        this.startedMs.set(event.stage, this.now());
        return;
      case 'stage-finished':
        this.ended.add(event.stage);
        return;
      default:
    }
  }

  /** `about 6 min left`; `undefined` without an estimate. */
  get text(): string | undefined {
    if (this.estimate === undefined) return undefined;
    const {seconds, stages} = this.estimate;
    const work = Object.values(stages).reduce((sum, own) => sum + own, 0);
    const done = Object.entries(stages).reduce((sum, [id, own]) => sum + this.doneOf(id, own), 0);
    const left = work === 0 ? 0 : seconds * (1 - done / work);
    return `${estimateText(left, this.estimate)} left`;
  }

  /** A stage that takes longer than before counts as almost done. */
  private doneOf(id: StageId, seconds: number): number {
    if (this.ended.has(id)) return seconds;
    const startedMs = this.startedMs.get(id);
    return startedMs === undefined ? 0 : Math.min(seconds, (this.now() - startedMs) / 1000);
  }
}
