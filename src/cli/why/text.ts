import type {ArtifactDigest} from '../../core/digest.js';
import {assertNever} from '../../core/errors.js';
import type {StageId} from '../../core/stage-id.js';
import {startOfLog} from '../../store/stage-logs.js';
import type {StageRecord} from '../../store/store.js';
import type {Prospect} from '../../builder/prospects.js';
import type {ShownCause, ShownChange} from './run.js';

/** The number of lines shown per change; `--json` has all of them. */
const shownLines = 40;

/** The text for a stage that a build would restore. */
export function describeRestored(
  stage: StageId,
  artifact: ArtifactDigest,
  record: StageRecord | undefined,
): string {
  const made =
    record === undefined
      ? ''
      : `, made ${startOfLog(record.log)} in ${record.seconds.toFixed(1)} s\n  log ${record.log}`;
  return `${stage} would be restored: none of its inputs has changed\n  artifact ${artifact.slice(0, 12)}${made}`;
}

/** Why a stage would run, or why that is unknown: a summary line, then the changes, root causes first. */
export function describeCauses(
  stage: StageId,
  prospect: Exclude<Prospect['kind'], 'restore'>,
  causes: readonly ShownCause[],
): string {
  const [first] = causes;
  const summary = first === undefined ? 'the store does not show why' : summarise(stage, first);
  const headline =
    prospect === 'run'
      ? `${stage} would run: ${summary}`
      : `${stage} is not known yet: ${summary}\n` +
        '  An input must be built first. If it gives the same bytes as before, nothing after it runs.';
  const details = causes.flatMap((cause) => ['', ...describeCause(cause)]);
  return [headline, ...details].join('\n');
}

/** `dependency/sqlite changed <- its script changed` */
function summarise(stage: StageId, cause: ShownCause): string {
  const reason = reasonOf(cause);
  if (cause.stage === stage) return reason;
  // The input stage, followed by the origin of its change.
  const between = cause.path.slice(0, -1).reverse();
  return [...between.map((id) => `${id} changed`), reason].join(' <- ');
}

function reasonOf({earlier, changes}: ShownCause): string {
  if (earlier === undefined) return 'it never ran in this store';
  const [first, ...others] = changes;
  if (first === undefined) return 'its artifact is not in the store any more';
  const more = others.length === 0 ? '' : `, and ${others.length} more of its inputs`;
  return describeChange(first) + more;
}

function describeCause(cause: ShownCause): readonly string[] {
  const {earlier, changes, path, stage} = cause;
  const since = earlier === undefined ? '' : ` since ${startOfLog(earlier.log)}`;
  const title =
    changes.length === 0 ? `${stage}: ${reasonOf(cause)}` : `${stage}, what changed${since}:`;
  const way = path.length > 1 ? [`  then: ${path.join(' -> ')}`] : [];
  return [title, ...changes.flatMap(describeInFull), ...way];
}

function describeInFull(change: ShownChange): readonly string[] {
  const lines = change.diff ?? [];
  const hidden = lines.length - shownLines;
  const isTextUnknown =
    change.diff === undefined &&
    (change.field === 'script' || change.field === 'file') &&
    change.from !== undefined &&
    change.to !== undefined;
  return [
    `  ${describeChange(change)}`,
    ...(isTextUnknown ? ['    (the former text is not in the store)'] : []),
    ...lines.slice(0, shownLines).map((line) => `    ${line}`),
    ...(hidden > 0 ? [`    ... and ${hidden} lines more: --json prints all`] : []),
  ];
}

/** `its script changed` */
function describeChange(change: ShownChange): string {
  switch (change.field) {
    case 'script':
      return 'its script changed';
    case 'file':
      return `its file ${change.name} ${verb(change)}`;
    case 'source':
      return `its source ${change.name} ${verb(change)}`;
    case 'environment':
      return `its environment variable ${change.name} ${verb(change)}`;
    case 'parameters':
      return 'the parameters of its function changed';
    case 'kind':
    case 'format':
    case 'function':
    case 'revision':
      return `its ${change.field} changed from ${JSON.stringify(change.from)} to ${JSON.stringify(change.to)}`;
    case 'order':
      return `the order at ${change.place} changed from ${change.from.join(' ')} to ${change.to.join(' ')}`;
    case 'input': {
      if (change.from === undefined) return `it reads ${change.stage} at ${change.place} now`;
      if (change.to === undefined) return `it does not read ${change.stage} any more`;
      return `${change.stage} has other bytes (${change.from.slice(0, 12)} before, ${change.to.slice(0, 12)} now)`;
    }
    default:
      return assertNever(change);
  }
}

function verb({from, to}: {readonly from?: string; readonly to?: string}): string {
  if (from === undefined) return 'is new';
  return to === undefined ? 'is gone' : 'changed';
}
