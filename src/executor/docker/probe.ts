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
  /** Host path of a named pipe that works between here and containers; `undefined` if the kernels differ. */
  readonly pipePath: string | undefined;
}

const apart: Neighbourhood = {sharesFiles: false, writer: undefined, pipePath: undefined};

const script = [
  '/usr/bin/busybox cat /probe/token /proc/sys/kernel/random/boot_id',
  '/usr/bin/busybox mkfifo -m 0666 /probe/jobs',
  'true',
].join('; ');

/** Settings of the probe. */
export interface ProbeSettings {
  readonly engine: Engine;
  /** An image with busybox. */
  readonly image: string;
  readonly owner: RunOwner;
  /** A host directory on the store's file system. The pipe stays in it. */
  readonly directory: string;
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
  const pipePath = path.join(folder, 'jobs');
  const pipe = await stat(pipePath).catch(() => undefined);
  const uid = process.geteuid?.() ?? -1;
  const isOurs = pipe !== undefined && (uid === 0 || uid === pipe.uid);
  return {
    sharesFiles: true,
    writer: isOurs ? {uid: pipe.uid, gid: pipe.gid} : undefined,
    pipePath: pipe !== undefined && bootId === (await ownBootId()) ? pipePath : undefined,
  };
}

/** The output of the probe; empty if the engine cannot mount the folder. */
async function runProbe(
  {engine, image, owner}: ProbeSettings,
  folder: string,
): Promise<string> {
  const options = {
    Image: image,
    Labels: ownedLabels('helper', owner),
    User: '1000:1000',
    Cmd: ['/usr/bin/busybox', 'sh', '-c', script],
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
