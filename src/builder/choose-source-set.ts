import type {EventListener} from '../core/events.js';
import {sourceSets, type SourceSet} from '../core/target.js';
import {chooseSourceSet} from '../fetch/source-set.js';
import type {Recipe} from '../recipe/recipe.js';
import {selectSource, versionsOf} from '../recipe/select-source.js';
import type {Project} from '../stages/project.js';
import type {DiskStore} from '../store/disk-store.js';
import {unlessReadOnly} from '../store/read-only.js';
import type {CommonOptions} from './options.js';

/** What the choice depends on. */
export interface SourceSetSettings {
  readonly store: DiskStore;
  readonly onEvent: EventListener;
  readonly signal: AbortSignal;
}

const sourceSetNote = 'source-set';

/**
 * The source set to use: the requested one, else the one that this store used before, else the reachable one. Offline
 * it is the one of which the store has more sources.
 */
export async function rememberedSourceSet(
  options: Pick<CommonOptions, 'sources' | 'offline'>,
  project: Project,
  {store, onEvent, signal}: SourceSetSettings,
): Promise<SourceSet> {
  if (options.sources !== 'auto') return options.sources;
  const note = (await store.readNote(sourceSetNote))?.trim();
  const remembered = sourceSets.find((set) => set === note);
  if (remembered !== undefined) return remembered;
  if (options.offline === true) return fullerSourceSet(project, store);
  const urls = pinnedRecipes(project).flatMap(({pins}) => pins.upstream.urls);
  const {sourceSet, reason} = await chooseSourceSet('auto', urls, {signal});
  onEvent({type: 'notice', message: `sources: ${sourceSet} (${reason}); remembered in the store`});
  await unlessReadOnly(
    () => store.writeNote(sourceSetNote, `${sourceSet}\n`),
    () => undefined,
  );
  return sourceSet;
}

async function fullerSourceSet(project: Project, store: DiskStore): Promise<SourceSet> {
  const recipes = pinnedRecipes(project);
  const counts = await Promise.all(
    sourceSets.map(async (sourceSet) => {
      const present = await Promise.all(
        recipes.map((recipe) => store.sources.has(selectSource(recipe, sourceSet).source)),
      );
      return {sourceSet, count: present.filter((isThere) => isThere).length};
    }),
  );
  const [fullest] = counts.sort((left, right) => right.count - left.count);
  return fullest?.sourceSet ?? 'upstream';
}

function pinnedRecipes(project: Project): readonly Recipe[] {
  return [...project.recipes.values()].flatMap(({recipe}) => versionsOf(recipe));
}
