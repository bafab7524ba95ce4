import {megabytes} from '../report/lines.js';
import {DiskStore} from '../store/disk-store.js';
import type {StoredKind} from '../store/find-garbage.js';
import {sweep, type SweptThing} from '../store/sweep.js';
import type {JsonOption, StoreOptions} from './options.js';
import {printJson} from './print-json.js';

/** Removes from the store what no checkout's last plans need, and prints what it was. */
export async function runStoreGc(
  options: StoreOptions & JsonOption & {readonly dryRun?: true},
): Promise<void> {
  const store = await DiskStore.open(options.store);
  const isDry = options.dryRun === true;
  const things = await sweep(store, isDry ? 'tell' : 'remove');
  const freedBytes = bytesOf(things);
  if (options.json === true) {
    const removed = things.map(({kind, name, sizeBytes}) => ({kind, name, sizeBytes}));
    printJson({dryRun: isDry, freedBytes, removed});
    return;
  }
  const kinds = [...new Set(things.map(({kind}) => kind))];
  for (const kind of kinds) process.stdout.write(`${describe(kind, things)}\n`);
  process.stdout.write(
    `${isDry ? 'would free' : 'freed'} ${freedBytes} bytes (${megabytes(freedBytes)})\n`,
  );
}

function describe(kind: StoredKind, things: readonly SweptThing[]): string {
  const those = things.filter((thing) => thing.kind === kind);
  return `${kind.padEnd(14)} ${String(those.length).padStart(5)} ${megabytes(bytesOf(those)).padStart(12)}`;
}

function bytesOf(things: readonly SweptThing[]): number {
  return things.reduce((sum, {sizeBytes}) => sum + sizeBytes, 0);
}
