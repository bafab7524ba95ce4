import type {Container} from 'dockerode';
import {PassThrough, Writable} from 'node:stream';
import {finished} from 'node:stream/promises';
import type {Engine} from './engine.js';

/** The output of a container; disposing of it lets go of a container that was given up. */
interface FollowedOutput extends AsyncDisposable {
  /** Resolves when the output has ended, or the connection with the engine. */
  readonly ended: Promise<void>;
}

/** Follows what a container writes; to be called before it is started. */
export async function followOutput(
  engine: Engine,
  container: Container,
  onOutput: (chunk: Uint8Array) => void,
): Promise<FollowedOutput> {
  const stream = await container.attach({stream: true, stdout: true, stderr: true});
  const sink = new Writable({
    write(chunk: Uint8Array, _encoding, done) {
      onOutput(chunk);
      done();
    },
  });
  engine.docker.modem.demuxStream(stream, sink, sink);
  // How it ended is told by the container's state, not by its output.
  return {
    ended: finished(stream).catch(() => undefined),
    [Symbol.asyncDispose]: () => {
      letGo(stream);
      return Promise.resolve();
    },
  };
}

/** Closes a connection with a container. */
export function letGo(stream: NodeJS.ReadWriteStream): void {
  // Sockets and answers of HTTP have it; the common type of both does not.
  (stream as NodeJS.ReadWriteStream & {readonly destroy: () => void}).destroy();
}

/** Starts a container and gives what it wrote until its output ended. */
export async function outputOf(engine: Engine, container: Container): Promise<string> {
  const text = new PassThrough();
  text.setEncoding('utf8');
  let said = '';
  text.on('data', (chunk: string) => (said += chunk));
  const {ended} = await followOutput(engine, container, (chunk) => text.write(chunk));
  await container.start();
  await ended;
  return said;
}
