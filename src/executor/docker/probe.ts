import {randomUUID} from 'node:crypto';
import {chmod, mkdir, readFile, stat, writeFile} from 'node:fs/promises';
import path from 'node:path';
import type {Engine} from './engine.js';
import {isolationOf, ownedLabels, withContainer} from './helper.js';
import type {RunOwner} from './labels.js';
import {outputOf} from './output.js';

/** What an engine and this process share. */
export interface Neighbourhood {
  /** The engine sees this file system: folders can be given to containers as they are. */
  readonly sharesFiles: boolean;
  /**
   * The owner, as seen here, of files that the sandbox's user writes into such a folder, if this process can read and
   * remove them; `undefined` otherwise.
   */
  readonly writer: {readonly uid: number; readonly gid: number} | undefined;
  /** Host paths of named pipes that work between here and containers; `undefined` if the kernels differ. */
  readonly pipePaths: readonly string[] | undefined;
}

const apart: Neighbourhood = {sharesFiles: false, writer: undefined, pipePaths: undefined};

/** Its arguments are the names of the pipes. */
const script = [
  'cd /probe',
  '/usr/bin/busybox cat token /proc/sys/kernel/random/boot_id',
  '/usr/bin/busybox mkfifo -m 0666 "$@"',
  'true',
].join('; ');

/** Settings of the probe. */
export interface ProbeSettings {
  readonly engine: Engine;
  /** An image with busybox. */
  readonly image: string;
  readonly owner: RunOwner;
  /** A host directory on the store's file system. The pipes stay in it. */
  readonly directory: string;
  /** File names of the pipes to make. */
  readonly pipes: readonly [string, ...string[]];
}

/** Probes with a container what it sees of this file system; a socket or an address does not show that. */
export async function probeNeighbourhood(settings: ProbeSettings): Promise<Neighbourhood> {
  const folder = path.join(settings.directory, 'probe');
  const token = randomUUID();
  await mkdir(folder);
  await writeFile(path.join(folder, 'token'), `${token}\n`);
  await chmod(path.join(folder, 'token'), 0o644);
  // The sandbox's user as seen here.
  await chmod(folder, 0o777);
  const said = await runProbe(settings, folder);
  const [saidToken, bootId] = said.split('\n');
  if (saidToken !== token) return apart;
  const pipePaths = settings.pipes.map((name) => path.join(folder, name));
  const pipe = await stat(path.join(folder, settings.pipes[0])).catch(() => undefined);
  const uid = process.geteuid?.() ?? -1;
  const isOurs = pipe !== undefined && (uid === 0 || uid === pipe.uid);
  return {
    sharesFiles: true,
    writer: isOurs ? {uid: pipe.uid, gid: pipe.gid} : undefined,
    pipePaths: pipe !== undefined && bootId === (await ownBootId()) ? pipePaths : undefined,
  };
}

/** The output of the probe; empty if the engine cannot mount the folder. */
async function runProbe(
  {engine, image, owner, pipes}: ProbeSettings,
  folder: string,
): Promise<string> {
  const options = {
    Image: image,
    Labels: ownedLabels('helper', owner),
    User: '1000:1000',
    Cmd: ['/usr/bin/busybox', 'sh', '-c', script, 'probe', ...pipes],
    HostConfig: {
      ...isolationOf(engine),
      Mounts: [{Type: 'bind' as const, Source: folder, Target: '/probe', ReadOnly: false}],
    },
  };
  try {
    return await withContainer(engine, options, (container) => outputOf(engine, container));
  } catch (error) {
    // A missing folder is refused when the container is made, by some engines when it starts.
    if (error instanceof Error && 'statusCode' in error && error.statusCode !== undefined) return '';
    throw error;
  }
}

async function ownBootId(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
}
