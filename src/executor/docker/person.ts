import type {Container} from 'dockerode';
import type {Readable, Writable} from 'node:stream';
import {finished} from 'node:stream/promises';
import type {Engine} from './engine.js';
import {letGo} from './output.js';

/** The streams of the user of an attached command. */
export interface PersonStreams {
  readonly input: Readable & {readonly setRawMode?: (isRaw: boolean) => unknown};
  /** If it is a terminal, its size; `resize` announces changes. */
  readonly output: Writable & {readonly columns?: number; readonly rows?: number};
  readonly errors: Writable;
}

/** A user's connection to a container, until it ends. */
export interface Attachment extends AsyncDisposable {
  /** Call it when the container runs: its terminal gets the user's terminal size. */
  started(): Promise<void>;
  /** Resolves when all output was written. */
  readonly ended: Promise<void>;
}

/** Connects the user with a container that has not started yet. */
export async function attachPerson(
  engine: Engine,
  container: Container,
  person: PersonStreams,
  hasTerminal: boolean,
): Promise<Attachment> {
  const {errors, input, output} = person;
  const stream = await container.attach({
    ...{stream: true, stdin: true, stdout: true, stderr: true},
    hijack: true,
  });
  if (hasTerminal) stream.on('data', (chunk: Uint8Array) => output.write(chunk));
  else engine.docker.modem.demuxStream(stream, output, errors);
  // The container's state shows how it ended.
  const ended = finished(stream, {writable: false}).catch(() => undefined);
  input.pipe(stream);
  const resize = async (): Promise<void> => {
    const {columns, rows} = output;
    if (columns === undefined || rows === undefined) return;
    // A command that has just ended no longer has a terminal.
    await container.resize({w: columns, h: rows}).catch(() => undefined);
  };
  const onResize = (): void => void resize();
  if (hasTerminal) {
    input.setRawMode?.(true);
    output.on('resize', onResize);
  }
  return {
    started: () => (hasTerminal ? resize() : Promise.resolve()),
    ended,
    [Symbol.asyncDispose]: () => {
      output.off('resize', onResize);
      if (hasTerminal) input.setRawMode?.(false);
      input.unpipe(stream);
      input.pause();
      letGo(stream);
      return Promise.resolve();
    },
  };
}
