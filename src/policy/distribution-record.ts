import type {ArchiveContents} from './archive-contents.js';

/** What rules read of `distribution.json`. */
export interface DistributionRecord {
  readonly python: string;
  readonly target_triple: string;
  readonly build_options: string;
  readonly glibc_max_symbol_version?: string;
  readonly build?: {
    /** The glibc that the build was limited to. */
    readonly glibcFloor?: string;
  };
  readonly overlays?: readonly {
    readonly name: string;
    /** The extension modules that it defines in another way. */
    readonly modules?: readonly string[];
  }[];
  readonly components: readonly {
    readonly name: string;
    readonly version?: string;
    readonly spdx?: string;
    readonly license_path: string;
  }[];
}

/** Where the archive has its texts. */
export function shareFolder({prefix}: ArchiveContents): string {
  return `${prefix}/share/ampoule`;
}

/** The path of the record. */
export function recordPath(archive: ArchiveContents): string {
  return `${shareFolder(archive)}/distribution.json`;
}

/** Reads the record; `undefined` if the file is missing or invalid. */
export function readRecord(archive: ArchiveContents): DistributionRecord | undefined {
  const text = archive.contents.get(recordPath(archive))?.toString('utf8');
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is DistributionRecord {
  if (!isObject(value) || value['format'] !== 1 || !Array.isArray(value['components']))
    return false;
  const components: readonly unknown[] = value['components'];
  return (
    ['python', 'target_triple', 'build_options'].every((key) => typeof value[key] === 'string') &&
    ['string', 'undefined'].includes(typeof value['glibc_max_symbol_version']) &&
    (value['build'] === undefined ||
      (isObject(value['build']) &&
        ['string', 'undefined'].includes(typeof value['build']['glibcFloor']))) &&
    isOverlays(value['overlays'] ?? []) &&
    components.every(
      (item) =>
        isObject(item) &&
        ['name', 'license_path'].every((key) => typeof item[key] === 'string') &&
        ['version', 'spdx'].every((key) => ['string', 'undefined'].includes(typeof item[key])),
    )
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function isOverlays(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.every(
      (item: unknown) =>
        isObject(item) &&
        typeof item['name'] === 'string' &&
        (item['modules'] === undefined || isTexts(item['modules'])),
    )
  );
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

/** The extension modules that the project's overlays define in another way: which they are is up to them. */
export function modulesOfOverlays(archive: ArchiveContents): ReadonlySet<string> {
  const {overlays = []} = readRecord(archive) ?? {};
  return new Set(overlays.flatMap(({modules = []}) => modules));
}
