import {compareCodeUnits, parseSha256, type Sha256} from '../core/digest.js';
import {failure, success, type Diagnostic, type Result} from '../core/errors.js';
import type {ImageDefinition} from './image-definition.js';
import {YamlReader, type MapReader} from './yaml-reader.js';

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

/** `docker/<image>/image.lock.yaml`: the packages that an image is unpacked from. */
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
  /** In code-unit order of their names. */
  readonly packages: readonly LockedPackage[];
}

const keys = [
  'format',
  'suite',
  'architecture',
  'snapshot',
  'release-date',
  'release-sha256',
  'packages',
];
const sha256Pattern = /^[0-9a-f]{64}$/;

/** Reads the text of an `image.lock.yaml`. `file` is the name that mistakes are reported under. */
export function parseImageLock(text: string, file: string): Result<ImageLock> {
  const reader = new YamlReader(text, file);
  const root = reader.root();
  if (root === undefined) return failure(reader.diagnostics);
  if (root.integer('format') !== 1) {
    root.report(['format'], 'This lock has a format that is not known here: make it anew.');
  }
  const packages = readPackages(root);
  const releaseSha256 = parseSha256(root.text('release-sha256', sha256Pattern));
  const lock = {
    format: 1 as const,
    suite: root.text('suite', /^[a-z]+$/),
    architecture: root.text('architecture', /^[a-z0-9]+$/),
    snapshot: root.text('snapshot', /^\d{8}T\d{6}Z$/),
    releaseDate: root.text('release-date', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    packages,
  };
  root.rejectOtherKeys(keys);
  if (reader.diagnostics.length > 0 || releaseSha256 === undefined) {
    return failure(reader.diagnostics);
  }
  return success({...lock, releaseSha256});
}

/** Writes a lock as the text of its file: the same lock, the same text. */
export function formatImageLock(lock: ImageLock): string {
  const packages = [...lock.packages].sort((left, right) =>
    compareCodeUnits(left.name, right.name),
  );
  return [
    '# Written by `ampoule image lock`: change image.yaml and lock again, never this file.',
    `format: ${lock.format}`,
    `suite: ${lock.suite}`,
    `architecture: ${lock.architecture}`,
    `snapshot: ${lock.snapshot}`,
    `release-date: '${lock.releaseDate}'`,
    `release-sha256: '${lock.releaseSha256}'`,
    '# name: version architecture sha256 size path',
    'packages:',
    // One text per package: ten times as fast to read as a map each, and one line per package in a diff.
    ...packages.map(
      (entry) =>
        `  ${entry.name}: ${entry.version} ${entry.architecture} ${entry.sha256} ${entry.sizeBytes} ${entry.poolPath}`,
    ),
    '',
  ].join('\n');
}

/** What keeps a lock from serving a definition: each is a reason to lock again. */
export function checkLock(
  definition: ImageDefinition,
  lock: ImageLock,
  file: string,
): readonly Diagnostic[] {
  const relock = `run \`ampoule image lock ${definition.name}\``;
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

function readPackages(root: MapReader): readonly LockedPackage[] {
  const lines = Object.entries(root.optionalTextMap('packages'));
  if (lines.length === 0) root.report(['packages'], 'packages must be a map that is not empty.');
  return lines.flatMap(([name, line]) => {
    const [version = '', architecture = '', digest = '', size = '', poolPath = '', ...rest] =
      line.split(' ');
    const sha256 = parseSha256(digest);
    const isWellFormed =
      /^[\w.+~:-]+$/.test(version) &&
      /^[a-z0-9]+$/.test(architecture) &&
      /^[1-9]\d*$/.test(size) &&
      /^pool\/(?:[\w.+~%:-]+\/)+[\w.+~%:-]+\.deb$/.test(poolPath) &&
      !poolPath.includes('/../') &&
      rest.length === 0;
    if (isWellFormed && sha256 !== undefined) {
      return [{name, version, architecture, sha256, sizeBytes: Number(size), poolPath}];
    }
    root.report(
      ['packages', name],
      `packages: ${name} must be "version architecture sha256 size path".`,
    );
    return [];
  });
}
