import type {Source, SourceLocation} from '../core/source.js';
import type {SourceSet} from '../core/target.js';
import type {Recipe, SourcePin} from './recipe.js';

/** The download that a build uses, with its metadata. */
export interface SelectedSource {
  readonly source: Source;
  readonly version: string;
  /** ISO day of the newest file inside. */
  readonly date: string;
  /** Seconds since 1970: the first second of that day, UTC. */
  readonly sourceDateEpoch: number;
}

/**
 * The download of a source set. Every recipe pins both sets (the parser checks it), so there is no fallback to another
 * version. If both sets share a pin, the set only decides which location is tried first.
 */
export function selectSource(recipe: Recipe, sourceSet: SourceSet): SelectedSource {
  const pin = recipe.pins[sourceSet];
  return {
    source: {
      fileName: fileNameOf(pin),
      sha256: pin.sha256,
      sizeBytes: pin.sizeBytes,
      locations: locationsOf(pin, sourceSet),
    },
    version: pin.version,
    date: pin.date,
    sourceDateEpoch: Date.parse(pin.date) / 1000,
  };
}

/** The file below `/src` that a developer's tree is packed as. */
export const packedTreeName = 'own-tree.tar';

/** The recipe once for each of its versions, with that version's pins. */
export function versionsOf(recipe: Recipe): readonly Recipe[] {
  return recipe.versions.map((pins) => ({...recipe, pins}));
}

/**
 * The name below `/src`: the same for both source sets if they share a pin, so that the rendered script is the same
 * too.
 */
function fileNameOf(pin: SourcePin): string {
  if (pin.tree !== undefined) return packedTreeName;
  const [address = pin.debian?.poolPath ?? ''] = pin.urls;
  return address.slice(address.lastIndexOf('/') + 1);
}

function locationsOf(pin: SourcePin, sourceSet: SourceSet): readonly SourceLocation[] {
  if (pin.tree !== undefined) return [{kind: 'tree', folder: pin.tree}];
  const upstream = pin.urls.map((url) => ({kind: 'url', url}) as const);
  const debian = pin.debian === undefined ? [] : [{kind: 'debian', ...pin.debian} as const];
  return sourceSet === 'debian' ? [...debian, ...upstream] : [...upstream, ...debian];
}
