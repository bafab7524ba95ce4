import {mkdir, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {buildMachine} from '../../core/build-machine.js';
import {systemCallRules, type ArgumentTest} from '../system-calls.js';
import {ask} from './engine.js';
import {packTrees} from './pack-tree.js';
import {ownVolume, removeVolume, type VolumeSettings} from './volumes.js';

/** The rules for system calls, where an engine finds them. */
export interface PlacedProfile extends AsyncDisposable {
  /** The value of the security option `seccomp`. */
  readonly option: string;
}

/**
 * Lets an engine know the rules for system calls. Docker takes them with each request. Podman reads them from a file of its
 * own machine: one of a volume.
 * @param directory a host directory for files on their way to the engine.
 */
export async function placeProfile(
  directory: string,
  settings: VolumeSettings,
): Promise<PlacedProfile> {
  const {engine} = settings;
  if (!engine.isPodman) {
    return {option: seccompProfile(), [Symbol.asyncDispose]: () => Promise.resolve()};
  }
  const hostPath = path.join(directory, 'profile');
  await mkdir(hostPath);
  await writeFile(path.join(hostPath, fileName), seccompProfile());
  const content = packTrees([{hostPath, packing: {prefix: '', owner: 'root'}}]);
  const volume = await ownVolume(content, settings);
  const {Mountpoint} = await ask(engine, 'looking for a volume', (docker) =>
    docker.getVolume(volume).inspect(),
  );
  return {
    option: path.posix.join(Mountpoint, fileName),
    [Symbol.asyncDispose]: async () => {
      await removeVolume(engine, volume);
    },
  };
}

const fileName = 'seccomp.json';

interface ArgumentCondition {
  readonly index: number;
  readonly op: 'SCMP_CMP_MASKED_EQ';
  /** The mask, and what the masked argument must be. */
  readonly value: number;
  readonly valueTwo: number;
}

const wholeArgument = 0xffff_ffff;

/** The rules for system calls in the form that engines read. */
function seccompProfile(): string {
  const syscalls = systemCallRules.flatMap(({calls: names, error: errnoRet, when}) =>
    combinations(when.map(conditionsOf)).map((args) => ({
      ...{names, action: 'SCMP_ACT_ERRNO', errnoRet, args},
    })),
  );
  const {name} = buildMachine.seccomp;
  return JSON.stringify({defaultAction: 'SCMP_ACT_ALLOW', architectures: [name], syscalls});
}

/** The conditions of which one must hold: a profile cannot ask for any of several bits. */
function conditionsOf(test: ArgumentTest): readonly ArgumentCondition[] {
  const condition = (value: number, valueTwo: number): ArgumentCondition => ({
    ...{index: test.argument, op: 'SCMP_CMP_MASKED_EQ', value, valueTwo},
  });
  if ('equals' in test) return [condition(wholeArgument, test.equals)];
  return test.hasAnyOf.map((bit) => condition(bit, bit));
}

/** Each way to take one of each list. */
function combinations<T>(lists: readonly (readonly T[])[]): readonly (readonly T[])[] {
  return lists.reduce<readonly (readonly T[])[]>(
    (taken, list) => taken.flatMap((some) => list.map((one) => [...some, one])),
    [[]],
  );
}
