import type {Container, ContainerCreateOptions} from 'dockerode';
import {ask, type Engine} from './engine.js';
import {statusOf} from './engine-error.js';
import {kindLabel, ownerLabel, type LabelledKind, type RunOwner} from './labels.js';

/** What no container of ours may have. */
export const isolation = {
  NetworkMode: 'none',
  CapDrop: ['ALL'],
  // The engine's own profile refuses personality(ADDR_NO_RANDOMIZE), which training a compiler needs; a profile of ours
  // would be a list of all of Linux, and podman takes none over its socket. The other executor filters nothing either.
  SecurityOpt: ['no-new-privileges', 'seccomp=unconfined', 'label=disable'],
  LogConfig: {Type: 'none', Config: {}},
} satisfies ContainerCreateOptions['HostConfig'];

/** The labels of a thing that must not outlive this run. */
export function ownedLabels(kind: LabelledKind, owner: RunOwner): Record<string, string> {
  return {[kindLabel]: kind, [ownerLabel]: owner.text};
}

/** Makes a container, does something with it, and removes it with its own volumes, whatever happened. */
export async function withContainer<T>(
  engine: Engine,
  options: ContainerCreateOptions,
  use: (container: Container) => Promise<T>,
): Promise<T> {
  const container = await ask(engine, 'making a container', (docker) =>
    docker.createContainer(options),
  );
  let result: T;
  try {
    result = await use(container);
  } catch (error) {
    // What went wrong first is what is told; the next run clears what is left.
    await removeContainer(engine, container).catch(() => undefined);
    throw error;
  }
  await removeContainer(engine, container);
  return result;
}

/** Removes a container that may run, with its own volumes. It is no error when somebody else did. */
export async function removeContainer(engine: Engine, container: Container): Promise<void> {
  try {
    await container.remove({force: true, v: true});
  } catch (error) {
    const status = statusOf(error);
    if (status === 404 || status === 409) return;
    await ask(engine, 'removing a container', () => Promise.reject(error as Error));
  }
}
