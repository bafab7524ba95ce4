import type {MountSettings} from 'dockerode';
import {randomUUID} from 'node:crypto';
import {readdir, readFile, writeFile} from 'node:fs/promises';
import path from 'node:path';
import type {Readable} from 'node:stream';
import {sha256} from '../../core/digest.js';
import {keptVolumeNote} from '../../core/kept-volume.js';
import type {PreparedMount} from '../workspace.js';
import {ask, type Engine} from './engine.js';
import {statusOf} from './engine-error.js';
import {ownedLabels, withContainer} from './helper.js';
import {digestLabel, kindLabel, volumeLabel, workspaceLabel, type RunOwner} from './labels.js';
import {packTrees} from './pack-tree.js';

const rootOwned = {prefix: '', owner: 'root'} as const;

/** What is needed to make volumes for a run. */
export interface VolumeSettings {
  readonly engine: Engine;
  /** Any image: containers are made from it but not started. */
  readonly image: string;
  readonly owner: RunOwner;
  readonly signal: AbortSignal;
}

/**
 * A volume with the artifacts of a mount, filled once and reused by later runs. A volume is complete when a pointer
 * refers to it: an empty volume that is named after the digests and whose label is the name of the complete one. If
 * several runs fill one at once, the first to make the pointer wins, and a killed run leaves no incomplete volume in
 * use.
 */
export async function inputVolume(mount: PreparedMount, settings: VolumeSettings): Promise<string> {
  const {engine, owner} = settings;
  const digests = mount.digests.join(',');
  const pointer = `ampoule-${sha256(digests).slice(0, 32)}`;
  const known = await pointedAt(engine, pointer);
  if (known !== undefined) return known;
  const name = `ampoule-${randomUUID()}`;
  await ask(engine, 'making a volume', (docker) =>
    docker.createVolume({
      Name: name,
      Labels: {...ownedLabels('input', owner), [digestLabel]: digests},
    }),
  );
  await fillVolumes(new Map([[name, packTrees([{hostPath: mount.hostPath, packing: rootOwned}])]]), settings);
  await ask(engine, 'making a volume', (docker) =>
    docker.createVolume({
      Name: pointer,
      Labels: {[kindLabel]: 'pointer', [digestLabel]: digests, [volumeLabel]: name},
    }),
  );
  const winner = await pointedAt(engine, pointer);
  if (winner !== undefined && winner !== name) await removeVolume(engine, name);
  return winner ?? name;
}

/** A volume of this run only, filled from the stream. */
export async function ownVolume(content: Readable, settings: VolumeSettings): Promise<string> {
  const name = `ampoule-${randomUUID()}`;
  await ask(settings.engine, 'making a volume', (docker) =>
    docker.createVolume({Name: name, Labels: ownedLabels('helper', settings.owner)}),
  );
  try {
    await fillVolumes(new Map([[name, content]]), settings);
  } catch (error) {
    await removeVolume(settings.engine, name);
    throw error;
  }
  return name;
}

/** Unpacks tar streams into volumes, through a container that mounts them writable and is never started. */
async function fillVolumes(
  contents: ReadonlyMap<string, Readable>,
  {engine, image, owner, signal}: VolumeSettings,
): Promise<void> {
  const mounts = [...contents.keys()].map((name, index) =>
    volumeMount(name, `/volume-${index}`, false),
  );
  const options = {
    Image: image,
    Labels: ownedLabels('helper', owner),
    Cmd: ['none'],
    NetworkDisabled: true,
    HostConfig: {NetworkMode: 'none', Mounts: mounts},
  };
  await withContainer(engine, options, async (container) => {
    for (const [index, content] of [...contents.values()].entries()) {
      const stop = (): void => void content.destroy(signal.reason as Error);
      signal.addEventListener('abort', stop, {once: true});
      try {
        await ask(engine, 'filling a volume', () =>
          container.putArchive(content, {path: `/volume-${index}`, abortSignal: signal}),
        );
      } finally {
        signal.removeEventListener('abort', stop);
        content.destroy();
      }
    }
  });
}

/**
 * The volume in which an engine keeps the `/build` of a workspace between runs. Its name is noted in the workspace
 * before it is made, so that none is lost.
 */
export async function buildVolume(
  workspacePath: string,
  {engine, owner: {machine}}: VolumeSettings,
): Promise<string> {
  const note = path.join(workspacePath, keptVolumeNote);
  let name = await readFile(note, 'utf8').catch(() => '');
  if (name === '') {
    name = `ampoule-${randomUUID()}`;
    await writeFile(note, name);
  }
  const workspace = JSON.stringify({machine, path: workspacePath} satisfies WorkspacePlace);
  await ask(engine, 'making a volume', (docker) =>
    // An existing one is not changed.
    docker.createVolume({Name: name, Labels: {[kindLabel]: 'build', [workspaceLabel]: workspace}}),
  );
  return name;
}

/** Whose `/build` a volume is. */
interface WorkspacePlace {
  readonly machine: string;
  readonly path: string;
}

/**
 * Whether a `/build` was kept for a workspace of this machine that no longer exists or has a different one. Each run of
 * a stage renames the workspace within its folder.
 */
export async function isAbandoned(name: string, label: string, machine: string): Promise<boolean> {
  const place = JSON.parse(label) as Partial<WorkspacePlace>;
  if (place.machine !== machine || place.path === undefined) return false;
  const folder = path.dirname(place.path);
  const isNoted = async (): Promise<boolean> => {
    const workspaces = await readdir(folder).catch((error: unknown) =>
      (error as NodeJS.ErrnoException).code === 'ENOENT' ? [] : undefined,
    );
    // Another user's store.
    if (workspaces === undefined) return true;
    const notes = workspaces.map((workspace) =>
      readFile(path.join(folder, workspace, keptVolumeNote), 'utf8').catch(() => ''),
    );
    return (await Promise.all(notes)).includes(name);
  };
  // Twice: one may be renamed between the listing and the reading.
  return !(await isNoted()) && !(await isNoted());
}

/** A mount of a volume. */
export function volumeMount(name: string, target: string, isReadOnly: boolean): MountSettings {
  return {Type: 'volume', Source: name, Target: target, ReadOnly: isReadOnly};
}

/** Whether a volume is still the filled one: an engine makes an empty volume for an unknown name. */
export async function isFull(engine: Engine, name: string): Promise<boolean> {
  return (await labelsOf(engine, name))[kindLabel] === 'input';
}

/** The complete volume that a pointer refers to. A dangling pointer is removed. */
async function pointedAt(engine: Engine, pointer: string): Promise<string | undefined> {
  const name = (await labelsOf(engine, pointer))[volumeLabel];
  if (name === undefined || (await isFull(engine, name))) return name;
  await removeVolume(engine, pointer);
  return undefined;
}

async function labelsOf(engine: Engine, name: string): Promise<Readonly<Record<string, string>>> {
  try {
    const volume = await ask(engine, 'looking for a volume', (docker) =>
      docker.getVolume(name).inspect(),
    );
    // Engines return null if there are none, unlike the package's types.
    return {...volume.Labels};
  } catch (error) {
    if (statusOf(error) === 404) return {};
    throw error;
  }
}

/** Removes a volume unless it is gone or in use. Returns whether it was removed. */
export async function removeVolume(engine: Engine, name: string): Promise<boolean> {
  try {
    await ask(engine, 'removing a volume', (docker) => docker.getVolume(name).remove());
    return true;
  } catch (error) {
    const status = statusOf(error);
    if (status === 404 || status === 409) return false;
    throw error;
  }
}
