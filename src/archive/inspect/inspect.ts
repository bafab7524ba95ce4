import path from 'node:path';
import {compareDottedVersions} from '../../elf/glibc-floor.js';
import {parseJson, textAt, valueAt} from '../json-value.js';
import {
  readComponents,
  readExtensions,
  sharedExtensionsIn,
  type Component,
  type Extension,
} from './extensions.js';
import {sizesByPart, type Part} from './parts.js';
import {scanArchive, type ArchiveScan, type LinkedElf} from './scan.js';

/** A fact about an archive, and where it was found. */
export interface Fact {
  readonly value: string;
  /** `PYTHON.json`, `distribution.json`, `patchlevel.h`, `file name`, `members`. */
  readonly from: string;
}

/** What an archive is and holds. */
export interface Inspection {
  readonly fileName: string;
  readonly compression: string;
  readonly archiveBytes: number;
  readonly unpackedBytes: number;
  readonly files: number;
  readonly links: number;
  readonly facts: Readonly<
    Record<'python' | 'target' | 'options' | 'flavour' | 'date', Fact | undefined>
  >;
  /** The glibc that it needs: the highest version of any file; `undefined` when no file needs one. */
  readonly glibc: string | undefined;
  readonly parts: readonly Part[];
  readonly extensions: readonly Extension[];
  readonly components: readonly Component[];
  readonly elfs: readonly LinkedElf[];
  /** What the archive does not show, as sentences. */
  readonly notKnown: readonly string[];
}

/**
 * Collects what an archive declares and what its bytes show. `scratchPath`: a folder for unnamed temporary files.
 * @throws ArchiveError when it cannot be read.
 */
export async function inspectArchive(archive: string, scratchPath: string): Promise<Inspection> {
  const scan = await scanArchive(archive, scratchPath);
  const pythonJson = parseJson(scan.pythonJson ?? '');
  const distributionJson = parseJson(scan.distributionJson ?? '');
  const components = readComponents(distributionJson);
  const extensions = readExtensions(pythonJson, components);
  const paths = scan.files.map((file) => file.path);
  const fileName = path.basename(archive);
  return {
    fileName,
    compression: scan.compression,
    archiveBytes: scan.archiveBytes,
    unpackedBytes: scan.files.reduce((sum, {sizeBytes}) => sum + sizeBytes, 0),
    files: scan.files.length,
    links: scan.links,
    facts: readFacts(scan, {pythonJson, distributionJson, fileName}),
    glibc: scan.elfs
      .flatMap(({glibc}) => glibc ?? [])
      .sort(compareDottedVersions)
      .at(-1),
    parts: sizesByPart(scan.files),
    extensions: extensions.length > 0 ? extensions : sharedExtensionsIn(paths),
    components,
    elfs: scan.elfs,
    notKnown: [
      ...(extensions.length > 0
        ? []
        : [
            'Which extension modules are built in: only the PYTHON.json of a full archive lists them.',
          ]),
      ...(components.length > 0
        ? []
        : ['Versions and sources of the libraries: there is no distribution.json of ours.']),
    ],
  };
}

interface Sayings {
  readonly pythonJson: unknown;
  readonly distributionJson: unknown;
  readonly fileName: string;
}

const namePattern =
  /^cpython-(?<python>[0-9][^+]*)\+(?<date>\d{8})-(?<target>.+?-(?:gnu|musl|gnueabihf|gnueabi|darwin|msvc)\w*)-(?<rest>.+)\.tar\.(?:zst|gz)$/;

function readFacts(scan: ArchiveScan, sayings: Sayings): Inspection['facts'] {
  const {pythonJson, distributionJson, fileName} = sayings;
  const name = namePattern.exec(fileName)?.groups ?? {};
  const inPythonJson = (key: string) => fact(textAt(pythonJson, key), 'PYTHON.json');
  const inDistribution = (key: string) => fact(textAt(distributionJson, key), 'distribution.json');
  const inName = (key: string) => fact(name[key], 'file name');
  const header = /^#define\s+PY_VERSION\s+"([^"]+)"/m.exec(scan.patchLevel ?? '')?.[1];
  return {
    python:
      inPythonJson('python_version') ??
      inDistribution('python') ??
      fact(header, 'patchlevel.h') ??
      inName('python'),
    target: inPythonJson('target_triple') ?? inDistribution('target_triple') ?? inName('target'),
    options:
      inPythonJson('build_options') ??
      inDistribution('build_options') ??
      fact(/^(.+)-full$/.exec(name['rest'] ?? '')?.[1], 'file name'),
    flavour: {value: flavourOf(scan), from: 'members'},
    date:
      fact(dayOf(valueAt(distributionJson, 'source_date_epoch')), 'distribution.json') ??
      (scan.mtimes.size === 1 ? fact(dayOf([...scan.mtimes][0]), 'members') : undefined) ??
      fact(name['date']?.replace(/^(....)(..)(..)$/, '$1-$2-$3'), 'file name'),
  };
}

function fact(value: string | undefined, from: string): Fact | undefined {
  return value === undefined ? undefined : {value, from};
}

function flavourOf({isFull, elfs}: ArchiveScan): string {
  if (isFull) return 'full';
  return elfs.some(({hasDebugInformation}) => hasDebugInformation)
    ? 'install_only'
    : 'install_only_stripped';
}

function dayOf(epochSeconds: unknown): string | undefined {
  // Times near 1970 mean "none".
  if (typeof epochSeconds !== 'number' || !(epochSeconds > 86_400)) return undefined;
  const time = new Date(epochSeconds * 1000);
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString().slice(0, 10);
}
