import type {Container} from 'dockerode';
import {PassThrough, Writable} from 'node:stream';
import {finished} from 'node:stream/promises';
import type {Engine} from './engine.js';

/** The output of a container. Disposing of it closes the connection to an abandoned container. */
interface FollowedOutput extends AsyncDisposable {
  /** Resolves when the output or the connection to the engine has ended. */
  readonly ended: Promise<void>;
}

/** Follows the output of a container. Call it before the container starts. */
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
  // The container's state shows how it ended, not its output.
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
  // Sockets and HTTP responses have it, but their common type does not.
  (stream as NodeJS.ReadWriteStream & {readonly destroy: () => void}).destroy();
}

/** Starts a container and returns its output. */
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
