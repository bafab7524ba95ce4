import type {Container, ContainerCreateOptions, HostConfig} from 'dockerode';
import {maskedDevicePaths, maskedPaths, readOnlyPaths} from '../kernel-paths.js';
import {ask, type Engine} from './engine.js';
import {statusOf} from './engine-error.js';
import {kindLabel, ownerLabel, type LabelledKind, type RunOwner} from './labels.js';

/**
 * Restrictions of every container.
 * @param seccomp the rules for system calls, see `placeProfile`; without it the engine's own apply.
 */
export function isolationOf(engine: Engine, seccomp?: string): HostConfig {
  const masked = [...maskedPaths, ...maskedDevicePaths];
  return {
    NetworkMode: 'none',
    CapDrop: ['ALL'],
    SecurityOpt: [
      ...['no-new-privileges', 'label=disable'],
      ...(seccomp === undefined ? [] : [`seccomp=${seccomp}`]),
      // It ignores the lists of paths. Of what may be read only, it leaves out just this one.
      ...(engine.isPodman ? [`mask=${[...masked, '/proc/pressure'].join(':')}`] : []),
    ],
    MaskedPaths: masked,
    ReadonlyPaths: [...readOnlyPaths],
    LogConfig: {Type: 'none', Config: {}},
  };
}

/** The labels of things that must not outlive this run. */
export function ownedLabels(kind: LabelledKind, owner: RunOwner): Record<string, string> {
  return {[kindLabel]: kind, [ownerLabel]: owner.text};
}

/** Makes a container, uses it, and always removes it with its anonymous volumes. */
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
    // The first error is reported; the next run removes leftovers.
    await removeContainer(engine, container).catch(() => undefined);
    throw error;
  }
  await removeContainer(engine, container);
  return result;
}

/** Removes a container, even a running one, with its anonymous volumes. Not an error if it is already gone. */
export async function removeContainer(engine: Engine, container: Container): Promise<void> {
  try {
    await container.remove({force: true, v: true});
  } catch (error) {
    const status = statusOf(error);
    if (status === 404 || status === 409) return;
    await ask(engine, 'removing a container', () => Promise.reject(error as Error));
  }
}
