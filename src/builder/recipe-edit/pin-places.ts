import type {SourceSet} from '../../core/target.js';
import type {YamlText} from '../../data/edit-yaml.js';
import type {Step} from '../../data/schema.js';
import type {Pins, Recipe, SourcePin} from '../../recipe/recipe.js';

/** One pin of a recipe, and where its keys stand in the text. */
export interface PlacedPin {
  /** The source sets that it is the pin of. */
  readonly sets: readonly SourceSet[];
  readonly pin: SourcePin;
  /** The map with its sha256. */
  readonly own: readonly Step[];
  /** The map around it, which may have the version; the same map if nothing is around it. */
  readonly around: readonly Step[];
  /** The map of what several versions have in common; the same map if there is none. */
  readonly common: readonly Step[];
}

/** The pins of one version of a recipe. */
export interface PlacedPins {
  readonly pins: Pins;
  readonly placed: readonly PlacedPin[];
}

/** The pins of each version of a recipe, in the order of the file. */
export function placePins(recipe: Recipe, text: YamlText): readonly PlacedPins[] {
  const hasVersions = text.has(['versions']);
  return recipe.versions.map((pins, index) => {
    const entry = hasVersions ? ['versions', index] : [];
    const common = hasVersions ? ['source'] : undefined;
    const sources = [...entry, 'sources'];
    if (!text.has(sources)) {
      const own = hasVersions ? entry : ['source'];
      const sets = ['upstream', 'debian'] as const;
      const places = {own, around: hasVersions ? own : entry, common: common ?? own};
      return {pins, placed: [{sets, pin: pins.upstream, ...places}]};
    }
    const placed = (['upstream', 'debian'] as const).map((set) => {
      const own = [...sources, set];
      return {sets: [set], pin: pins[set], own, around: entry, common: common ?? own};
    });
    return {pins, placed};
  });
}

/** The path of a key that applies to a pin; `undefined` if it has none. */
export function pathOfKey(
  key: 'version' | 'url' | 'debian' | 'suite',
  {own, around, common}: PlacedPin,
  text: YamlText,
): readonly Step[] | undefined {
  const fallback = key === 'version' ? around : common;
  return [
    [...own, key],
    [...fallback, key],
  ].find((path) => text.has(path));
}

/** The templates of a pin's URLs, or of its path below a Debian mirror. */
export function templatesOf(
  key: 'url' | 'debian',
  pin: PlacedPin,
  text: YamlText,
): readonly string[] {
  const path = pathOfKey(key, pin, text);
  return path === undefined ? [] : text.textsAt(path);
}
