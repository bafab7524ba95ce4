import {InternalError} from '../../core/errors.js';
import type {Exit} from '../executor.js';

/** How a process ended, from Node's exit code and signal. */
export function exitOf(code: number | null, signal: string | null, wasCancelled: boolean): Exit {
  if (wasCancelled) return {kind: 'cancelled'};
  if (code !== null) return {kind: 'exited', code};
  if (signal !== null) return {kind: 'signalled', signal};
  throw new InternalError('a process ended with neither a code nor a signal');
}
