import * as v from 'valibot';
import {compareCodeUnits, type Sha256} from '../core/digest.js';
import type {Diagnostic, Result} from '../core/errors.js';
import {ownCommand} from '../core/own-command.js';
import {map, positiveInteger, record, sha256, text, type TextForm} from '../data/schema.js';
import {parseJsonText} from '../data/json-text.js';
import {parseYamlFile} from '../data/yaml-file.js';
import {architectureForm, suiteForm, type ImageDefinition} from './image-definition.js';

/** One package of a lock: exactly these bytes. */
export interface LockedPackage {
  readonly name: string;
  /** Debian's version, epoch included. */
  readonly version: string;
  readonly architecture: string;
  /** Below any Debian mirror: `pool/main/m/make-dfsg/make_4.4.1-2_amd64.deb`. */
  readonly poolPath: string;
  readonly sha256: Sha256;
  readonly sizeBytes: number;
}

/** `docker/<image>/image.lock.json`: the packages of an image. */
export interface ImageLock {
  readonly format: 1;
  readonly suite: string;
  readonly architecture: string;
  /** When the lock was made, as Debian's snapshot service writes it: `20261121T021500Z`. */
  readonly snapshot: string;
  /** The `Date` of the suite's Release file that the packages were taken from, ISO 8601. */
  readonly releaseDate: string;
  /** sha256 of that file, `dists/<suite>/InRelease`, as downloaded. */
  readonly releaseSha256: Sha256;
  /** That file's `Valid-Until`, ISO 8601, if it had already passed: the lock was made with `--allow-expired`. */
  readonly expiredSince?: string;
  /** In code-unit order of their names. */
  readonly packages: readonly LockedPackage[];
}

const dateForm: TextForm = {
  pattern: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
  wanted: 'an ISO time such as 2026-09-12T07:55:41Z',
};
const packageForm: TextForm = {
  pattern:
    /^[\w.+~:-]+ [a-z0-9]+ [0-9a-f]{64} [1-9]\d* pool\/(?!.*\/\.\.\/)([\w.+~%:-]+\/)+[\w.+~%:-]+\.deb$/,
  wanted: '"version architecture sha256 size path"',
};

const packages = v.pipe(
  record(v.string(), text(packageForm)),
  v.minEntries(1, '{title} must be a map that is not empty'),
  v.transform((entries) => Object.entries(entries).map(lockedPackage)),
);

const schema = v.pipe(
  map({
    format: v.pipe(positiveInteger(), v.literal(1, 'unknown lock format: lock the image again')),
    suite: text(suiteForm),
    architecture: text(architectureForm),
    snapshot: text({
      pattern: /^\d{8}T\d{6}Z$/,
      wanted: 'a time of the snapshot service: 20261121T021500Z',
    }),
    'release-date': text(dateForm),
    'release-sha256': sha256(),
    'expired-since': v.exactOptional(text(dateForm)),
    packages,
  }),
  v.transform(
    ({
      'release-date': releaseDate,
      'release-sha256': releaseSha256,
      'expired-since': expiredSince,
      ...lock
    }): ImageLock => ({
      ...lock,
      releaseDate,
      releaseSha256,
      ...(expiredSince !== undefined && {expiredSince}),
    }),
  ),
);

/** Reads the text of an `image.lock.json`. Messages refer to it as `file`. */
export function parseImageLock(text: string, file: string): Result<ImageLock> {
  const read = parseJsonText(file, text, schema);
  // Text of another form was edited or merged by hand: it may have a key twice, which JSON's parser does not see.
  if (read.ok && formatImageLock(read.value) === text) return read;
  // JSON is YAML too, and this parser tells the place of a mistake, but is 20 times as slow.
  return parseYamlFile(schema, text, file);
}

/** Formats a lock as the text of its file; equal locks give equal text. */
export function formatImageLock(lock: ImageLock): string {
  const packages = [...lock.packages].sort((left, right) =>
    compareCodeUnits(left.name, right.name),
  );
  const data = {
    format: lock.format,
    suite: lock.suite,
    architecture: lock.architecture,
    snapshot: lock.snapshot,
    'release-date': lock.releaseDate,
    'release-sha256': lock.releaseSha256,
    'expired-since': lock.expiredSince,
    // One text per package is one line of a diff.
    packages: Object.fromEntries(
      packages.map(({name, version, architecture, sha256, sizeBytes, poolPath}) => [
        name,
        `${version} ${architecture} ${sha256} ${sizeBytes} ${poolPath}`,
      ]),
    ),
  };
  return `${JSON.stringify(data, null, 2)}\n`;
}

/** The command that locks an image again, for messages. */
export function relockCommand(imageName: string): string {
  return `\`${ownCommand(`image lock ${imageName}`)}\``;
}

/** The reasons why a lock does not fit a definition and must be made again. */
export function checkLock(
  definition: ImageDefinition,
  lock: ImageLock,
  file: string,
): readonly Diagnostic[] {
  const relock = `run ${relockCommand(definition.name)}`;
  const names = new Set(lock.packages.map(({name}) => name));
  const messages = [
    ...(lock.suite === definition.suite
      ? []
      : [`The lock is of the suite ${lock.suite}, image.yaml wants ${definition.suite}`]),
    ...(lock.architecture === definition.architecture
      ? []
      : [`The lock is for ${lock.architecture}, image.yaml wants ${definition.architecture}`]),
    ...definition.packages
      .filter((name) => !names.has(name))
      .map((name) => `The lock does not have the package ${name} that image.yaml wants`),
  ];
  return messages.map((message) => ({file, message: `${message}: ${relock}.`}));
}

/** Parses a package's entry, which has already been validated. */
function lockedPackage([name, text]: readonly [string, string]): LockedPackage {
  const [version = '', architecture = '', digest = '', size = '', poolPath = ''] = text.split(' ');
  const sha256 = digest as Sha256;
  return {name, version, architecture, sha256, sizeBytes: Number(size), poolPath};
}
