import {closeSync, constants, openSync} from 'node:fs';
import path from 'node:path';

/** What a socket says of its process; `unknown` if there is none, or if it cannot be asked. */
export type SocketAnswer = 'living' | 'dead' | 'unknown';

/** The sockets of this process by their paths. */
const listening = new Map<string, Promise<boolean>>();

/**
 * Listens on a Unix socket as long as this process lives. The kernel answers for it: also while the process is stopped,
 * to other containers too, and never after its death.
 * @returns false if the file system has no sockets.
 */
export function listenIn(folder: string, name: string): Promise<boolean> {
  const file = path.join(folder, name);
  let known = listening.get(file);
  if (known === undefined) {
    known = listen(folder, name).catch(() => false);
    listening.set(file, known);
  }
  return known;
}

/** Whether the process that listened on this socket lives. */
export async function askSocket(folder: string, name: string): Promise<SocketAnswer> {
  let directory: number;
  try {
    directory = openFolder(folder);
  } catch {
    return 'unknown';
  }
  try {
    return await connectTo(shortPath(directory, name));
  } finally {
    closeSync(directory);
  }
}

async function listen(folder: string, name: string): Promise<boolean> {
  const {createServer} = await import('node:net');
  // Stays open: when this process ends, the socket is removed by this path.
  const directory = openFolder(folder);
  const server = createServer((connection) => connection.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    // Another user may ask too.
    const address = {path: shortPath(directory, name), readableAll: true, writableAll: true};
    server.listen(address, resolve);
  });
  server.unref();
  return (await askSocket(folder, name)) === 'living';
}

async function connectTo(address: string): Promise<SocketAnswer> {
  const {connect} = await import('node:net');
  return new Promise((resolve) => {
    const connection = connect(address);
    connection.once('connect', () => {
      connection.destroy();
      resolve('living');
    });
    connection.once('error', ({code}: NodeJS.ErrnoException) => {
      // A stopped process accepts nothing, so its queue fills.
      if (code === 'EAGAIN') resolve('living');
      else resolve(code === 'ECONNREFUSED' ? 'dead' : 'unknown');
    });
  });
}

function openFolder(folder: string): number {
  return openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY);
}

/** The address of a socket has 108 bytes, a store's path may have more. */
function shortPath(directory: number, name: string): string {
  return `/proc/self/fd/${directory}/${name}`;
}
