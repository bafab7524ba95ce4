import type {EventListener} from '../core/events.js';

/** Shows events. Never throws into the build. */
export interface Reporter {
  readonly onEvent: EventListener;
  /** Flushes pending output. Nothing is shown afterwards. */
  close(): void;
}

/** Writes text to standard error. */
export type Write = (text: string) => void;
