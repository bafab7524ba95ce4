import {randomUUID} from 'node:crypto';
import {cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile} from 'node:fs/promises';
import {createServer, type ServerResponse} from 'node:http';
import type {AddressInfo} from 'node:net';
import os from 'node:os';
import path from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {sha256} from '../../../src/core/digest.js';
import type {Heartbeat} from '../../../src/store/owner-lock.js';
import {
  projectOption,
  startCommand,
  type CommandResult,
  type RunningCommand,
} from '../fixture-project.js';
import {sharePackages} from '../images.js';
import {seenProcesses} from './processes.js';

const root = path.resolve(import.meta.dirname, '../../..');
const builder = path.join(root, 'test/support/faults/fixture-build.mjs');
const main = path.join(root, 'lib/cli/main.js');

/** What a build of the fixture is told. */
export interface FixtureSettings {
  readonly store?: string;
  readonly output?: string;
  /** Names the last two stages: other variants are other targets. */
  readonly variant?: string;
  /** How long each stage of the sandbox sleeps. */
  readonly stageSeconds?: number;
  /** How long each of the first stages writes its output. */
  readonly writeSeconds?: number;
  /** Shell text at the beginning of the first stages. */
  readonly prologue?: string;
  /** Makes the scripts of the first stages longer by this. */
  readonly paddingBytes?: number;
  readonly jobs?: number;
  /** How builders judge others whose life they cannot see. */
  readonly heartbeat?: Partial<Heartbeat>;
  readonly environment?: NodeJS.ProcessEnv;
  /** What the builder is started by. */
  readonly wrapper?: readonly string[];
  /** Options of the command line by their names in the code. */
  readonly options?: Readonly<Record<string, unknown>>;
}

/** A project whose build takes a second or two: `fixture-build.mjs` has its stages. */
export interface FaultProject extends AsyncDisposable {
  readonly folder: string;
  /** A store of the project's own, with the packages of its images. */
  newStore(name?: string): Promise<string>;
  start(settings: FixtureSettings): RunningCommand;
  build(settings: FixtureSettings): Promise<CommandResult>;
  /** The real command line, with the project, to its end; `startAmpoule` only starts it. */
  ampoule(arguments_: readonly string[], wrapper?: readonly string[]): Promise<CommandResult>;
  startAmpoule(arguments_: readonly string[], wrapper?: readonly string[]): RunningCommand;
  /** Command lines of the processes of sandboxes that still run. */
  sandboxProcesses(): Promise<readonly string[]>;
  /** Those that set up the sandboxes, outside of them. */
  sandboxTools(): Promise<readonly string[]>;
  /** File names that the server was asked for. */
  readonly requests: string[];
}

const sourceNames = ['alpha.bin', 'beta.bin'];
const chunks = 8;

/** Makes the project below a temporary folder. Its sources are served in pieces, so that a download takes a while. */
export async function makeFaultProject(): Promise<FaultProject> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'ampoule faults '));
  const id = randomUUID();
  await writeProject(folder);
  const bodies = new Map(sourceNames.map((name) => [name, body(name)]));
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const name = request.url?.slice(1) ?? '';
    requests.push(name);
    void serve(bodies.get(name) ?? Buffer.alloc(0), request.headers.range, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // `listen` on a host and port gives an address of this kind.
  const {port} = server.address() as AddressInfo;
  const sources = [...bodies].map(([fileName, bytes]) => ({
    fileName,
    sha256: sha256(bytes),
    sizeBytes: bytes.length,
  }));
  let stores = 0;
  const newStore: FaultProject['newStore'] = async (name) => {
    stores += 1;
    const store = path.join(folder, name ?? `store ${stores}`);
    await sharePackages(store);
    return store;
  };
  const start: FaultProject['start'] = ({environment, wrapper = [], ...settings}) => {
    const told = {
      ...{id, project: folder, url: `http://127.0.0.1:${port}`, sources},
      ...{output: path.join(folder, 'dist'), variant: 'one', stageSeconds: 0.1},
      ...settings,
    };
    const argv = [...wrapper, process.execPath, builder, JSON.stringify(told)];
    return startCommand(argv, {...process.env, ...environment});
  };
  const startAmpoule: FaultProject['startAmpoule'] = (arguments_, wrapper = []) =>
    startCommand(
      [...wrapper, process.execPath, main, ...arguments_, ...projectOption(arguments_, folder)],
      process.env,
    );
  return {
    folder,
    requests,
    newStore,
    start,
    build: (settings) => start(settings).result,
    ampoule: (...command) => startAmpoule(...command).result,
    startAmpoule,
    sandboxProcesses: () => processesWith(`FIXTURE_ID=${id}`),
    sandboxTools: async () =>
      (await processesWith(`FIXTURE_ID=${id}`)).filter((line) => line.includes('bwrap')),
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await rm(folder, {recursive: true, force: true});
    },
  };
}

/** What a store holds besides what it is for: scratch files, locks, half-written files. */
export async function leftovers(store: string): Promise<readonly string[]> {
  const inFolder = async (name: string, isLeft: (file: string) => boolean = () => true) =>
    (await readdir(path.join(store, 'v1', name)))
      .filter(isLeft)
      .map((file) => path.join(name, file));
  return [
    ...(await inFolder('tmp')),
    ...(await inFolder('locks')),
    ...(await inFolder('owners')),
    ...(await inFolder('work')),
    ...(await inFolder('sources', (file) => !/^[0-9a-f]{64}$/.test(file))),
    ...(await inFolder('marks', (file) => file.startsWith('running-'))),
  ];
}

/** Mounts of this machine at or from a path below `folder`. */
export async function mountsOf(folder: string): Promise<readonly string[]> {
  const text = await readFile('/proc/self/mountinfo', 'utf8');
  // The kernel writes blanks as \040.
  return text.split('\n').filter((line) => line.replaceAll('\\040', ' ').includes(folder));
}

function body(name: string): Buffer {
  return Buffer.from(`${name} `.repeat(20_000));
}

async function serve(
  bytes: Buffer,
  range: string | undefined,
  response: ServerResponse,
): Promise<void> {
  const from = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
  response.writeHead(from > 0 ? 206 : 200, {
    'content-length': bytes.length - from,
    ...(from > 0 && {'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}`}),
  });
  const size = Math.ceil(bytes.length / chunks);
  for (let offset = from; offset < bytes.length && !response.destroyed; offset += size) {
    response.write(bytes.subarray(offset, offset + size));
    await sleep(20);
  }
  response.end();
}

async function writeProject(folder: string): Promise<void> {
  for (const name of ['recipes', 'static-modules', 'docker']) await mkdir(path.join(folder, name));
  await cp(path.join(root, 'docker/sandbox'), path.join(folder, 'docker/sandbox'), {
    recursive: true,
  });
  const tiny = path.join(root, 'test/fixtures/images/tiny');
  await cp(tiny, path.join(folder, 'docker/build'), {recursive: true});
  const definition = path.join(folder, 'docker/build/image.yaml');
  const text = await readFile(definition, 'utf8');
  await writeFile(definition, text.replace('name: tiny', 'name: build'));
}

async function processesWith(variable: string): Promise<readonly string[]> {
  return (
    (await seenProcesses())
      // The builder itself has it in an argument, bubblewrap too.
      .filter(
        ({command, environment}) =>
          environment.includes(variable) ||
          (command.includes('bwrap') && command.includes(variable)),
      )
      .map(({pid, command}) => `${pid} ${command}`)
  );
}
