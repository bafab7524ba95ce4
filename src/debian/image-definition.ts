import type {Diagnostic, Result} from '../core/errors.js';
import {failure, success} from '../core/errors.js';
import {canonicalise, mergedNames} from './image-path.js';
import {YamlReader, type MapReader} from './yaml-reader.js';

/** `docker/<image>/image.yaml`: what a root file system is made of. Paths are below its root, without a leading slash. */
export interface ImageDefinition {
  readonly name: string;
  /** The Debian suite, `trixie`. */
  readonly suite: string;
  readonly architecture: string;
  /** A `sysroot` keeps only lib, lib64, usr/include and usr/lib, with relative links. */
  readonly kind: 'rootfs' | 'sysroot';
  /** Whether the suite has /bin, /lib, /lib64 and /sbin as links into /usr. */
  readonly usr: 'merged' | 'split';
  /** Packages asked for by name; the lock has them with all that they depend on. */
  readonly packages: readonly string[];
  /** Patterns of paths that are left out. */
  readonly exclude: readonly string[];
  /** Files by path: their text. */
  readonly files: Readonly<Record<string, string>>;
  /** Symbolic links by path: their target. */
  readonly links: Readonly<Record<string, string>>;
  /** Empty directories: mount points and the like. */
  readonly directories: readonly string[];
}

const packagePattern = /^[a-z0-9][a-z0-9+.-]+$/;

/** Reads the text of an `image.yaml`. `file` is the name that mistakes are reported under. */
export function parseImageDefinition(text: string, file: string): Result<ImageDefinition> {
  const reader = new YamlReader(text, file);
  const root = reader.root();
  if (root === undefined) return failure(reader.diagnostics);
  const usr = root.choice('usr', ['merged', 'split']);
  const definition = {
    name: root.text('name', /^[a-z0-9][a-z0-9_-]*$/),
    suite: root.text('suite', /^[a-z]+$/),
    architecture: root.text('architecture', /^[a-z0-9]+$/),
    kind: root.choice('kind', ['rootfs', 'sysroot']),
    usr,
    packages: root.textList('packages', packagePattern),
    exclude: root.optionalTextList('exclude', /^[^/]/),
    files: readPaths(root, 'files', usr),
    links: readPaths(root, 'links', usr),
    directories: root.optionalTextList('directories', /^[^/]/),
  };
  root.rejectOtherKeys(Object.keys(definition));
  checkDirectories(root, definition.directories, usr);
  return reader.diagnostics.length === 0 ? success(definition) : failure(reader.diagnostics);
}

function readPaths(
  root: MapReader,
  key: string,
  usr: ImageDefinition['usr'],
): Readonly<Record<string, string>> {
  const entries = root.optionalTextMap(key);
  for (const path of Object.keys(entries)) {
    const mistake = pathMistake(path, usr);
    if (mistake !== undefined) root.report([key, path], mistake);
  }
  return entries;
}

function checkDirectories(
  root: MapReader,
  directories: readonly string[],
  usr: ImageDefinition['usr'],
): void {
  for (const [index, path] of directories.entries()) {
    const mistake = pathMistake(path, usr);
    if (mistake !== undefined) root.report(['directories', index], mistake);
  }
}

function pathMistake(path: string, usr: ImageDefinition['usr']): Diagnostic['message'] | undefined {
  let canonical: string;
  try {
    canonical = canonicalise(path, usr);
  } catch (error) {
    return `${path}: ${error instanceof Error ? error.message : String(error)}; write it relative to the image's root.`;
  }
  if (canonical !== path) return `${path} is ${canonical} in this image: write that.`;
  if (usr === 'merged' && mergedNames.includes(path)) return `${path} is a link in this image.`;
  return undefined;
}
