import {ask, type Engine} from './engine.js';
import {removeContainer} from './helper.js';
import {
  digestLabel,
  kindLabel,
  ofKind,
  ownerLabel,
  volumeLabel,
  workspaceLabel,
  type RunOwner,
} from './labels.js';
import {isAbandoned, removeVolume} from './volumes.js';

/** A container, image or volume that Ampoule made on an engine. */
export interface EngineThing {
  readonly kind: 'container' | 'image' | 'volume';
  readonly name: string;
}

/** Removes containers and unfinished volumes of dead runs; on a dry run only lists them. */
export async function clearLeftovers(
  engine: Engine,
  owner: RunOwner,
  action: 'remove' | 'tell',
): Promise<readonly EngineThing[]> {
  const isLeft = async (labels: Readonly<Record<string, string>>): Promise<boolean> => {
    const text = labels[ownerLabel];
    return text !== undefined && text !== owner.text && (await owner.isDead(text));
  };
  const found: EngineThing[] = [];
  const containers = await ask(engine, 'looking for containers', (docker) =>
    docker.listContainers({all: true, filters: {label: [kindLabel]}}),
  );
  for (const {Id: name, Labels: labels} of containers) {
    if (!(await isLeft(labels))) continue;
    if (action === 'remove') await removeContainer(engine, engine.docker.getContainer(name));
    found.push({kind: 'container', name});
  }
  const volumes = await listVolumes(engine);
  const full = fullVolumes(volumes);
  for (const {name, labels} of volumes) {
    if (full.has(name) || !(await isLeft(labels))) continue;
    if (action === 'remove' && !(await removeVolume(engine, name))) continue;
    found.push({kind: 'volume', name});
  }
  return found;
}

/**
 * Removes images and volumes whose artifacts are no longer needed, and what was kept for deleted workspaces of this
 * machine; on a dry run only lists them.
 * @param isWanted whether the store still has an artifact.
 */
export async function clearReusables(
  engine: Engine,
  isWanted: (digest: string) => Promise<boolean>,
  {action, machine}: {readonly action: 'remove' | 'tell'; readonly machine: string},
): Promise<readonly EngineThing[]> {
  const isIdle = async (labels: Readonly<Record<string, string>>): Promise<boolean> => {
    const wanted = await Promise.all((labels[digestLabel] ?? '').split(',').map(isWanted));
    return wanted.includes(false);
  };
  const found: EngineThing[] = [];
  const images = await ask(engine, 'looking for images', (docker) =>
    docker.listImages({filters: ofKind('rootfs')}),
  );
  for (const {Id: name, Labels: labels} of images) {
    if (!(await isIdle(labels))) continue;
    if (action === 'remove' && !(await removeImage(engine, name))) continue;
    found.push({kind: 'image', name});
  }
  // Pointers first: without a pointer, no run uses a volume.
  for (const {name, labels} of await listVolumes(engine)) {
    const workspace = labels[workspaceLabel];
    if (workspace !== undefined && (await isAbandoned(name, workspace, machine))) {
      if (action === 'tell' || (await removeVolume(engine, name))) {
        found.push({kind: 'volume', name});
      }
      continue;
    }
    const target = labels[volumeLabel];
    if (target === undefined || !(await isIdle(labels))) continue;
    if (action === 'remove') {
      await removeVolume(engine, name);
      if (!(await removeVolume(engine, target))) continue;
    }
    found.push({kind: 'volume', name: target});
  }
  return found;
}

async function removeImage(engine: Engine, id: string): Promise<boolean> {
  try {
    await engine.docker.getImage(id).remove({force: false});
    return true;
  } catch (error) {
    // Already removed, or in use by a container.
    const {statusCode} = error as {readonly statusCode?: number};
    if (statusCode === 404 || statusCode === 409) return false;
    return ask(engine, 'removing an image', () => Promise.reject(error as Error));
  }
}

interface ListedVolume {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

async function listVolumes(engine: Engine): Promise<readonly ListedVolume[]> {
  const {Volumes: volumes} = await ask(engine, 'looking for volumes', (docker) =>
    docker.listVolumes({filters: {label: [kindLabel]}}),
  );
  return volumes.map(({Name: name, Labels: labels}) => ({name, labels}));
}

function fullVolumes(volumes: readonly ListedVolume[]): ReadonlySet<string> {
  return new Set(volumes.flatMap(({labels}) => labels[volumeLabel] ?? []));
}
