import type {SourceSet} from '../core/target.js';
import type {Project} from '../stages/project.js';
import {DiskStore} from '../store/disk-store.js';
import {rememberedSourceSet} from './choose-source-set.js';
import {openProject} from './open-project.js';
import {openReporter} from './open-reporter.js';
import type {CommonOptions} from './options.js';

/** What a command needs that plans, but neither runs nor fetches anything. */
export interface Planning {
  readonly project: Project;
  readonly store: DiskStore;
  readonly sourceSet: SourceSet;
}

/** Reads the project, opens the store and chooses the source set. @param missingStore what happens if there is none. */
export async function openPlanning(
  options: CommonOptions,
  signal: AbortSignal,
  missingStore: 'make' | 'refuse',
): Promise<Planning> {
  const project = await openProject(options, signal);
  const store =
    missingStore === 'make'
      ? await DiskStore.open(options.store)
      : await DiskStore.openPresent(options.store);
  const reporter = await openReporter(options.progress);
  const message = project.pythonTree?.notice;
  if (message !== undefined) reporter.onEvent({type: 'notice', message});
  const settings = {store, onEvent: reporter.onEvent, signal};
  const sourceSet = await rememberedSourceSet(options, project, settings);
  reporter.close();
  return {project, store, sourceSet};
}
