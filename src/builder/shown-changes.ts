import type {InputChange, ShownChange} from '../core/run-reason.js';
import type {Stage} from '../graph/stage.js';
import type {DiskStore} from '../store/disk-store.js';
import {diffTexts, diffValues, diffWords} from './text-diff.js';

/** The number of lines of a diff that are kept. */
const keptLines = 100;

/** Where the texts of a change are. */
interface TextPlaces {
  /** As it is now; `undefined` if only the store has its texts. */
  readonly stage: Stage | undefined;
  readonly store: Pick<DiskStore, 'readText'>;
}

/** A change with its changed lines, if there are any to show and the former text was kept. */
export async function withDiff(change: InputChange, places: TextPlaces): Promise<ShownChange> {
  const diff = await diffOf(change, places);
  return diff === undefined ? change : {...change, diff};
}

/** The same small enough to be kept: with a part of a long diff, and without parameters, which are large. */
export function boundedDiff(change: ShownChange): ShownChange {
  const {diff} = change;
  const hidden = (diff?.length ?? 0) - keptLines;
  const lines =
    hidden > 0 ? [...(diff ?? []).slice(0, keptLines), `... and ${hidden} lines more`] : diff;
  const bounded: ShownChange = change.field === 'parameters' ? {field: change.field} : change;
  return lines === undefined ? bounded : {...bounded, diff: lines};
}

async function diffOf(
  change: InputChange,
  {stage, store}: TextPlaces,
): Promise<readonly string[] | undefined> {
  switch (change.field) {
    case 'script':
    case 'file': {
      if (stage?.kind !== 'sandbox' || change.from === undefined || change.to === undefined) {
        return undefined;
      }
      const from = await store.readText(change.from);
      const to = change.field === 'script' ? stage.script : stage.files[change.name];
      return from === undefined || to === undefined ? undefined : diffTexts(from, to);
    }
    case 'environment': {
      const {from = '', to = ''} = change;
      return diffWords(from, to);
    }
    case 'parameters':
      return diffValues(change.from ?? null, change.to ?? null);
    default:
      return undefined;
  }
}
