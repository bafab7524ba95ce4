import {failure, success, type Result} from '../core/errors.js';
import {YamlReader, type MapReader, type TextForm} from '../data/yaml-reader.js';
import {canonicalise, mergedNames} from './image-path.js';

/**
 * `docker/<image>/image.yaml`: the content of a root file system. Paths are relative to its root, without a leading
 * slash.
 */
export interface ImageDefinition {
  readonly name: string;
  /** The Debian suite, `trixie`. */
  readonly suite: string;
  readonly architecture: string;
  /** A `sysroot` keeps only lib, lib64, usr/include and usr/lib, with relative links. */
  readonly kind: 'rootfs' | 'sysroot';
  /** Whether /bin, /lib, /lib64 and /sbin are links into /usr. */
  readonly usr: 'merged' | 'split';
  /** Packages requested by name; the lock adds their dependencies. */
  readonly packages: readonly string[];
  /** Patterns of excluded paths. */
  readonly exclude: readonly string[];
  /** Files by path: their text. */
  readonly files: Readonly<Record<string, string>>;
  /** Symbolic links by path: their target. */
  readonly links: Readonly<Record<string, string>>;
  /** Empty directories, such as mount points. */
  readonly directories: readonly string[];
}

const kinds = ['rootfs', 'sysroot'] as const;
const usrForms = ['merged', 'split'] as const;

/** The form of a suite's name. */
export const suiteForm: TextForm = {pattern: /^[a-z]+$/, wanted: 'the name of a Debian suite'};

/** The form of an architecture's name. */
export const architectureForm: TextForm = {
  pattern: /^[a-z0-9]+$/,
  wanted: 'a Debian architecture such as amd64',
};

const nameForm: TextForm = {
  pattern: /^[a-z0-9][a-z0-9_-]*$/,
  wanted: 'the name of the folder: lower-case letters, digits, "_" and "-"',
};
const packageForm: TextForm = {
  pattern: /^[a-z0-9][a-z0-9+.-]+$/,
  wanted: 'the name of a Debian package',
};
const pathForm: TextForm = {pattern: /^[^/]/, wanted: "a path relative to the image's root"};
const contentForm: TextForm = {pattern: /^/, wanted: 'a text'};

/** Reads the text of an `image.yaml`. Messages refer to it as `file`. */
export function parseImageDefinition(text: string, file: string): Result<ImageDefinition> {
  const reader = new YamlReader(text, file);
  const root = reader.root();
  const definition = root && readDefinition(root);
  if (definition === undefined || reader.diagnostics.length > 0) return failure(reader.diagnostics);
  return success(definition);
}

function readDefinition(root: MapReader): ImageDefinition | undefined {
  const name = root.text('name', nameForm);
  const suite = root.text('suite', suiteForm);
  const architecture = root.text('architecture', architectureForm);
  const kind = root.choice('kind', kinds);
  const usr = root.choice('usr', usrForms);
  if (root.list('packages').length === 0) {
    root.report('packages', `${root.title} lacks "packages": a list of names of Debian packages`);
  }
  const lists = {
    packages: readDistinct(root, 'packages', packageForm),
    exclude: readDistinct(root, 'exclude', pathForm),
    files: readPaths(root, 'files', usr),
    links: readPaths(root, 'links', usr),
    directories: readDistinct(root, 'directories', pathForm, (path) => pathMistake(path, usr)),
  };
  root.rejectOtherKeys();
  if (!name || !suite || !architecture || !kind || !usr) return undefined;
  return {name, suite, architecture, kind, usr, ...lists};
}

/** A list without duplicates. */
function readDistinct(
  root: MapReader,
  key: string,
  form: TextForm,
  mistakeOf: (text: string) => string | undefined = () => undefined,
): readonly string[] {
  const seen = new Set<string>();
  for (const node of root.list(key)) {
    const text = root.reader.text(node, `"${key}"`, form);
    if (text === undefined) continue;
    const mistake = seen.has(text) ? `"${key}": ${text} is here twice` : mistakeOf(text);
    if (mistake !== undefined) root.reader.report(node, mistake);
    seen.add(text);
  }
  return [...seen];
}

/** A map from path to text. */
function readPaths(
  root: MapReader,
  key: string,
  usr: ImageDefinition['usr'] | undefined,
): Readonly<Record<string, string>> {
  const entries = root.map(key)?.entries() ?? [];
  return Object.fromEntries(
    entries.flatMap(({key: path, keyNode, value}) => {
      const mistake = pathMistake(path, usr);
      if (mistake !== undefined) root.reader.report(keyNode, mistake);
      const text = root.reader.text(value, `"${path}"`, contentForm);
      return text === undefined ? [] : [[path, text] as const];
    }),
  );
}

/** Why a path is not written in its canonical form, which depends on the layout of the image. */
function pathMistake(path: string, usr: ImageDefinition['usr'] | undefined): string | undefined {
  if (usr === undefined) return undefined;
  let canonical: string;
  try {
    canonical = canonicalise(path, usr);
  } catch (error) {
    return `${path}: ${error instanceof Error ? error.message : String(error)}; write it relative to the image's root`;
  }
  if (canonical !== path) return `${path} is ${canonical} in this image: write that`;
  if (usr === 'merged' && mergedNames.includes(path)) return `${path} is a link in this image`;
  return undefined;
}
