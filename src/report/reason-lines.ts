import {assertNever} from '../core/errors.js';
import type {InputChange, RunReason} from '../core/run-reason.js';

/** The reasons of a stage that are told when it starts; `why --last` tells all. */
const toldChanges = 8;

/** Why a stage runs, a line for each reason. */
export function reasonLines({earlier, changes}: RunReason): readonly string[] {
  if (earlier === undefined) return [neverBuilt];
  if (changes.length === 0) return [artifactGone];
  const hidden = changes.length - toldChanges;
  return [
    ...changes.slice(0, toldChanges).map(changeText),
    ...(hidden > 0 ? [`${hidden} more of its inputs changed`] : []),
  ];
}

/** Why a stage runs, in one line. */
export function reasonText({
  earlier,
  changes,
}: {
  readonly earlier?: unknown;
  readonly changes: readonly InputChange[];
}): string {
  if (earlier === undefined) return neverBuilt;
  const [first, ...others] = changes;
  if (first === undefined) return artifactGone;
  const more = others.length === 0 ? '' : `, and ${others.length} more of its inputs`;
  return changeText(first) + more;
}

const neverBuilt = 'it was never built in this store';
const artifactGone = 'its artifact is not in the store any more';

/** `its script changed` */
export function changeText(change: InputChange): string {
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
