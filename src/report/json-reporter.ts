import type {BuildEvent} from '../core/events.js';
import {printableJson} from '../core/printable.js';
import type {Reporter, Write} from './reporter.js';

/**
 * Prints one JSON object per event and line, without the output of stages. An error becomes its `code` and `message`.
 */
export function jsonReporter(write: Write): Reporter {
  const onEvent = (event: BuildEvent): void => {
    if (event.type === 'stage-output') return;
    write(
      `${printableJson(event, (_key, value) => (value instanceof Error ? describe(value) : value))}\n`,
    );
  };
  return {onEvent, close: () => undefined};
}

function describe(error: Error): {code: string; message: string} {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  return {code, message: error.message};
}
