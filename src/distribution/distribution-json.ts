import type {LicenceText} from './licences/licence-text.js';
import {licenceFileName} from './licences/licence-text.js';
import type {BuiltToolchain, ComponentSource, DistributionParameters} from './parameters.js';
import type {ProfileMatch} from './profile-match.js';
import {stringifySorted} from './python-json.js';

/**
 * The content of `share/ampoule/distribution.json`: a machine-readable record of what the distribution consists of and
 * how it was built. Paths are relative to the file. Contains no stage keys, only digests of sources and images.
 */
export function renderDistributionJson({
  parameters,
  licences,
  maximumGlibcVersion,
  usedBy,
  toolchainDigest,
  profileMatch,
}: {
  readonly parameters: DistributionParameters;
  readonly licences: readonly LicenceText[];
  readonly maximumGlibcVersion: string | undefined;
  /** Component to the owners that it is linked into: `core` and names of extension modules. */
  readonly usedBy: ReadonlyMap<string, readonly string[]>;
  /** The digest of the toolchain, if the parameters describe one. */
  readonly toolchainDigest: string | undefined;
  /** How a frozen profile fits. */
  readonly profileMatch: ProfileMatch | undefined;
}): string {
  const sources = new Map<string, readonly ComponentSource[]>([
    ['cpython', parameters.pythonSources],
    ...parameters.components.map(({name, sources: files}) => [name, files] as const),
  ]);
  return stringifySorted({
    format: 1,
    python: parameters.python,
    ...(parameters.ownTree === undefined
      ? {}
      : {own_tree: {built_like: parameters.ownTree.likePython}}),
    ...(parameters.overlays === undefined ? {} : {overlays: parameters.overlays}),
    target_triple: parameters.targetTriple,
    build_options: parameters.options,
    ...(parameters.profile === undefined
      ? {}
      : {
          profile: {
            ...parameters.profile,
            ...(profileMatch === undefined ? {} : {match: profileMatch}),
          },
        }),
    source_date_epoch: parameters.sourceDateEpoch,
    glibc_max_symbol_version: maximumGlibcVersion,
    components: licences.map(({component, version, spdx}) => ({
      name: component,
      ...(version === '' ? {} : {version}),
      ...(spdx === undefined ? {} : {spdx}),
      license_path: `licenses/${licenceFileName(component)}`,
      sources: (sources.get(component) ?? []).map(sourceAsJson),
      used_by: usedBy.get(component) ?? [],
    })),
    ...(parameters.toolchain === undefined
      ? {}
      : {toolchain: toolchainAsJson(parameters.toolchain, toolchainDigest)}),
    build: parameters.buildRecord,
  });
}

function toolchainAsJson(
  {name, components, seedPackages}: BuiltToolchain,
  digest: string | undefined,
): object {
  return {
    name,
    artifact_digest: digest,
    components: components.map((component) => ({
      name: component.name,
      version: component.version,
      sources: component.sources.map(sourceAsJson),
    })),
    seed_packages: seedPackages,
  };
}

function sourceAsJson({fileName, sha256, location}: ComponentSource): object {
  return {file_name: fileName, location, sha256};
}
