import {readdir, readFile} from 'node:fs/promises';
import path from 'node:path';
import {compareCodeUnits} from '../core/digest.js';
import {failure, type Result} from '../core/errors.js';
import type {ImageDefinition} from '../debian/image-definition.js';
import {readImageDefinition} from '../debian/image-includes.js';
import {parseImageLock, relockCommand, type ImageLock} from '../debian/image-lock.js';
import type {KeyFile} from '../debian/in-release.js';
import type {ProjectFiles} from './project-files.js';

/** What lies in `docker/<name>/`. */
export interface ImageFolder {
  readonly name: string;
  /** Paths for messages, relative to the project. */
  readonly definitionFile: string;
  readonly lockFile: string;
  readonly definition: Result<ImageDefinition>;
  readonly lock: Result<ImageLock>;
  /** The text of the lock; `undefined` if the file does not exist. */
  readonly lockText: string | undefined;
}

/** The names of a project's images in a fixed order. */
export async function imageNames(files: ProjectFiles): Promise<readonly string[]> {
  return (await files.below('docker'))
    .filter((file) => path.basename(file) === 'image.yaml')
    .map((file) => path.relative('docker', path.dirname(file)));
}

/** Reads an image's definition and lock. A missing lock is reported like any other mistake. */
export async function readImageFolder(files: ProjectFiles, name: string): Promise<ImageFolder> {
  const definitionFile = `docker/${name}/image.yaml`;
  const lockFile = `docker/${name}/image.lock.json`;
  const lockText = await files.read(lockFile);
  const definition = await readImageDefinition(definitionFile, (file) => files.read(file));
  const missing = {file: lockFile, message: `There is no lock yet: run ${relockCommand(name)}.`};
  return {
    name,
    definitionFile,
    lockFile,
    definition: definition.ok ? checkName(definition.value, name, definitionFile) : definition,
    lock: lockText === undefined ? failure([missing]) : parseImageLock(lockText, lockFile),
    lockText,
  };
}

/** The Debian keys that a project trusts, in a fixed order; may be empty. */
export async function readKeyring(project: string): Promise<readonly KeyFile[]> {
  const folder = path.join(project, 'docker/keyrings');
  const names = await readdir(folder).catch(() => []);
  return Promise.all(
    names
      .filter((name) => name.endsWith('.asc'))
      .sort(compareCodeUnits)
      .map(async (name) => ({name, text: await readFile(path.join(folder, name), 'utf8')})),
  );
}

/** Messages and commands refer to an image by its folder. */
function checkName(
  definition: ImageDefinition,
  folder: string,
  file: string,
): Result<ImageDefinition> {
  if (definition.name === folder) return {ok: true, value: definition};
  const message = `"name" is ${definition.name}, expected the folder's name ${folder}`;
  return failure([{file, message}]);
}
