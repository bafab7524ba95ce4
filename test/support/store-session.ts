import {defaultStore} from '../../src/builder/default-store.js';
import {loadProject} from '../../src/builder/load-project.js';
import {usualOptions, type CommonOptions} from '../../src/builder/options.js';
import {openSession, type Session} from '../../src/builder/session.js';
import {InternalError} from '../../src/core/errors.js';
import type {BuildOutcome} from '../../src/scheduler/scheduler.js';
import type {Project} from '../../src/stages/project.js';
import {localTree, type LocalTree} from './local-tree.js';

/** A session in the user's store, as a build of this project would open it. */
export interface StoreSession {
  readonly options: CommonOptions;
  readonly project: Project;
  readonly session: Session;
}

/** Opens a session in the user's store: what is there is restored. */
export async function openStoreSession(changes: Partial<CommonOptions>): Promise<StoreSession> {
  const options: CommonOptions = {
    ...usualOptions,
    output: 'dist',
    executor: 'local',
    jobs: 2,
    store: process.env['AMPOULE_STORE'] ?? defaultStore() ?? '',
    progress: 'quiet',
    ...changes,
  };
  const project = await loadProject();
  const session = await openSession(options, project, new AbortController().signal);
  return {options, project, session};
}

/** Finds the artifacts of a run, by stage. */
export function treesOf(
  outcome: BuildOutcome,
  session: Session,
): (id: string) => Promise<LocalTree> {
  return async (id) => {
    const made = outcome.get(id);
    if (made?.kind === 'failed') throw made.error;
    if (made?.kind !== 'built' && made?.kind !== 'restored') throw new InternalError(id);
    return localTree(made.artifact, await session.store.materialise(made.artifact));
  };
}
