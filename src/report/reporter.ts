import type {EventListener} from '../core/events.js';

/** Shows events to whoever watches the build. Never throws into it. */
export interface Reporter {
  readonly onEvent: EventListener;
  /** Shows what is still held back. Nothing is shown afterwards. */
  close(): void;
}

/** Takes text for the terminal or the log of CI: standard error. */
export type Write = (text: string) => void;
