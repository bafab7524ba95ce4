import type {ArtifactDigest} from '../../core/digest.js';
import {ownCommand} from '../../core/own-command.js';
import type {RunReason, ShownChange} from '../../core/run-reason.js';
import type {StageId} from '../../core/stage-id.js';
import {startOfLog, type StoredLog} from '../../store/stage-logs.js';
import type {StageRecord} from '../../store/store.js';
import type {StageCause} from '../../builder/explain.js';
import type {Prospect} from '../../builder/prospects.js';
import {countOf} from '../../report/lines.js';
import {changeText, reasonText} from '../../report/reason-lines.js';
import type {LastBuild} from './last.js';

/** The number of lines shown per change; `--json` has all of them. */
const shownLines = 40;

/** Changes that make a stage differ from its earlier run, with what of them can be shown. */
export interface ShownCause extends Omit<StageCause, 'changes' | 'prospect'> {
  readonly changes: readonly ShownChange[];
}

/** A cause as JSON. */
export function causeAsJson({earlier, ...cause}: ShownCause): object {
  return {...cause, earlier: earlier ?? null};
}

/** The text for a stage that a build would restore. */
export function describeRestored(
  stage: StageId,
  artifact: ArtifactDigest,
  record: StageRecord | undefined,
  reason: RunReason | undefined,
): string {
  const lines = [`${stage} would be restored: none of its inputs has changed`];
  const made =
    record === undefined
      ? ''
      : `, made ${startOfLog(record.log)} in ${secondsText(record.seconds)}`;
  lines.push(`  artifact ${artifact.slice(0, 12)}${made}`);
  if (record !== undefined) lines.push(`  log ${record.log}`);
  if (reason !== undefined) lines.push(`  it ran then because ${reasonText(reason)}`);
  return lines.join('\n');
}

/** What the last build did: the stages that ran, and why. */
export function describeLast({command, started, stages, logs}: LastBuild): string {
  const restored = Object.values(stages).filter(({outcome}) => outcome === 'restored').length;
  const unreached = Object.keys(stages).length - logs.size - restored;
  const counts = [
    `${countOf(logs.size, 'stage')} ran`,
    `${restored} from the store`,
    ...(unreached > 0 ? [`${unreached} not reached`] : []),
  ];
  const title = `${command}, ${started}: ${counts.join(', ')}`;
  const ran = [...logs].map(([stage, {outcome, seconds, reason}]) => {
    const why = reason === undefined ? 'its reason was not recorded' : reasonText(reason);
    const took = seconds === undefined ? '' : ` in ${secondsText(seconds)}`;
    return `${outcome.padEnd(8)} ${stage}${took}: ${why}`;
  });
  const next =
    logs.size === 0 ? [] : [`Next: ${ownCommand('why --last STAGE')} shows what changed`];
  return [title, ...ran, ...next].join('\n');
}

/** The text for a stage that did not run in the last build. @param log its newest one, of an earlier build. */
export function describeLastRestored(
  stage: StageId,
  {command, started, stages}: LastBuild,
  log: StoredLog | undefined,
): string {
  const what =
    stages[stage]?.outcome === 'restored'
      ? 'was in the store: none of its inputs had changed'
      : 'was not reached';
  const before =
    log === undefined
      ? []
      : [
          `  it ran ${log.started} before that` +
            (log.reason === undefined ? '' : `, because ${reasonText(log.reason)}`),
          `  log ${log.path}`,
        ];
  return [`${command}, ${started}: ${stage} ${what}`, ...before].join('\n');
}

function secondsText(seconds: number): string {
  return `${seconds.toFixed(1)} s`;
}

/** Why a stage would run, ran, or why that is unknown: a summary line, then the changes, root causes first. */
export function describeCauses(
  stage: StageId,
  prospect: Exclude<Prospect['kind'], 'restore'> | 'ran',
  causes: readonly ShownCause[],
): string {
  const [first] = causes;
  const summary = first === undefined ? 'the store does not show why' : summarise(stage, first);
  const headline =
    prospect === 'unknown'
      ? `${stage} is not known yet: ${summary}\n` +
        '  An input must be built first. If it gives the same bytes as before, nothing after it runs.'
      : `${stage} ${prospect === 'ran' ? 'ran' : 'would run'}: ${summary}`;
  const details = causes.flatMap((cause) => ['', ...describeCause(cause)]);
  return [headline, ...details].join('\n');
}

/** `dependency/sqlite changed <- its script changed` */
function summarise(stage: StageId, cause: ShownCause): string {
  const reason = reasonText(cause);
  if (cause.stage === stage) return reason;
  // The input stage, followed by the origin of its change.
  const between = cause.path.slice(0, -1).reverse();
  return [...between.map((id) => `${id} changed`), reason].join(' <- ');
}

function describeCause(cause: ShownCause): readonly string[] {
  const {earlier, changes, path, stage} = cause;
  const since = earlier === undefined ? '' : ` since ${earlier.started}`;
  const title =
    changes.length === 0 ? `${stage}: ${reasonText(cause)}` : `${stage}, what changed${since}:`;
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
    `  ${changeText(change)}`,
    ...(isTextUnknown ? ['    (the former text is not in the store)'] : []),
    ...lines.slice(0, shownLines).map((line) => `    ${line}`),
    ...(hidden > 0 ? [`    ... and ${hidden} lines more: --json prints all`] : []),
  ];
}
