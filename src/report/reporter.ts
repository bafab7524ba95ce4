import type {EventListener} from '../core/events.js';

/** Shows events. Never throws into the build. */
export interface Reporter {
  readonly onEvent: EventListener;
  /** Flushes pending output and ends a live view. Of what follows only notices are shown, each as a line. */
  close(): void;
}

/** Writes text to standard error. */
export type Write = (text: string) => void;
