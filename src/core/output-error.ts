import {BuildError} from './errors.js';
import type {StageId} from './stage-id.js';

/** The reasons for which an output is refused. */
export type OutputErrorCode = 'E_UNSUPPORTED_ENTRY' | 'E_OUTPUT_LIMIT';

/** The output of a stage cannot be an artifact. */
export class StageOutputError extends BuildError {
  override readonly name = 'StageOutputError';

  constructor(
    readonly code: OutputErrorCode,
    private readonly problem: string,
    stage?: StageId,
  ) {
    super(stage === undefined ? problem : `Stage ${stage} failed: ${problem}`);
  }

  /** The same with the stage named. */
  of(stage: StageId): StageOutputError {
    return new StageOutputError(this.code, this.problem, stage);
  }
}

/** The longest path in an artifact, in bytes: the system accepts 4096, with the path of the store. */
export const longestPath = 2048;

/** Whether a name was no UTF-8, so that it was read as something else. */
export function isMisread(name: string): boolean {
  return name.includes('\ufffd');
}

/** Refuses anything but files, directories and links. */
export function specialEntry(relative: string): StageOutputError {
  return new StageOutputError(
    'E_UNSUPPORTED_ENTRY',
    `The output holds ${relative}, which is neither a file, a directory nor a symbolic link.\n` +
      'Artifacts hold nothing else: remove it at the end of the script.',
  );
}

/** Refuses a name or a link's target that is no UTF-8. @param escaped its path, with the bytes of the name as `\xff`. */
export function misreadName(escaped: string): StageOutputError {
  return new StageOutputError(
    'E_UNSUPPORTED_ENTRY',
    `The output holds ${escaped}, whose name or target is not UTF-8.\n` +
      'Artifacts hold no such names: rename or remove it at the end of the script.',
  );
}

/** Refuses a path that is too long. */
export function longPath(relative: string): StageOutputError {
  const shown = `${relative.slice(0, 100)}…`;
  return new StageOutputError(
    'E_UNSUPPORTED_ENTRY',
    `The output holds ${shown}, a path of more than ${longestPath} bytes.\n` +
      'Artifacts hold no such paths: remove it at the end of the script.',
  );
}

/** Refuses an output that is too large. */
export function tooLarge(relative: string, limitBytes: number): StageOutputError {
  return new StageOutputError(
    'E_OUTPUT_LIMIT',
    `The output is larger than ${limitBytes} bytes; the limit was reached at ${relative}.\n` +
      'The sizes of files count, with their holes. If that much is wanted, raise --output-limit.',
  );
}
