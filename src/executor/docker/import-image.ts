import {Readable} from 'node:stream';
import type {ArtifactReference} from '../executor.js';
import {ask, type Engine} from './engine.js';
import {EngineRequestError} from './engine-error.js';
import {digestLabel, kindLabel, ofKind} from './labels.js';
import {packTrees} from './pack-tree.js';

/** Raise it when equal root file systems give different images. */
const importFormat = '1';
const formatLabel = 'ampoule.format';

/**
 * A new volume takes the owner of the folder that it is mounted on, and a tmpfs takes its mode, regardless of the
 * request.
 */
const scratch = {
  build: {uid: 1000, mode: 0o755},
  out: {uid: 1000, mode: 0o755},
  tmp: {uid: 0, mode: 0o1777},
};

/** The image of a root file system: found by the label of its digest, else imported from the artifact. Never pulled. */
export async function ensureImage(
  engine: Engine,
  rootfs: ArtifactReference,
  signal: AbortSignal,
): Promise<string> {
  const labels = {
    [kindLabel]: 'rootfs',
    [digestLabel]: rootfs.digest,
    [formatLabel]: importFormat,
  };
  const found = await findImage(engine, labels);
  if (found !== undefined) return found;
  const packing = {prefix: '', owner: 'root', scratch} as const;
  const archive = packTrees([{hostPath: await rootfs.materialise(), packing}]);
  const stop = (): void => void archive.destroy(signal.reason as Error);
  signal.addEventListener('abort', stop, {once: true});
  try {
    return await ask(engine, 'importing the root file system', async (docker) => {
      // One per line, because podman takes the rest of a line as the value of the first.
      const changes = Object.entries(labels).map(([name, value]) => `LABEL ${name}=${value}`);
      const options = {repo: 'ampoule', tag: rootfs.digest, changes, abortSignal: signal};
      const response = await docker.importImage(archive, options);
      const lines = await readProgress(engine, response);
      const id = lines.at(-1)?.status;
      if (id === undefined) throw new EngineRequestError('the import gave no image', undefined);
      return id;
    });
  } finally {
    signal.removeEventListener('abort', stop);
    archive.destroy();
  }
}

async function findImage(
  engine: Engine,
  labels: Readonly<Record<string, string>>,
): Promise<string | undefined> {
  // Not filtered by all labels at once, because podman then finds nothing.
  const images = await ask(engine, 'looking for the root file system', (docker) =>
    docker.listImages({filters: ofKind('rootfs')}),
  );
  return images.find(({Labels: own}) =>
    Object.entries(labels).every(([name, value]) => own[name] === value),
  )?.Id;
}

/** One progress line of a long engine request. */
interface ProgressLine {
  readonly status?: string;
  readonly error?: string;
}

/**
 * Reads the progress of a long engine request to its end.
 * @throws EngineRequestError when a line reports a failure, which comes after the HTTP status.
 */
export async function readProgress(
  engine: Engine,
  response: NodeJS.ReadableStream,
): Promise<readonly ProgressLine[]> {
  const lines = await new Promise<readonly ProgressLine[]>((resolve, reject) => {
    const stream = Readable.from(response);
    engine.docker.modem.followProgress(stream, (error: Error | null, output: unknown[]) => {
      if (error === null) resolve(output as readonly ProgressLine[]);
      else reject(error);
    });
  });
  const failure = lines.find(({error}) => error !== undefined)?.error;
  if (failure === undefined) return lines;
  throw new EngineRequestError(
    `The engine at ${engine.name} failed: ${failure}\nNext: look at the engine's own log`,
    undefined,
  );
}
