import path from 'node:path';
import {laterOutcome, type BuildEvent, type StageOutcome} from '../core/events.js';
import type {StageId} from '../core/stage-id.js';
import {newBuildRecord, writeBuildRecord, type StageEnd} from '../store/build-record.js';
import type {StoreLayout} from '../store/layout.js';
import type {StoreOptions} from './options.js';
import {projectFolder} from './project-folder.js';

/** Keeps what a command does with each stage as the record of the checkout's last build, for `why --last`. */
export class BuildJournal {
  private readonly record: ReturnType<typeof newBuildRecord>;
  private readonly logs = new Map<StageId, string>();
  /** `undefined` while the stage runs. */
  private readonly ends = new Map<StageId, StageOutcome | undefined>();
  private isFinished = false;
  private written: Promise<void> = Promise.resolve();

  constructor(
    private readonly layout: StoreLayout,
    options: Pick<StoreOptions, 'project'>,
  ) {
    this.record = newBuildRecord(path.resolve(options.project ?? projectFolder));
  }

  /** Takes note of an event. What runs is written at once: a build may be killed. */
  take(event: BuildEvent): void {
    if (event.type === 'stage-started') {
      this.logs.set(event.stage, event.log);
      this.ends.set(event.stage, undefined);
      void this.write();
    } else if (event.type === 'stage-finished') {
      const {outcome, stage} = event;
      this.ends.set(stage, laterOutcome(this.ends.get(stage), outcome));
    } else if (event.type === 'build-finished') {
      this.isFinished = true;
    }
  }

  /** How many stages ran, and how many were in the store. */
  get counts(): {readonly built: number; readonly restored: number} {
    const ends = [...this.ends.values()];
    const count = (kind: StageOutcome['kind']): number =>
      ends.filter((end) => end?.kind === kind).length;
    return {built: count('built'), restored: count('restored')};
  }

  /** Writes the record, unless the command only looked stages up. A store that cannot be written to goes without. */
  write(): Promise<void> {
    if (this.logs.size === 0 && !this.isFinished) return this.written;
    const stages = Object.fromEntries(
      [...this.ends].map(([stage, end]): [StageId, StageEnd] => {
        const log = this.logs.get(stage);
        return [stage, {outcome: end?.kind ?? 'running', ...(log !== undefined && {log})}];
      }),
    );
    this.written = this.written
      .then(async () => writeBuildRecord(this.layout, {...(await this.record), stages}))
      .catch(() => undefined);
    return this.written;
  }
}
