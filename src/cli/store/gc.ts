import {parseArtifactDigest} from '../../core/digest.js';
import type {EngineThing} from '../../executor/docker/clear-leftovers.js';
import {megabytes} from '../../report/lines.js';
import {DiskStore} from '../../store/disk-store.js';
import type {StoredKind} from '../../store/find-garbage.js';
import type {MissingCheckout} from '../../store/plan-marks.js';
import {sweep, type SweptThing} from '../../store/sweep.js';
import {findEngine} from '../../builder/find-engine.js';
import type {JsonOption, StoreOptions} from '../../builder/options.js';
import {print, printError, printJson} from '../print.js';
import {runOwner} from '../../builder/run-owner.js';

/** The options of `ampoule store gc`. */
export type GcOptions = Pick<StoreOptions, 'store'> &
  JsonOption & {readonly dryRun?: true; readonly forgetMissing?: true};

/**
 * Removes everything from the store that no checkout's last plans need. If an engine answers, also removes what killed
 * runs left there, and images and volumes whose artifacts are no longer in the store. Prints what was removed.
 */
export async function runStoreGc(options: GcOptions, signal: AbortSignal): Promise<void> {
  const store = await DiskStore.openPresent(
    options.store,
    (notice) => printError(`${notice}\n`),
    signal,
  );
  const isDry = options.dryRun === true;
  let missing: readonly MissingCheckout[] = [];
  const things = await sweep(store, isDry ? 'tell' : 'remove', {
    missing: options.forgetMissing === true ? 'forget' : 'keep',
    onMissing: (kept) => (missing = kept),
    onLeft: (message) => printError(`${message}\n`),
  });
  const onEngine = await sweepEngine(store, things, isDry);
  const freedBytes = bytesOf(things);
  if (options.json === true) {
    const removed = things.map(({kind, name, sizeBytes}) => ({kind, name, sizeBytes}));
    printJson({dryRun: isDry, freedBytes, removed, missing, onEngine});
    return;
  }
  const kinds = [...new Set(things.map(({kind}) => kind))];
  for (const kind of kinds) print(`${describe(kind, things)}\n`);
  for (const kind of ['container', 'image', 'volume'] as const) {
    const those = onEngine.filter((thing) => thing.kind === kind);
    if (those.length > 0) {
      print(`${`engine ${kind}`.padEnd(16)} ${String(those.length).padStart(5)}\n`);
    }
  }
  for (const {checkout, subject, keptUntil} of missing) {
    print(
      `kept what ${subject} needs until ${keptUntil.toISOString().slice(0, 10)}: ` +
        `its checkout ${checkout} is not there now (--forget-missing removes it)\n`,
    );
  }
  print(`${isDry ? 'would free' : 'freed'} ${freedBytes} bytes (${megabytes(freedBytes)})\n`);
}

/** Everything on the engine is a copy, so nothing is lost without an engine. */
async function sweepEngine(
  store: DiskStore,
  swept: readonly SweptThing[],
  isDry: boolean,
): Promise<readonly EngineThing[]> {
  const {engine} = await findEngine();
  if (engine === undefined) return [];
  const {clearLeftovers, clearReusables} = await import('../../executor/docker/clear-leftovers.js');
  const gone = new Set(swept.map(({name}) => name));
  const isWanted = async (text: string): Promise<boolean> => {
    const digest = parseArtifactDigest(text);
    return digest !== undefined && !gone.has(digest) && (await store.hasArtifact(digest));
  };
  const action = isDry ? 'tell' : 'remove';
  const owner = await runOwner(store.layout.owners);
  // Containers first: what they use cannot be removed.
  const left = await clearLeftovers(engine, owner, action);
  const {machine} = owner;
  return [...left, ...(await clearReusables(engine, isWanted, {action, machine}))];
}

function describe(kind: StoredKind, things: readonly SweptThing[]): string {
  const those = things.filter((thing) => thing.kind === kind);
  return `${kind.padEnd(16)} ${String(those.length).padStart(5)} ${megabytes(bytesOf(those)).padStart(12)}`;
}

function bytesOf(things: readonly SweptThing[]): number {
  return things.reduce((sum, {sizeBytes}) => sum + sizeBytes, 0);
}
