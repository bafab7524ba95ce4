import {readFile, rename, rm, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {sha256} from '../core/digest.js';
import {InputError, valueOrThrow} from '../core/errors.js';
import {makeFolders} from '../files/make-folders.js';
import {
  parseProfileRecord,
  profileExtensions,
  profilePlace,
  renderProfileRecord,
  type ProfileRecord,
} from '../profile/profile-record.js';
import type {FrozenProfile, Project} from '../stages/project.js';

/** A profile with its bytes. */
export interface ProfileFiles extends FrozenProfile {
  /** The content of the compressed file. */
  readonly bytes: Uint8Array;
}

/**
 * Reads a profile and the record beside it.
 * @throws InputError if one is missing, the record has mistakes, or the profile is not the one that it names.
 */
export async function readProfileFiles(file: string): Promise<ProfileFiles> {
  const {profile, record: extension} = profileExtensions;
  if (!file.endsWith(profile)) {
    throw new InputError([`${file}: expected the name of a profile, which ends in ${profile}`]);
  }
  const recordFile = file.slice(0, -profile.length) + extension;
  const [bytes, yaml] = await Promise.all([read(file), read(recordFile)]);
  const record = valueOrThrow(parseProfileRecord(yaml.toString(), recordFile));
  const got = sha256(bytes);
  if (got !== record.sha256) {
    throw new InputError([
      `${file} is not the profile of ${recordFile}: expected sha256 ${record.sha256}, found ${got}`,
    ]);
  }
  return {record, bytes, hostPath: path.resolve(file)};
}

async function read(file: string): Promise<Buffer> {
  return readFile(file).catch((error: unknown) => {
    throw new InputError([`a profile is two files: ${(error as Error).message}`]);
  });
}

/** Writes both files of a profile to their place below a folder. @returns their absolute paths. */
export async function writeProfileFiles(
  folder: string,
  record: ProfileRecord,
  bytes: Uint8Array,
): Promise<readonly string[]> {
  const place = path.resolve(folder, profilePlace(record));
  await makeFolders(path.dirname(place));
  const contents = [
    [place + profileExtensions.profile, bytes],
    [place + profileExtensions.record, renderProfileRecord(record)],
  ] as const;
  const temporaryOf = (file: string) => `${file}.${process.pid}.new`;
  try {
    for (const [file, content] of contents) await writeFile(temporaryOf(file), content);
    for (const [file] of contents) await rename(temporaryOf(file), file);
  } finally {
    for (const [file] of contents) await rm(temporaryOf(file), {force: true});
  }
  return contents.map(([file]) => file);
}

/** A project with this profile in place of its own. */
export function withProfile(project: Project, profile: FrozenProfile): Project {
  const place = profilePlace(profile.record);
  return {...project, profiles: new Map([...project.profiles, [place, profile]])};
}
