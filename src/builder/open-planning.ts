import type {SourceSet} from '../core/target.js';
import type {Project} from '../stages/project.js';
import {DiskStore} from '../store/disk-store.js';
import {rememberedSourceSet} from './choose-source-set.js';
import {loadProject} from './load-project.js';
import {openReporter} from './open-reporter.js';
import type {CommonOptions} from './options.js';

/** What a command needs that plans, but neither runs nor fetches anything. */
export interface Planning {
  readonly project: Project;
  readonly store: DiskStore;
  readonly sourceSet: SourceSet;
}

/** Reads the project, opens the store and chooses the source set. */
export async function openPlanning(options: CommonOptions, signal: AbortSignal): Promise<Planning> {
  const project = await loadProject(options.project);
  const store = await DiskStore.open(options.store);
  const reporter = await openReporter(options.progress);
  const settings = {store, onEvent: reporter.onEvent, signal};
  const sourceSet = await rememberedSourceSet(options, project, settings);
  reporter.close();
  return {project, store, sourceSet};
}
