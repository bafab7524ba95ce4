import {compareCodeUnits} from '../../core/digest.js';
import {entriesAt, itemsAt, textAt, textsAt, valueAt} from '../json-value.js';

/** A component of a distribution, with its licence and sources. */
export interface Component {
  readonly name: string;
  readonly version: string | undefined;
  /** SPDX expression. */
  readonly licence: string | undefined;
  readonly sources: readonly {
    readonly fileName: string;
    readonly location: string;
    readonly sha256: string;
  }[];
}

/** One extension module. */
export interface Extension {
  readonly name: string;
  /** `core`: always in the interpreter. `built in`: linked into it. `shared`: a file of its own. */
  readonly linkage: 'core' | 'built in' | 'shared';
  /** The libraries that are linked into it, without the system's: `ssl`, `crypto`. */
  readonly libraries: readonly string[];
  /** The components that provide those libraries: `openssl`. */
  readonly components: readonly Pick<Component, 'name' | 'version'>[];
  readonly licences: readonly string[];
}

/** The components that `distribution.json` names. */
export function readComponents(distributionJson: unknown): readonly Component[] {
  return itemsAt(distributionJson, 'components').flatMap((entry) => {
    const name = textAt(entry, 'name');
    if (name === undefined) return [];
    const sources = itemsAt(entry, 'sources').map((source) => ({
      fileName: textAt(source, 'file_name') ?? '',
      location: textAt(source, 'location') ?? '',
      sha256: textAt(source, 'sha256') ?? '',
    }));
    return [{name, version: textAt(entry, 'version'), licence: textAt(entry, 'spdx'), sources}];
  });
}

/** The extension modules that PYTHON.json names, sorted by name. */
export function readExtensions(
  pythonJson: unknown,
  components: readonly Component[],
): readonly Extension[] {
  return entriesAt(pythonJson, 'build_info', 'extensions')
    .flatMap(([name, variants]) =>
      (Array.isArray(variants) ? variants : []).map((variant: unknown) =>
        readExtension(name, variant, components),
      ),
    )
    .sort((left, right) => compareCodeUnits(left.name, right.name));
}

function readExtension(module: string, json: unknown, components: readonly Component[]): Extension {
  const variant = textAt(json, 'variant') ?? 'default';
  const isShared = textAt(json, 'shared_lib') !== undefined;
  // The texts are named after the component: licenses/LICENSE.openssl.txt.
  const names = textsAt(json, 'license_paths').flatMap(
    (path) => /(?:^|\/)LICENSE\.(.+)\.txt$/.exec(path)?.[1] ?? [],
  );
  return {
    name: variant === 'default' ? module : `${module} (${variant})`,
    linkage: valueAt(json, 'in_core') === true ? 'core' : isShared ? 'shared' : 'built in',
    libraries: itemsAt(json, 'links')
      .filter((link) => valueAt(link, 'system') !== true)
      .flatMap((link) => textAt(link, 'name') ?? []),
    components: names.map((name) => ({
      name,
      version: components.find((component) => component.name === name)?.version,
    })),
    licences: textsAt(json, 'licenses'),
  };
}

/** The extension modules in files of their own, for archives without a PYTHON.json. */
export function sharedExtensionsIn(paths: readonly string[]): readonly Extension[] {
  return paths
    .flatMap((path) => /\/lib-dynload\/([^/.]+)\.[^/]*so$/.exec(path)?.[1] ?? [])
    .sort(compareCodeUnits)
    .map((name) => ({name, linkage: 'shared', libraries: [], components: [], licences: []}));
}
