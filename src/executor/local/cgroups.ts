import {mkdir, readdir, readFile, rmdir, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {isThere} from '../../files/is-there.js';
import type {StageLimits} from '../executor.js';

/** What a limit needs of the kernel's control groups. */
type Controller = 'memory' | 'pids';

/** A folder of a cgroup file system in which this process may make groups with limits, and for which controllers. */
interface Parent {
  readonly folder: string;
  readonly controllers: readonly Controller[];
  readonly version: 1 | 2;
}

/** Control groups in which the stages of this process can be limited. */
export interface Cgroups extends AsyncDisposable {
  /** Makes the groups of one stage. */
  open(name: string): Promise<StageGroups>;
}

/** The groups of a stage: removed when it has ended. */
export interface StageGroups extends AsyncDisposable {
  /** Host paths; a process enters by writing its id into `cgroup.procs` of each. */
  readonly folders: readonly string[];
  /** Whether the kernel killed one of its processes because memory ran out. */
  hasRunOut(): Promise<boolean>;
}

const rounds = 100;
const roundMs = 10;

/**
 * Finds where this process may limit its stages: below its own group, if that was delegated to it or it is root. Removes
 * the groups of dead processes.
 * @throws Error when it may not.
 */
export async function openCgroups(
  limits: StageLimits,
  owner: string,
  isOfDead: (name: string) => Promise<boolean>,
): Promise<Cgroups> {
  const wanted: readonly Controller[] = [
    ...(limits.memoryBytes === undefined ? [] : ['memory' as const]),
    ...(limits.pids === undefined ? [] : ['pids' as const]),
  ];
  const parents = await ownGroups(wanted);
  let leave = (): Promise<void> => Promise.resolve();
  for (const parent of parents) {
    for (const name of await readdir(parent.folder)) {
      if (await isOfDead(name)) await removeGroup(path.join(parent.folder, name));
    }
    if (parent.version === 2) leave = await shareOut(parent, `${owner}-builder`);
  }
  const cgroups: Cgroups = {
    open: (name) => openGroups(parents, name, limits),
    [Symbol.asyncDispose]: leave,
  };
  try {
    // Shows that groups can be made here.
    await (await cgroups.open(`${owner}-trial`))[Symbol.asyncDispose]();
  } catch (error) {
    await leave();
    throw error;
  }
  return cgroups;
}

/** The groups that this process is in, one for each version that has a wanted controller. */
async function ownGroups(wanted: readonly Controller[]): Promise<readonly Parent[]> {
  const mounts = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n').map(parseMount);
  const lines = (await readFile('/proc/self/cgroup', 'utf8')).trim().split('\n');
  const found: Parent[] = [];
  const left = new Set(wanted);
  for (const line of lines) {
    const [id = '', names = '', group = '/'] = /^(\d+):([^:]*):(.*)$/.exec(line)?.slice(1) ?? [];
    const version = id === '0' ? 2 : 1;
    const own =
      version === 2 ? [...left] : wanted.filter((name) => names.split(',').includes(name));
    const mount = mounts.find((one) =>
      version === 2
        ? one.type === 'cgroup2'
        : one.type === 'cgroup' && own.some((name) => one.options.split(',').includes(name)),
    );
    if (own.length === 0 || mount === undefined) continue;
    const folder = path.join(mount.place, path.posix.relative(mount.root, group));
    found.push({folder, controllers: own, version});
    for (const name of own) left.delete(name);
  }
  if (left.size === 0) return found;
  throw new Error(`no control group for ${[...left].join(' and ')}`);
}

function parseMount(line: string) {
  const [before = '', after = ''] = line.split(' - ');
  const [, , , root = '/', place = ''] = before.split(' ');
  const [type = '', , options = ''] = after.split(' ');
  return {root, place, type, options};
}

/**
 * Lets the groups below a group of version 2 have its controllers, which the kernel allows only if no process is in the
 * group itself: this one moves below it.
 * @returns what undoes it.
 */
async function shareOut({controllers, folder}: Parent, name: string): Promise<() => Promise<void>> {
  const shared = path.join(folder, 'cgroup.subtree_control');
  const has = async (file: string): Promise<boolean> => {
    const there = (await readFile(path.join(folder, file), 'utf8')).trim().split(' ');
    return controllers.every((controller) => there.includes(controller));
  };
  if (!(await has('cgroup.controllers'))) {
    throw new Error(`${folder} was not given the controllers ${controllers.join(' and ')}`);
  }
  if (await has('cgroup.subtree_control')) return () => Promise.resolve();
  const set = (sign: '+' | '-'): Promise<void> =>
    writeFile(shared, controllers.map((controller) => `${sign}${controller}`).join(' '));
  const below = path.join(folder, name);
  const enter = (group: string): Promise<void> =>
    writeFile(path.join(group, 'cgroup.procs'), String(process.pid));
  await mkdir(below);
  const undo = async (): Promise<void> => {
    await set('-').catch(() => undefined);
    await enter(folder);
    await removeGroup(below);
  };
  try {
    await enter(below);
    await set('+');
  } catch (error) {
    await undo();
    throw error;
  }
  return undo;
}

async function openGroups(
  parents: readonly Parent[],
  name: string,
  limits: StageLimits,
): Promise<StageGroups> {
  const made: string[] = [];
  const remove = async (): Promise<void> => {
    for (const folder of made) await removeGroup(folder);
  };
  try {
    for (const {controllers, folder, version} of parents) {
      const group = path.join(folder, name);
      await mkdir(group);
      made.push(group);
      for (const controller of controllers) await limitGroup(group, {controller, limits, version});
    }
  } catch (error) {
    await remove();
    throw error;
  }
  return {
    folders: made,
    hasRunOut: async () => {
      const texts = await Promise.all(
        made.flatMap((group) =>
          ['memory.events', 'memory.oom_control'].map((file) =>
            readFile(path.join(group, file), 'utf8').catch(() => ''),
          ),
        ),
      );
      return texts.some((text) => /^oom_kill [1-9]/m.test(text));
    },
    [Symbol.asyncDispose]: remove,
  };
}

async function limitGroup(
  group: string,
  {controller, limits, version}: {controller: Controller; limits: StageLimits; version: 1 | 2},
): Promise<void> {
  const write = (file: string, value: number | undefined): Promise<void> =>
    writeFile(path.join(group, file), String(value));
  if (controller === 'pids') return write('pids.max', limits.pids);
  const {memoryBytes} = limits;
  const files =
    version === 2
      ? {memory: 'memory.max', swap: 'memory.swap.max'}
      : {memory: 'memory.limit_in_bytes', swap: 'memory.memsw.limit_in_bytes'};
  await write(files.memory, memoryBytes);
  // Where the kernel counts swap: nothing is swapped out instead. Version 1 counts both together.
  if (await isThere(path.join(group, files.swap))) {
    await write(files.swap, version === 2 ? 0 : memoryBytes);
  }
}

/** Removes a group, whose last processes may just be ending. */
async function removeGroup(group: string): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    try {
      await rmdir(group);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EBUSY') return;
      await sleep(roundMs);
    }
  }
}
