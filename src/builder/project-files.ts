import {readdir, readFile, stat} from 'node:fs/promises';
import path from 'node:path';
import {compareCodeUnits} from '../core/digest.js';
import {InputError} from '../core/errors.js';
import type {TextFile} from '../data/yaml-layers.js';

/** A file of one layer. */
export interface LayerFile extends TextFile {
  /** The layer's index. */
  readonly layer: number;
}

/** The data files of a project, by their names below its folder. */
export interface ProjectFiles {
  /** The names of all files below a folder, in a fixed order; none when there is no such folder. */
  below(folder: string): Promise<readonly string[]>;
  /** The text of a file; `undefined` when there is no such file. */
  read(file: string): Promise<string | undefined>;
  /** The texts of a file in all layers that have it, the first layer's first. Names of overlays' files begin with their folder. */
  layersOf(file: string): Promise<readonly LayerFile[]>;
  /** Where a file is: an absolute path in the last layer that has it; `undefined` when none has. */
  find(file: string): Promise<string | undefined>;
}

/** The files of all layers, each a folder like Ampoule's own: a file of a later one takes the place of an earlier one's. */
export function projectFiles(layers: readonly string[]): ProjectFiles {
  const layersOf = async (file: string): Promise<readonly LayerFile[]> => {
    const texts = layers.map(async (folder, layer) => {
      const text = await readOptional(path.join(folder, file));
      const name = layer === 0 ? file : nameIn(folder, file);
      return text === undefined ? [] : [{file: name, text, layer}];
    });
    return (await Promise.all(texts)).flat();
  };
  return {
    layersOf,
    async below(folder) {
      const names = await Promise.all(layers.map((layer) => namesBelow(layer, folder)));
      return [...new Set(names.flat())].sort(compareCodeUnits);
    },
    read: async (file) => (await layersOf(file)).at(-1)?.text,
    async find(file) {
      for (const layer of layers.toReversed()) {
        const absolute = path.resolve(layer, file);
        const stats = await stat(absolute).catch(() => undefined);
        if (stats?.isFile() === true) return absolute;
      }
      return undefined;
    },
  };
}

/** A file of an overlay, as messages name it; never like one of the project. */
function nameIn(overlay: string, file: string): string {
  const name = path.join(overlay, file);
  return name === file ? `./${name}` : name;
}

/** Every file below a folder by its path relative to it; none when the folder is missing. */
export async function readTexts(
  files: ProjectFiles,
  folder: string,
): Promise<Readonly<Record<string, string>>> {
  const texts = (await files.below(folder)).map(
    async (file) => [path.relative(folder, file), (await files.read(file)) ?? ''] as const,
  );
  return Object.fromEntries(await Promise.all(texts));
}

async function namesBelow(layer: string, folder: string): Promise<readonly string[]> {
  const options = {recursive: true, withFileTypes: true} as const;
  const entries = await readdir(path.join(layer, folder), options).catch(() => []);
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(layer, path.join(entry.parentPath, entry.name)));
}

async function readOptional(file: string): Promise<string | undefined> {
  try {
    return asText(await readFile(file), file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Other bytes would become others on their way into a sandbox. */
function asText(bytes: Buffer, file: string): string {
  try {
    return new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(bytes);
  } catch {
    throw new InputError([`${file}: is no text in UTF-8. Encode it, with base64 for example.`]);
  }
}
