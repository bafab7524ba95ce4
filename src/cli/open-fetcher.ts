import pLimit from 'p-limit';
import {compareCodeUnits, type Sha256} from '../core/digest.js';
import type {EventListener} from '../core/events.js';
import type {Source} from '../core/source.js';
import {sourceSets, type SourceSet} from '../core/target.js';
import {relockAdvice} from '../debian/image-sources.js';
import type {KeyFile} from '../debian/in-release.js';
import {parseAptUris, readAptFiles} from '../fetch/apt-configuration.js';
import {discoverDebianMirrors, type DebianMirrors} from '../fetch/debian-mirrors.js';
import {fetchSources} from '../fetch/fetch-sources.js';
import {chooseSourceSet} from '../fetch/source-set.js';
import type {Image, Project} from '../stages/project.js';
import type {DiskStore} from '../store/disk-store.js';
import {readKeyring} from './image-folder.js';

/** What downloading depends on. */
export interface FetcherSettings {
  readonly store: DiskStore;
  /** The mirror that the user named. */
  readonly debianMirror: string | undefined;
  readonly images: ReadonlyMap<string, Image>;
  /** Holds `docker/keyrings`, by which mirrors of the machine's apt are judged. */
  readonly projectFolder: string;
  readonly onEvent: EventListener;
  readonly signal: AbortSignal;
}

const aptFolder = '/etc/apt';
const downloadsAtOnce = 6;

/** Makes sources present in the store. Nothing is read or asked before a source is missing. */
export function openFetcher(
  settings: FetcherSettings,
): (sources: readonly Source[]) => Promise<ReadonlyMap<Sha256, string>> {
  const {store, signal, onEvent} = settings;
  let mirrors: Promise<DebianMirrors> | undefined;
  const underway = new Map<Sha256, Promise<void>>();
  const limit = pLimit(downloadsAtOnce);

  const fetch = async (sources: readonly Source[]): Promise<void> => {
    await fetchSources(sources, {
      sink: store.sources,
      mirrors: await (mirrors ??= findMirrors(settings)),
      signal,
      limit,
      nextSteps: (missing) => adviceOn(missing, settings.images),
      onEvent: (event) => onEvent({type: 'fetch', event}),
    });
  };
  return async (sources) => {
    // A stage asks twice, ahead of time and when it runs, and two stages may want one file: each is fetched once.
    const fresh = sources.filter((source) => !underway.has(source.sha256));
    const fetching = fetch(fresh);
    for (const source of fresh) underway.set(source.sha256, fetching);
    await Promise.all(sources.flatMap((source) => underway.get(source.sha256) ?? []));
    return new Map(sources.map((source) => [source.sha256, store.sources.pathOf(source.sha256)]));
  };
}

/** How to go on without packages that have left the mirrors. */
function adviceOn(
  missing: readonly Source[],
  images: ReadonlyMap<string, Image>,
): readonly string[] {
  return [...images.values()].flatMap(
    ({definition, lock}) => relockAdvice(definition.name, lock, missing) ?? [],
  );
}

async function findMirrors(settings: FetcherSettings): Promise<DebianMirrors> {
  const {debianMirror, images, projectFolder, onEvent} = settings;
  // The service is asked for the time at which the newest lock was made.
  const snapshot = [...images.values()]
    .map(({lock}) => lock.snapshot)
    .sort(compareCodeUnits)
    .at(-1);
  let keys: Promise<readonly KeyFile[]> | undefined;
  return discoverDebianMirrors(
    {
      ...(debianMirror !== undefined && {configured: debianMirror}),
      ...(snapshot !== undefined && {snapshot}),
      aptUris: await machineAptUris(),
      keys: () => (keys ??= readKeyring(projectFolder)),
    },
    {onNotice: (message) => onEvent({type: 'notice', message})},
  );
}

/** The archives that this machine's apt is configured with. */
export async function machineAptUris(): Promise<readonly string[]> {
  return parseAptUris(await readAptFiles(aptFolder));
}

const sourceSetNote = 'source-set';

/** The source set to use: the one asked for, else the one this store used before, else whichever can be reached. */
export async function rememberedSourceSet(
  wanted: SourceSet | 'auto',
  project: Project,
  {store, onEvent, signal}: Pick<FetcherSettings, 'store' | 'onEvent' | 'signal'>,
): Promise<SourceSet> {
  if (wanted !== 'auto') return wanted;
  const note = (await store.readNote(sourceSetNote))?.trim();
  const remembered = sourceSets.find((set) => set === note);
  if (remembered !== undefined) return remembered;
  const urls = [...project.recipes.values()].flatMap(({recipe}) => recipe.pins.upstream.urls);
  const {sourceSet, reason} = await chooseSourceSet('auto', urls, {signal});
  onEvent({type: 'notice', message: `sources: ${sourceSet} (${reason}); remembered in the store`});
  await store.writeNote(sourceSetNote, `${sourceSet}\n`);
  return sourceSet;
}
