import type {Container, MountSettings} from 'dockerode';
import {mkdir, readdir, rm} from 'node:fs/promises';
import path from 'node:path';
import {Readable} from 'node:stream';
import type {ExecutionLimits, Exit} from '../executor.js';
import {removeTree} from '../../files/remove-tree.js';
import {keptVolumeNote} from '../../core/kept-volume.js';
import {giveTree, ownUser, type TreeOwner} from '../give-tree.js';
import {jobsGuestPath, type PreparedMount} from '../workspace.js';
import {ask} from './engine.js';
import {EngineRequestError} from './engine-error.js';
import {packTrees} from './pack-tree.js';
import type {Neighbourhood} from './probe.js';
import {unpackTree} from './unpack-tree.js';
import {
  buildVolume,
  inputVolume,
  isFull,
  ownVolume,
  removeVolume,
  volumeMount,
  type VolumeSettings,
} from './volumes.js';

/** The folders of one execution, as mounts of its container. */
export interface WorkspaceMounts extends AsyncDisposable {
  readonly mounts: readonly MountSettings[];
  /** Call it when the container has been made: checks that its inputs exist and copies files from the workspace. */
  bring(container: Container): Promise<void>;
  /** Call it when the command has ended: copies its output into the workspace. */
  collect(container: Container, exit: Exit): Promise<void>;
}

const scratch = ['build', 'out'] as const;

type KeptParts = Pick<ExecutionLimits, 'keepsBuild' | 'keepsWork' | 'outputBytes'>;

/** Settings of the mounts of one execution. */
export interface WorkspaceSettings extends VolumeSettings, KeptParts {
  /** Host path of the pipe of the execution's job slots; without it, there is none. */
  readonly pipePath?: string;
}

/** Bind mounts if the engine sees the folders, otherwise volumes. */
export async function mountWorkspace(
  workspacePath: string,
  inputs: readonly PreparedMount[],
  near: Neighbourhood,
  settings: WorkspaceSettings,
): Promise<WorkspaceMounts> {
  const read = near.sharesFiles
    ? bindInputs(workspacePath, inputs)
    : await volumeInputs(workspacePath, inputs, settings);
  let write: WorkspaceMounts;
  try {
    write =
      near.sharesFiles && near.writer !== undefined
        ? await bindScratch(workspacePath, near.writer)
        : await volumeScratch(workspacePath, settings);
  } catch (error) {
    await read[Symbol.asyncDispose]();
    throw error;
  }
  const {pipePath} = settings;
  return {
    mounts: [
      ...read.mounts,
      ...write.mounts,
      ...(pipePath === undefined ? [] : [bindMount(pipePath, jobsGuestPath, true)]),
    ],
    bring: async (container) => {
      await read.bring(container);
      await write.bring(container);
    },
    collect: (container, exit) => write.collect(container, exit),
    [Symbol.asyncDispose]: async () => {
      await read[Symbol.asyncDispose]();
      await write[Symbol.asyncDispose]();
    },
  };
}

function bindMount(source: string, target: string, isReadOnly: boolean): MountSettings {
  return {Type: 'bind', Source: source, Target: target, ReadOnly: isReadOnly};
}

const nothing = () => Promise.resolve();

function bindInputs(workspacePath: string, inputs: readonly PreparedMount[]): WorkspaceMounts {
  const sources = path.join(workspacePath, 'src');
  return {
    mounts: [
      bindMount(sources, '/src', true),
      ...inputs.map(({hostPath, guestPath}) => bindMount(hostPath, guestPath, true)),
    ],
    bring: nothing,
    collect: nothing,
    [Symbol.asyncDispose]: nothing,
  };
}

async function volumeInputs(
  workspacePath: string,
  inputs: readonly PreparedMount[],
  settings: VolumeSettings,
): Promise<WorkspaceMounts> {
  const {engine} = settings;
  const volumes: string[] = [];
  const mounts: MountSettings[] = [];
  for (const input of inputs) {
    const name = await inputVolume(input, settings);
    volumes.push(name);
    mounts.push(volumeMount(name, input.guestPath, true));
  }
  const packing = {prefix: '', owner: 'root'} as const;
  const content = packTrees([{hostPath: path.join(workspacePath, 'src'), packing}]);
  const sources = await ownVolume(content, settings);
  return {
    mounts: [volumeMount(sources, '/src', true), ...mounts],
    bring: async () => {
      for (const name of volumes) {
        if (await isFull(engine, name)) continue;
        throw new EngineRequestError(
          `The volume ${name} was removed from the engine at ${engine.name} while a stage was made ready for it\n` +
            'Next: run the same command again',
          undefined,
        );
      }
    },
    collect: nothing,
    [Symbol.asyncDispose]: async () => {
      await removeVolume(engine, sources);
    },
  };
}

async function bindScratch(
  workspacePath: string,
  writer: TreeOwner,
): Promise<WorkspaceMounts> {
  const own = ownUser();
  const isOther = own.uid !== writer.uid;
  const folders = scratch.map((name) => path.join(workspacePath, name));
  for (const folder of folders) {
    if (isOther) await giveTree(folder, writer);
  }
  return {
    mounts: scratch.map((name) => bindMount(path.join(workspacePath, name), `/${name}`, false)),
    bring: nothing,
    collect: async () => {
      if (isOther) await giveTree(path.join(workspacePath, 'out'), own);
    },
    [Symbol.asyncDispose]: nothing,
  };
}

/**
 * Anonymous volumes, which are removed with their container, except a kept `/build`, which stays on the engine until a
 * run succeeds. New ones take the owner of the image's folders.
 */
async function volumeScratch(
  workspacePath: string,
  settings: VolumeSettings & KeptParts,
): Promise<WorkspaceMounts> {
  const {engine, signal} = settings;
  const kept = settings.keepsBuild === true ? await buildVolume(workspacePath, settings) : '';
  const names = {build: kept, out: ''};
  let hasSucceeded = false;
  const fetch = async (container: Container, name: string): Promise<void> => {
    const folder = path.join(workspacePath, name);
    await removeTree(folder);
    await mkdir(folder);
    await ask(engine, `/${name} was fetched`, async () => {
      const stream = await container.getArchive({path: `/${name}`, abortSignal: signal});
      const special = name === 'out' ? 'refuse' : 'leave out';
      const limitBytes = name === 'out' ? settings.outputBytes : undefined;
      await unpackTree(Readable.from(stream), folder, special, limitBytes);
    });
  };
  return {
    mounts: scratch.map((name) => volumeMount(names[name], `/${name}`, false)),
    bring: async (container) => {
      for (const name of scratch) {
        if (names[name] !== '') continue;
        const hostPath = path.join(workspacePath, name);
        if ((await readdir(hostPath)).length === 0) continue;
        const packing = {prefix: '', owner: 'user'} as const;
        await ask(engine, `/${name} was filled`, () =>
          container.putArchive(packTrees([{hostPath, packing}]), {path: `/${name}`}),
        );
      }
    },
    collect: async (container, exit) => {
      if (exit.kind === 'cancelled') return;
      await fetch(container, 'out');
      hasSucceeded = exit.kind === 'exited' && exit.code === 0;
      // For inspection of the failure.
      const isWanted = settings.keepsWork === true || (!hasSucceeded && kept === '');
      if (isWanted) await fetch(container, 'build');
    },
    [Symbol.asyncDispose]: async () => {
      if (!hasSucceeded || kept === '') return;
      await removeVolume(engine, kept);
      await rm(path.join(workspacePath, keptVolumeNote), {force: true});
    },
  };
}
