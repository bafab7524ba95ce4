import type {JobPool} from '../executor/executor.js';

interface Entry {
  readonly priority: number;
  readonly resolve: (release: (() => void) | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/** Gives job slots to the waiting stages, the most urgent first. */
export class StageQueue {
  private entries: Entry[] = [];
  private isAsking = false;

  constructor(
    private readonly pool: () => Promise<JobPool>,
    private readonly signal: AbortSignal,
  ) {}

  /** Waits for a slot; a higher `priority` goes first. `undefined` if the build is being stopped. */
  slot(priority: number): Promise<(() => void) | undefined> {
    if (this.signal.aborted) return Promise.resolve(undefined);
    return new Promise((resolve, reject) => {
      this.entries.push({priority, resolve, reject});
      if (!this.isAsking) void this.serve();
    });
  }

  private async serve(): Promise<void> {
    this.isAsking = true;
    try {
      const pool = await this.pool();
      while (this.entries.length > 0) {
        const release = await pool.acquire(this.signal);
        // Chosen only now, because a more urgent stage may have become ready in the meantime.
        this.entries.sort((left, right) => right.priority - left.priority);
        this.entries.shift()?.resolve(release);
      }
    } catch (error) {
      for (const entry of this.entries.splice(0)) {
        if (this.signal.aborted) entry.resolve(undefined);
        else entry.reject(error);
      }
    } finally {
      this.isAsking = false;
    }
  }
}
