import {countOf} from '../../report/lines.js';
import {BuildError} from '../../core/errors.js';
import {ownCommand} from '../../core/own-command.js';
import {sourceSets} from '../../core/target.js';
import {selectSource, versionsOf} from '../../recipe/select-source.js';
import {DiskStore} from '../../store/disk-store.js';
import {processTitle} from '../../store/process-title.js';
import {runningPids} from '../../store/plan-marks.js';
import {repairStore, verifyStore, type Damage} from '../../store/verify-store.js';
import {loadProject} from '../../builder/load-project.js';
import type {JsonOption, StoreOptions} from '../../builder/options.js';
import {print, printError, printJson} from '../print.js';

/** The store contains damaged things; each was printed. */
class StoreDamagedError extends BuildError {
  override readonly name = 'StoreDamagedError';
  readonly code = 'E_STORE_DAMAGED';
}

/** A repair would remove things that a running build uses. */
class StoreInUseError extends BuildError {
  override readonly name = 'StoreInUseError';
  readonly code = 'E_STORE_IN_USE';
}

/** Options of `ampoule store verify`. */
export type VerifyOptions = Pick<StoreOptions, 'store' | 'project'> &
  JsonOption & {readonly repair?: true};

/** Compares everything in the store with its digest and prints what is damaged; with `repair`, removes that. */
export async function runStoreVerify(options: VerifyOptions, signal: AbortSignal): Promise<void> {
  const store = await DiskStore.openPresent(options.store);
  const {checked, damages} = await verifyStore(store.layout, signal);
  const isRepair = options.repair === true && damages.length > 0;
  if (isRepair) {
    await refuseBesideBuilders(store);
    await repairStore(store, damages, (message) => printError(`${message}\n`));
  }
  const names = damages.length === 0 ? new Map<string, string>() : await sourceNames(options);
  const named = damages.map((damage) => ({
    ...damage,
    ...(names.has(damage.name) && {fileName: names.get(damage.name)}),
  }));
  if (options.json === true) {
    printJson({ok: damages.length === 0, checked, damages: named, repaired: isRepair});
  } else {
    for (const damage of named) print(`${describe(damage)}\n`);
    const counts = Object.entries(checked).map(([kind, count]) => countOf(count, kind));
    print(`checked ${counts.join(', ')}: ${damages.length} damaged\n`);
  }
  if (damages.length === 0) return;
  if (!isRepair) {
    throw new StoreDamagedError(
      `${countOf(damages.length, 'thing')} in ${store.root} ${damages.length === 1 ? 'is' : 'are'} damaged.\n` +
        `Next: ${ownCommand('store verify --repair')} removes them, and the next build builds or downloads them again.`,
    );
  }
  if (options.json !== true) {
    print('removed all of them: the next build builds or downloads them again\n');
  }
}

function describe(damage: Damage & {readonly fileName?: string | undefined}): string {
  const {dependents, kind, name, fileName, stages, problem, path} = damage;
  const what = fileName ?? (stages.length > 0 ? stages.join(', ') : name.slice(0, 12));
  const used = dependents.length === 0 ? '' : `\n  built from it: ${dependents.join(', ')}`;
  return `damaged ${kind} ${what}: ${problem}\n  ${path}${used}`;
}

async function refuseBesideBuilders(store: DiskStore): Promise<void> {
  const pids = await runningPids(store.layout);
  if (pids.length === 0) return;
  const titles = await Promise.all([...new Set(pids)].map(processTitle));
  throw new StoreInUseError(
    `The store is in use by ${titles.join(', ')}, which may read what is damaged.\n` +
      'Next: run the same command when that has ended.',
  );
}

/** File names of this project's sources by sha256, because the store only knows digests. */
async function sourceNames(options: VerifyOptions): Promise<ReadonlyMap<string, string>> {
  const project = await loadProject(options.project);
  const locked = [...project.images.values()].flatMap(({lock}) =>
    lock.packages.map(({name, version, sha256}) => [sha256, `${name} ${version}`] as const),
  );
  const recipes = [...project.recipes.values()].flatMap(({recipe}) => versionsOf(recipe));
  const pinned = recipes.flatMap((recipe) =>
    sourceSets.map((set) => {
      const {source} = selectSource(recipe, set);
      return [source.sha256, source.fileName] as const;
    }),
  );
  return new Map([...locked, ...pinned]);
}
