import {compareCodeUnits, type ArtifactDigest} from '../../core/digest.js';
import type {StageOutcome} from '../../core/events.js';
import type {StageId} from '../../core/stage-id.js';
import {formatBytes, formatTable} from '../table.js';

/** What a toolchain stage took and produced. Figures include resumed runs. */
export interface ToolchainRow {
  readonly stage: StageId;
  readonly outcome: StageOutcome['kind'];
  readonly digest: ArtifactDigest;
  readonly figures: StageFigures | undefined;
  readonly sizeBytes: number;
}

/** The figures that a stage's script prints at the end of its log. */
export interface StageFigures {
  readonly seconds: number;
  /** Sum over all processors. */
  readonly processorSeconds: number;
  /** Peak of all processes together. */
  readonly memoryMebibytes: number;
  readonly runs: number;
  readonly jobs: number;
}

/** A file or a link of an artifact. */
export interface ToolchainFile {
  /** Relative to the artifact. */
  readonly name: string;
  readonly sizeBytes: number;
  /** The target of a link. */
  readonly target?: string;
}

/** What each stage took, as a table. */
export function describeFigures(rows: readonly ToolchainRow[]): string {
  const minutes = (seconds: number): string => (seconds / 60).toFixed(1);
  return formatTable(
    ['stage', 'outcome', 'jobs', 'minutes', 'processor minutes', 'most memory', 'runs', 'size'],
    rows.map(({stage, outcome, figures, sizeBytes}) => [
      stage,
      outcome,
      ...(figures === undefined
        ? ['', '', '', '', '']
        : [
            figures.jobs,
            minutes(figures.seconds),
            minutes(figures.processorSeconds),
            `${figures.memoryMebibytes} MiB`,
            figures.runs,
          ]),
      formatBytes(sizeBytes),
    ]),
    [2, 3, 4, 5, 6, 7],
  );
}

/** Files above this size get a line of their own. */
const largeBytes = 100_000;

/** The content of an artifact: its large files with all of their names, and the total of the others. */
export function describeContents(
  {stage, digest, sizeBytes}: ToolchainRow,
  files: readonly ToolchainFile[],
): string {
  const linksTo = (name: string): readonly string[] =>
    files
      .filter(
        ({target}) => target !== undefined && target === name.slice(name.lastIndexOf('/') + 1),
      )
      .flatMap((link) => [link.name.slice(link.name.lastIndexOf('/') + 1), ...linksTo(link.name)])
      .sort(compareCodeUnits);
  const plain = files.filter(({target}) => target === undefined);
  const large = plain.filter((file) => file.sizeBytes >= largeBytes);
  const small = plain.filter((file) => file.sizeBytes < largeBytes);
  const rest = small.reduce((sum, file) => sum + file.sizeBytes, 0);
  const rows = large
    .toSorted((left, right) => right.sizeBytes - left.sizeBytes)
    .map((file) => [file.name, formatBytes(file.sizeBytes), linksTo(file.name).join(' ')]);
  const head = `${stage} ${digest}, ${formatBytes(sizeBytes)}\n`;
  const others = [`${small.length} smaller files`, formatBytes(rest), ''];
  return head + formatTable(['file', 'size', 'other names'], [...rows, others], [1]);
}
