import type {EventListener} from '../core/events.js';

/** Shows events. Never throws into the build. */
export interface Reporter {
  readonly onEvent: EventListener;
  /** Flushes pending output, ends a live view and sums up. Of what follows, notices and the archives of a finished build are shown. */
  close(): void;
}

/** Writes text to standard error. */
export type Write = (text: string) => void;
