import {rename, rm, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {asBuildError, BuildError, InputError, valueOrThrow} from '../../core/errors.js';
import {ownCommand} from '../../core/own-command.js';
import type {EventListener} from '../../core/events.js';
import {formatImageLock} from '../../debian/image-lock.js';
import {snapshotStamp} from '../../debian/image-sources.js';
import {RefusedReleaseError, type KeyFile} from '../../debian/in-release.js';
import {compareLocks, makeLock} from '../../debian/make-lock.js';
import type {PackageIndex} from '../../debian/package-index.js';
import {fetchPackageIndex, findSuite, type SignedSuite} from '../../fetch/fetch-suite.js';
import {DiskStore} from '../../store/disk-store.js';
import {imageNames, readImageFolder, readKeyring} from '../../builder/image-folder.js';
import {projectFiles} from '../../builder/project-files.js';
import {formatLock, locksAsJson, type ImageToLock, type NewLock} from './text.js';
import {projectFolder} from '../../builder/project-folder.js';
import {mirrorCandidates} from '../../builder/open-fetcher.js';
import {openReporter} from '../../builder/open-reporter.js';
import type {CommonOptions} from '../../builder/options.js';
import {print, printJson} from '../print.js';

/** The options of `ampoule image lock`, as the command line's parser leaves them. */
export interface ImageLockOptions extends Pick<
  CommonOptions,
  'store' | 'project' | 'debianMirror' | 'progress'
> {
  readonly check?: true;
  readonly allowExpired?: true;
  readonly allowOlder?: true;
  readonly json?: true;
}

/** With `--check`: a lock differs from the current state of its suite. The names were printed. */
export class LockOutdatedError extends BuildError {
  override readonly name = 'LockOutdatedError';
  readonly code = 'E_LOCK_OUTDATED';
}

/** Locks images again and prints the result of each. All locks are computed before the first is written. */
export async function runImageLock(
  names: readonly string[],
  options: ImageLockOptions,
  signal: AbortSignal,
): Promise<void> {
  const project = path.resolve(options.project ?? projectFolder);
  const reporter = await openReporter(options.progress);
  const images = await readImages(project, names, reporter.onEvent);
  const session = {
    options,
    signal,
    onEvent: reporter.onEvent,
    store: await DiskStore.open(options.store),
    keys: await readKeyring(project),
    now: new Date(),
  };
  const locks: NewLock[] = [];
  try {
    for (const group of bySuite(images)) locks.push(...(await lockSuite(group, session)));
  } finally {
    reporter.close();
  }
  signal.throwIfAborted();
  const outdated = locks.filter(({outcome}) => outcome !== 'unchanged');
  if (options.check !== true) {
    for (const lock of outdated) await writeLock(project, lock);
  }
  if (options.json === true) printJson(locksAsJson(locks));
  else print(locks.map(formatLock).join(''));
  if (options.check === true && outdated.length > 0) {
    throw new LockOutdatedError(
      `${outdated.length} of ${locks.length} locks would change: run \`${ownCommand('image lock')}\`.`,
    );
  }
}

async function readImages(
  project: string,
  names: readonly string[],
  onEvent: EventListener,
): Promise<readonly ImageToLock[]> {
  const files = projectFiles([project]);
  const known = await imageNames(files);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0 || known.length === 0) {
    const wanted =
      known.length === 0 ? `a folder with an image.yaml` : `one of ${known.join(', ')}`;
    throw new InputError([
      `unknown image ${unknown.join(', ')} in ${path.join(project, 'docker')}. Expected ${wanted}.`,
    ]);
  }
  const wanted = names.length === 0 ? known : known.filter((name) => names.includes(name));
  const folders = await Promise.all(wanted.map((name) => readImageFolder(files, name)));
  const mistakes = folders.flatMap(({definition}) => (definition.ok ? [] : definition.diagnostics));
  if (mistakes.length > 0) throw new InputError(mistakes);
  return folders.map((folder) => {
    const {lock, lockText, lockFile} = folder;
    if (!lock.ok && lockText !== undefined) {
      onEvent({type: 'notice', message: `${lockFile} cannot be read and is made from scratch`});
    }
    const definition = valueOrThrow(folder.definition);
    return {folder, definition, before: lock.ok ? lock.value : undefined};
  });
}

/** Images that use the same index files, so that each suite is read once. */
function bySuite(
  images: readonly ImageToLock[],
): readonly (readonly [ImageToLock, ...ImageToLock[]])[] {
  const groups = new Map<string, [ImageToLock, ...ImageToLock[]]>();
  for (const image of images) {
    const {suite, architecture} = image.definition;
    const group = groups.get(`${suite} ${architecture}`);
    if (group === undefined) groups.set(`${suite} ${architecture}`, [image]);
    else group.push(image);
  }
  return [...groups.values()];
}

interface LockSession {
  readonly options: ImageLockOptions;
  readonly signal: AbortSignal;
  readonly onEvent: EventListener;
  readonly store: DiskStore;
  readonly keys: readonly KeyFile[];
  readonly now: Date;
}

async function lockSuite(
  images: readonly [ImageToLock, ...ImageToLock[]],
  session: LockSession,
): Promise<readonly NewLock[]> {
  const {options, signal, onEvent, store, keys, now} = session;
  const {suite: name, architecture} = images[0].definition;
  const suite = await findSuite({
    suite: name,
    candidates: await mirrorCandidates(options.debianMirror, snapshotStamp(now)),
    keys,
    now,
    isExpiredAllowed: options.allowExpired === true,
    signal,
  });
  if (options.allowOlder !== true) images.forEach((image) => checkNotOlder(image, suite));
  onEvent({type: 'notice', message: `${name}: Release of ${suite.release.date} at ${suite.base}`});
  const index = await fetchPackageIndex(suite, architecture, {
    sink: store.sources,
    signal,
    onEvent: (event) => onEvent({type: 'fetch', event}),
  });
  return images.map((image) => lockImage(image, suite, {index, now}));
}

/**
 * Signatures of stable suites do not expire: without this check, a mirror could serve a state without later security
 * updates.
 */
function checkNotOlder({folder, before}: ImageToLock, {base, suite, release}: SignedSuite): void {
  if (before?.suite !== suite || release.date >= before.releaseDate) return;
  throw new RefusedReleaseError(
    `${base} has ${suite} of ${release.date}, but ${folder.lockFile} was made from that of ${before.releaseDate}`,
    'Name a mirror that is up to date with --debian-mirror, or take the older state with --allow-older.',
  );
}

function lockImage(
  image: ImageToLock,
  suite: SignedSuite,
  {index, now}: {readonly index: PackageIndex; readonly now: Date},
): NewLock {
  const {definition, before, folder} = image;
  const {release, releaseSha256, expiredSince} = suite;
  const origin = {
    snapshot: snapshotStamp(now),
    releaseDate: release.date,
    releaseSha256,
    ...(expiredSince !== undefined && {expiredSince}),
  };
  const made = valueOrThrow(makeLock(definition, index, {origin, file: folder.definitionFile}));
  const changes = compareLocks(before, made);
  const isUnchanged =
    before?.suite === made.suite &&
    before.architecture === made.architecture &&
    before.expiredSince === made.expiredSince &&
    formatImageLock({...before, packages: made.packages}) === folder.lockText;
  // If only the place or time of reading differs, the file stays as it is.
  const lock = isUnchanged ? before : made;
  const outcome = isUnchanged ? 'unchanged' : before === undefined ? 'new' : 'changed';
  return {image, suite, lock, changes, outcome};
}

/** Writes the file completely or not at all. */
async function writeLock(project: string, {image, lock}: NewLock): Promise<void> {
  const file = path.join(project, image.folder.lockFile);
  const temporary = path.join(path.dirname(file), `.image.lock.json.${process.pid}`);
  try {
    await writeFile(temporary, formatImageLock(lock));
    await rename(temporary, file);
  } catch (error) {
    throw asBuildError(error, `Writing ${file}`);
  } finally {
    await rm(temporary, {force: true});
  }
}
