import {execFileSync, spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdir, rm, statfs, writeFile} from 'node:fs/promises';
import path from 'node:path';

/** A small file system of its own, seen by what is started in it. */
export interface SmallDisk extends AsyncDisposable {
  /** Where those that are started by `wrapper` see it. */
  readonly folder: string;
  /** Where this process sees it. */
  readonly outside: string;
  readonly wrapper: readonly string[];
  /** Takes away all space but this much. */
  leave(bytes: number): Promise<void>;
  /** Gives it back. */
  free(): Promise<void>;
}

const asRoot = process.getuid?.() === 0;
const namespaces = asRoot ? ['-m'] : ['-m', '-r'];

/** Why no file system can be mounted here; `undefined` when one can. */
export function whyNoMounts(): string | undefined {
  try {
    const script = 'mount -t tmpfs none /mnt';
    execFileSync('unshare', [...namespaces, 'sh', '-c', script], {stdio: 'pipe'});
    return undefined;
  } catch (error) {
    return `nothing can be mounted here: ${(error as Error).message}`;
  }
}

/** Mounts a tmpfs in a mount namespace that ends with this process. */
export async function makeSmallDisk(folder: string, sizeBytes: number): Promise<SmallDisk> {
  await mkdir(folder, {recursive: true});
  const script = `mount -t tmpfs -o size=${sizeBytes} none "$0" && echo mounted && exec cat`;
  const holder = spawn('unshare', [...namespaces, 'sh', '-c', script, folder], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(holder.stdout, 'data');
  const pid = String(holder.pid);
  const outside = path.join('/proc', pid, 'root', folder);
  const filler = path.join(outside, 'filler');
  return {
    folder,
    outside,
    wrapper: [
      'nsenter',
      '-t',
      pid,
      ...(asRoot ? [] : ['-U', '--preserve-credentials']),
      '-m',
      '--',
    ],
    async leave(bytes) {
      const {bavail, bsize} = await statfs(outside);
      await writeFile(filler, Buffer.alloc(Math.max(0, bavail * bsize - bytes)));
    },
    free: () => rm(filler, {force: true}),
    async [Symbol.asyncDispose]() {
      const end = once(holder, 'exit');
      holder.stdin.end();
      await end;
    },
  };
}
