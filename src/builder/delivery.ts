import {chmod, constants, copyFile, rename, rm, stat, utimes} from 'node:fs/promises';
import path from 'node:path';
import type {ArtifactDigest} from '../core/digest.js';
import {BuildError} from '../core/errors.js';
import type {DeliveredArchive} from '../core/events.js';
import {outputTemporary} from '../store/clear-leftovers.js';
import type {FileHashes} from '../store/file-hashes.js';
import {asFullDisk} from '../store/full-disk.js';
import {ownerName} from '../store/owner.js';
import {digestOfFile} from '../store/tree.js';
import {addChecksums, checksumsName, readChecksums} from './checksums.js';

/** One archive to copy out of the store. */
export interface Delivery {
  /** The artifact whose only file it is. */
  readonly artifact: ArtifactDigest;
  readonly fileName: string;
  /** Its path in the store. */
  readonly source: string;
  /** The time of the delivered file, in seconds since 1970. */
  readonly date: number;
}

/** How the archives of a build are delivered. */
export interface DeliverySettings {
  /** The output folder. */
  readonly folder: string;
  readonly hashes: FileHashes;
  /** `again`: present files are read completely, whatever is remembered of them. */
  readonly reading: 'again' | 'if changed';
  readonly umask: number;
  readonly signal: AbortSignal;
  readonly onNotice: (message: string) => void;
}

/** The archive as it lies in the output folder; `undefined` if it is not there, or with other bytes. */
export async function deliveredFile(
  {artifact, fileName}: Delivery,
  {folder, hashes, reading}: DeliverySettings,
): Promise<DeliveredArchive | undefined> {
  const file = path.join(folder, fileName);
  const sha256 = await hashes.of(file, reading);
  const isWanted = sha256 !== undefined && digestOfFile(fileName, sha256) === artifact;
  return isWanted ? {path: file, sizeBytes: (await stat(file)).size, sha256} : undefined;
}

/** Copies an archive out of the store unless it is there already, and adds its checksum to those of the folder. */
export async function deliver(
  delivery: Delivery,
  settings: DeliverySettings,
): Promise<DeliveredArchive> {
  const {folder, signal, umask} = settings;
  const present = await deliveredFile(delivery, settings);
  // It may be another user's.
  if (present !== undefined) await setDate(present.path, delivery.date).catch(() => undefined);
  const delivered = present ?? (await copy(delivery, settings));
  const added = new Map([[delivery.fileName, delivered.sha256]]);
  await addChecksums(folder, added, {mode: 0o666 & ~umask, signal});
  return delivered;
}

/** Earlier versions wrote a part of the digest into the time. */
async function setDate(file: string, date: number): Promise<void> {
  if ((await stat(file)).mtimeMs !== date * 1000) await utimes(file, date, date);
}

/** Says that a present file is damaged. Only its checksum shows that: it may be of another build. */
export async function noticeDamage(delivery: Delivery, settings: DeliverySettings): Promise<void> {
  if ((await deliveredFile(delivery, settings)) !== undefined) return;
  const {fileName} = delivery;
  const {folder, hashes, onNotice} = settings;
  const got = await hashes.of(path.join(folder, fileName), 'if changed');
  const wanted = (await readChecksums(folder)).get(fileName);
  if (got === undefined || wanted === undefined || got === wanted) return;
  const digits = (sum: string): string => sum.slice(0, 12);
  onNotice(
    `damaged  ${path.join(folder, fileName)}: ${checksumsName} has ${digits(wanted)}, found ${digits(got)}; ` +
      'it is copied again',
  );
}

async function copy(
  {artifact, date, fileName, source}: Delivery,
  {folder, hashes, umask}: DeliverySettings,
): Promise<DeliveredArchive> {
  const temporary = path.join(folder, outputTemporary(await ownerName(), fileName));
  const destination = path.join(folder, fileName);
  try {
    await copyFile(source, temporary, constants.COPYFILE_FICLONE);
    const sha256 = await hashes.of(temporary, 'again');
    if (sha256 === undefined || digestOfFile(fileName, sha256) !== artifact) {
      throw new DeliveryError(
        `${destination} was not written as it was read (sha256 ${sha256 ?? 'of nothing'}).\n` +
          'The disk, its connection or the memory is faulty. Next: name a folder on another disk with --output.',
      );
    }
    await chmod(temporary, 0o666 & ~umask);
    await utimes(temporary, date, date);
    await rename(temporary, destination);
    return {path: destination, sizeBytes: (await stat(destination)).size, sha256};
  } catch (error) {
    throw (await asFullDisk(error, folder, '--output')) ?? error;
  } finally {
    await rm(temporary, {force: true});
  }
}

/** An archive could not be copied into the output folder. */
class DeliveryError extends BuildError {
  override readonly name = 'DeliveryError';
  readonly code = 'E_DELIVERY';
}
