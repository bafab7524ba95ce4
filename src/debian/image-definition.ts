import * as v from 'valibot';
import {messageOf, type Result} from '../core/errors.js';
import {
  checkItems,
  checkShape,
  choice,
  describe,
  isMap,
  list,
  map,
  optional,
  record,
  text,
  type Report,
  type TextForm,
} from '../data/schema.js';
import {parseYamlFile} from '../data/yaml-file.js';
import {canonicalise, mergedNames} from './image-path.js';

/**
 * `docker/<image>/image.yaml`: the content of a root file system. Paths are relative to its root, without a leading
 * slash.
 */
export interface ImageDefinition extends ImagePart {
  readonly name: string;
  /** The Debian suite, `trixie`. */
  readonly suite: string;
  readonly architecture: string;
  /** A `sysroot` keeps only lib, lib64, usr/include and usr/lib, with relative links. */
  readonly kind: 'rootfs' | 'sysroot';
  /** Whether /bin, /lib, /lib64 and /sbin are links into /usr. */
  readonly usr: 'merged' | 'split';
}

/** What images may have in common: a file that they include says it once. */
export interface ImagePart {
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

const content = text({pattern: /^/, wanted: 'a text'});
const path = text({pattern: /^[^/]/, wanted: "a path relative to the image's root"});

const packages = distinct(
  text({pattern: /^[a-z0-9][a-z0-9+.-]+$/, wanted: 'the name of a Debian package'}),
  'a list of names of Debian packages',
);

const partEntries = {
  exclude: describe(optional(distinct(path), []), 'Patterns of paths that are left out.'),
  files: describe(
    optional(record(v.string(), content, 'a map from path to text'), {}),
    'Files to write: their texts by path.',
  ),
  links: describe(
    optional(record(v.string(), content, 'a map from path to target'), {}),
    'Symbolic links to make: their targets by path.',
  ),
  directories: describe(
    optional(distinct(path), []),
    'Empty directories to make, such as mount points.',
  ),
  include: describe(
    v.optional(distinct(text({pattern: /^[^/].*\.yaml$/, wanted: 'a path relative to this file'}))),
    'Files with what this image has in common with others.',
  ),
};

/** The schema of a file that images include. */
export function imagePartSchema(usr: ImageDefinition['usr']) {
  return v.pipe(
    map({packages: optional(packages, []), ...partEntries}),
    checkShape((part, report) => reportPaths({...part, usr}, report)),
  );
}

/** The schema of an `image.yaml`. */
export const imageDefinitionSchema = v.pipe(
  map({
    name: describe(
      text({
        pattern: /^[a-z0-9][a-z0-9_-]*$/,
        wanted: 'the name of the folder: lower-case letters, digits, "_" and "-"',
      }),
      'The name of the folder.',
    ),
    suite: describe(text(suiteForm), 'The Debian suite.'),
    architecture: describe(text(architectureForm), 'The Debian architecture.'),
    kind: describe(
      choice(kinds),
      'A rootfs is kept whole. A sysroot keeps only lib, lib64, usr/include and usr/lib.',
    ),
    usr: describe(
      choice(usrForms),
      'Whether the suite has /bin, /lib, /lib64 and /sbin as links into /usr.',
    ),
    packages: describe(
      v.pipe(packages, v.nonEmpty('{parent} lacks "packages": a list of names of Debian packages')),
      'Packages to install. The lock lists them with all that they depend on.',
    ),
    ...partEntries,
  }),
  checkShape(reportPaths),
);

/** Reads the text of an `image.yaml`. Messages refer to it as `file`. */
export function parseImageDefinition(text: string, file: string): Result<ImageDefinition> {
  return parseYamlFile(imageDefinitionSchema, text, file);
}

/** The schema of a list without duplicates. */
function distinct(item: ReturnType<typeof text>, wanted?: string) {
  return v.pipe(
    list(item, wanted),
    checkItems((items, report) => {
      for (const [index, entry] of items.entries()) {
        if (items.indexOf(entry) === index) continue;
        report(`{title}: ${String(entry)} is here twice`, {value: [index]});
      }
    }),
  );
}

/** Reports paths that are not in canonical form, if the layout of the image is known. */
function reportPaths(image: Readonly<Record<string, unknown>>, report: Report): void {
  const usr = usrForms.find((form) => form === image['usr']);
  if (usr === undefined) return;
  for (const key of ['files', 'links']) {
    const paths = isMap(image[key]) ? Object.keys(image[key]) : [];
    for (const path of paths) {
      const mistake = pathMistake(path, usr);
      if (mistake !== undefined) report(mistake, {key: [key, path]});
    }
  }
  const {directories} = image;
  for (const [index, path] of Array.isArray(directories) ? directories.entries() : []) {
    const mistake = typeof path === 'string' ? pathMistake(path, usr) : undefined;
    if (mistake !== undefined) report(mistake, {value: ['directories', index]});
  }
}

/** Why a path is not in canonical form. */
function pathMistake(path: string, usr: ImageDefinition['usr']): string | undefined {
  let canonical: string;
  try {
    canonical = canonicalise(path, usr);
  } catch (error) {
    return `${path}: ${messageOf(error)}; write it relative to the image's root`;
  }
  if (canonical !== path) return `${path} is ${canonical} in this image: write that`;
  if (usr === 'merged' && mergedNames.includes(path)) return `${path} is a link in this image`;
  return undefined;
}
