import type {LicenceText} from './licences.js';
import {licenceFileName} from './licences.js';
import type {ComponentSource, DistributionParameters} from './parameters.js';
import {stringifySorted} from './python-json.js';

/**
 * The content of `share/ampoule/distribution.json`: what the distribution consists of and how it was built, for
 * programs. Paths are relative to the file. It holds no stage key, only digests of sources and of images.
 */
export function renderDistributionJson({
  parameters,
  licences,
  maximumGlibcVersion,
  usedBy,
}: {
  readonly parameters: DistributionParameters;
  readonly licences: readonly LicenceText[];
  readonly maximumGlibcVersion: string | undefined;
  /** Component to what it is linked into: `core` and names of extension modules. */
  readonly usedBy: ReadonlyMap<string, readonly string[]>;
}): string {
  const sources = new Map<string, readonly ComponentSource[]>([
    ['cpython', parameters.pythonSources],
    ...parameters.components.map(({name, sources: files}) => [name, files] as const),
  ]);
  return stringifySorted({
    format: 1,
    python: parameters.python,
    target_triple: parameters.targetTriple,
    build_options: parameters.options,
    source_date_epoch: parameters.sourceDateEpoch,
    glibc_max_symbol_version: maximumGlibcVersion,
    components: licences.map(({component, version, spdx}) => ({
      name: component,
      ...(version === '' ? {} : {version}),
      ...(spdx === undefined ? {} : {spdx}),
      license_path: `licenses/${licenceFileName(component)}`,
      sources: (sources.get(component) ?? []).map(({fileName, sha256, location}) => ({
        file_name: fileName,
        location,
        sha256,
      })),
      used_by: usedBy.get(component) ?? [],
    })),
    build: parameters.buildRecord,
  });
}
