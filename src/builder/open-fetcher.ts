import pLimit from 'p-limit';
import {compareCodeUnits, type Sha256} from '../core/digest.js';
import type {EventListener} from '../core/events.js';
import {localLocationOf, type Source} from '../core/source.js';
import {relockAdvice, snapshotUrl} from '../debian/image-sources.js';
import type {KeyFile} from '../debian/in-release.js';
import {parseAptUris, readAptFiles} from '../fetch/apt-configuration.js';
import {takeCredentials} from '../fetch/credentials.js';
import {discoverDebianMirrors, type DebianMirrors} from '../fetch/debian-mirrors.js';
import {missingSourcesText, SourcesMissingError} from '../fetch/fetch-error.js';
import {absentSources, fetchSources} from '../fetch/fetch-sources.js';
import type {Image} from '../stages/project.js';
import type {DiskStore} from '../store/disk-store.js';
import {unlessReadOnly} from '../store/read-only.js';
import {readKeyring} from './image-folder.js';
import {storeLocalSource} from './store-local-source.js';

/** Settings for downloads. */
export interface FetcherSettings {
  readonly store: DiskStore;
  /** The mirror that the user named. */
  readonly debianMirror: string | undefined;
  readonly images: ReadonlyMap<string, Image>;
  /** The folder with `docker/keyrings`, which decide whether a mirror of apt is trusted. */
  readonly projectFolder: string;
  /** If set, no host is contacted; a missing source is an error that suggests this command. */
  readonly offline?: {readonly fetchCommand: string};
  readonly onEvent: EventListener;
  readonly signal: AbortSignal;
}

const aptFolder = '/etc/apt';
const downloadsAtOnce = 6;

/** Makes sources present in the store. Nothing is read or requested unless a source is missing. */
export function openFetcher(
  settings: FetcherSettings,
): (sources: readonly Source[]) => Promise<ReadonlyMap<Sha256, string>> {
  const {store, signal, onEvent} = settings;
  let mirrors: Promise<DebianMirrors> | undefined;
  const underway = new Map<Sha256, Promise<void>>();
  const limit = pLimit(downloadsAtOnce);

  const fetch = async (wanted: readonly Source[]): Promise<void> => {
    await Promise.all(wanted.map((source) => limit(() => checkSource(source, settings))));
    for (const source of wanted) {
      const location = localLocationOf(source);
      if (location !== undefined && !(await store.sources.has(source))) {
        await storeLocalSource(source, location, store.sources, signal);
      }
    }
    const sources = wanted.filter((source) => localLocationOf(source) === undefined);
    if (settings.offline !== undefined) {
      const absent = await absentSources(sources, store.sources);
      if (absent.length === 0) return;
      throw await sourcesMissing(absent, store, settings.offline.fetchCommand);
    }
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
    // A stage requests its sources twice, ahead of time and when it runs, and two stages may need one file: each is
    // fetched once.
    const fresh = sources.filter((source) => !underway.has(source.sha256));
    const fetching = fetch(fresh);
    for (const source of fresh) underway.set(source.sha256, fetching);
    await Promise.all(sources.flatMap((source) => underway.get(source.sha256) ?? []));
    return new Map(sources.map((source) => [source.sha256, store.sources.pathOf(source.sha256)]));
  };
}

/** The error about sources that are missing offline, with the whole list in a file of the store. */
export async function sourcesMissing(
  sources: readonly Source[],
  store: DiskStore,
  fetchCommand: string,
): Promise<SourcesMissingError> {
  const listPath = await unlessReadOnly<string | undefined>(
    () => store.writeNote('missing-sources', missingSourcesText(sources)),
    () => undefined,
  );
  return new SourcesMissingError(sources, {fetchCommand, listPath});
}

/** A source is verified completely before use: a stage must not unpack anything but the pinned file. */
async function checkSource(source: Source, settings: FetcherSettings): Promise<void> {
  const {store, signal, onEvent, offline} = settings;
  const problem = await store.sources.discardIfDamaged(source, signal);
  if (problem === undefined) return;
  const isLocal = localLocationOf(source) !== undefined;
  const again = isLocal ? 'it is copied again' : 'it is downloaded again';
  const next = offline === undefined || isLocal ? again : 'it was removed';
  onEvent({type: 'notice', message: `damaged  source ${source.fileName}: ${problem}; ${next}`});
}

/** What to do if packages have disappeared from the mirrors. */
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
  const snapshot = newestSnapshot(images);
  let keys: Promise<readonly KeyFile[]> | undefined;
  return discoverDebianMirrors(
    {
      ...(debianMirror !== undefined && {
        configured: takeCredentials(debianMirror, '--debian-mirror'),
      }),
      ...(snapshot !== undefined && {snapshot}),
      aptUris: await machineAptUris(),
      keys: () => (keys ??= readKeyring(projectFolder)),
    },
    {onNotice: (message) => onEvent({type: 'notice', message})},
  );
}

/** The time at which the newest lock was made, in the format of Debian's snapshot service; `undefined` without locks. */
export function newestSnapshot(images: ReadonlyMap<string, Image>): string | undefined {
  return [...images.values()]
    .map(({lock}) => lock.snapshot)
    .sort(compareCodeUnits)
    .at(-1);
}

/** A place that may have Debian's archive. */
export interface MirrorCandidate {
  readonly base: string;
  /** Whether the user named it. */
  readonly isNamed: boolean;
}

/** The places that may have Debian's archive: the named one, those of this machine's apt, Debian's snapshot service. */
export async function mirrorCandidates(
  named: string | undefined,
  snapshot: string,
): Promise<readonly MirrorCandidate[]> {
  const base = (url: string): string => url.replace(/\/+$/, '');
  return [
    ...(named === undefined
      ? []
      : [{base: base(takeCredentials(named, '--debian-mirror')), isNamed: true}]),
    ...(await machineAptUris()).map((uri) => ({base: base(uri), isNamed: false})),
    {base: base(snapshotUrl(snapshot, '')), isNamed: false},
  ];
}

/** The archives in the configuration of this machine's apt. */
export async function machineAptUris(): Promise<readonly string[]> {
  const uris = parseAptUris(await readAptFiles(aptFolder));
  return uris.map((uri) => takeCredentials(uri, aptFolder));
}
