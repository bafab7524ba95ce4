import {execFileSync, spawn} from 'node:child_process';
import {cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile} from 'node:fs/promises';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import os from 'node:os';
import {setTimeout as sleep} from 'node:timers/promises';
import path from 'node:path';
import {sha256} from '../../src/core/digest.js';
import {sharePackages, testImages} from './images.js';
import {startOnTerminal, type TerminalCommand} from './terminal.js';

const root = path.resolve(import.meta.dirname, '../..');

/** How the command ended and what it said. */
export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running command. */
export interface RunningCommand {
  readonly result: Promise<CommandResult>;
  kill(signal: NodeJS.Signals): void;
  /** Resolves when the command has written `text` to standard error. */
  said(text: string): Promise<void>;
}

/**
 * A small project: the tiny image as build image and as sysroot, one dependency called zlib, and a CPython that is
 * never reached. Its sources come from a server of this process that plays a Debian mirror.
 */
export interface FixtureProject extends AsyncDisposable {
  readonly folder: string;
  readonly store: string;
  /** What its mirror gives for every path: the sources of both recipes. */
  readonly source: Buffer;
  /** Replaces text in a file of the project; the text must be there. */
  edit(file: string, from: string, to: string): Promise<void>;
  write(file: string, text: string): Promise<void>;
  /** Starts the command on this project and its own store, under `wrapper` if there is one. */
  start(
    arguments_: readonly string[],
    environment?: NodeJS.ProcessEnv,
    wrapper?: readonly string[],
  ): RunningCommand;
  /** Starts the command on a terminal of its own, 80 columns wide unless told. */
  startOnTerminal(
    arguments_: readonly string[],
    environment?: NodeJS.ProcessEnv,
    size?: {columns: number; rows: number},
  ): TerminalCommand;
  /** Paths that the Debian mirror was asked for. */
  readonly requests: readonly string[];
  /**
   * Builds everything but the dependency called zlib: that waits for the rest, prints `no such header` and fails.
   */
  buildAllButZlib(): Promise<CommandResult>;
  /** The same, to its end. */
  ampoule(...start: Parameters<FixtureProject['start']>): Promise<CommandResult>;
}

/** The stages of the project that tests name, as the usual arguments of its commands plan them. */
export const fixtureStages = {
  zlib: 'dependency/zlib/x86_64-unknown-linux-gnu-debian-sources',
  setupFiles: 'setup-files/cpython-3.14-debian-sources',
  setupLocal: 'setup-local/cpython-3.14-x86_64-unknown-linux-gnu-noopt-debian-sources',
} as const;

/** What a project's store has from the beginning: the packages of its images, or the images themselves too. */
export type FirstContents = 'packages' | 'images';

/** Makes the project in a temporary folder, with a store of its own. */
export async function makeFixtureProject(
  contents: FirstContents = 'packages',
): Promise<FixtureProject> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'ampoule project '));
  const store = path.join(folder, 'store');
  const tarball = await makeSource(folder);
  await writeData(folder, tarball);
  await shareImages(store, contents);
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url ?? '');
    response.end(tarball);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // `listen` on a host and port gives an address of this kind.
  const {port} = server.address() as AddressInfo;
  const commandLine = (arguments_: readonly string[]): readonly string[] => {
    const main = path.join(root, 'lib/cli/main.js');
    const planning = ['build', 'plan', 'why', 'shell', 'fetch', 'develop'];
    const plans = planning.includes(arguments_[0] ?? '') && !arguments_.includes('--last');
    // The tiny image has a glibc of today and nothing to link with: no floor can be made from it.
    const takesFloor = plans || arguments_.slice(0, 2).join(' ') === 'store path';
    const isOpen = takesFloor && !arguments_.includes('--glibc');
    const options = [
      ...projectOption(arguments_, folder),
      ...(plans && !arguments_.includes('upstream') ? ['--sources', 'debian'] : []),
      ...(isOpen ? ['--glibc', 'suite'] : []),
    ];
    // What follows `--` is not for Ampoule; of `develop`, what follows `--run` and its like.
    const [command = '', ...words] = arguments_;
    if (command === 'develop') return [process.execPath, main, command, ...options, ...words];
    const end = arguments_.includes('--') ? arguments_.indexOf('--') : arguments_.length;
    const own = [...arguments_.slice(0, end), ...options, ...arguments_.slice(end)];
    return [process.execPath, main, ...own];
  };
  // As when it is installed: messages then name commands without a path.
  const commands = path.join(folder, 'commands');
  await mkdir(commands);
  await symlink(path.join(root, 'ampoule'), path.join(commands, 'ampoule'));
  const baseEnvironment = {
    ...process.env,
    PATH: `${commands}:${process.env['PATH'] ?? ''}`,
    AMPOULE_STORE: store,
    // Whatever engine the machine may have: tests of engines bring their own.
    AMPOULE_EXECUTOR: 'local',
    AMPOULE_DEBIAN_MIRROR: `http://127.0.0.1:${port}`,
  };
  const start: FixtureProject['start'] = (arguments_, environment = {}, wrapper = []) =>
    startCommand([...wrapper, ...commandLine(arguments_)], {...baseEnvironment, ...environment});
  const edit: FixtureProject['edit'] = async (file, from, to) => {
    const text = await readFile(path.join(folder, file), 'utf8');
    if (!text.includes(from)) throw new Error(`${file} does not hold ${from}`);
    await writeFile(path.join(folder, file), text.replace(from, to));
  };
  return {
    folder,
    store,
    source: tarball,
    edit,
    async buildAllButZlib() {
      const recipe = await readFile(path.join(folder, 'recipes/zlib/recipe.yaml'), 'utf8');
      if (!recipe.includes(waitAndFail)) {
        await edit('recipes/zlib/recipe.yaml', 'echo building zlib', waitAndFail);
      }
      const running = start(['build', '--output', path.join(folder, 'dist')]);
      await running.said('built    setup-local');
      return letStagesGo(store, running);
    },
    write: (file, text) => writeFile(path.join(folder, file), text),
    start,
    startOnTerminal: (arguments_, environment = {}, size) =>
      // CI asks for plain lines, and these tests run there too.
      startOnTerminal(commandLine(arguments_), {...baseEnvironment, CI: '', ...environment}, size),
    requests,
    ampoule: (...command) => start(...command).result,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await rm(folder, {recursive: true, force: true});
    },
  };
}

/** Writes the file that waiting stages look for, again and again: their folder is emptied when they start. */
export async function letStagesGo(store: string, running: RunningCommand): Promise<CommandResult> {
  const work = path.join(store, 'v1/work');
  const ended = new AbortController();
  const result = running.result.finally(() => ended.abort());
  while (!ended.signal.aborted) {
    for (const key of await readdir(work)) {
      await writeFile(path.join(work, key, 'build/go'), '').catch(() => undefined);
    }
    await sleep(20);
  }
  return result;
}

const waitAndFail = 'until [ -e /build/go ]; do sleep 0.05; done; echo no such header; exit 3';

/** Starts a command with an environment of its own. */
export function startCommand(
  argv: readonly string[],
  environment: NodeJS.ProcessEnv,
): RunningCommand {
  const [command = '', ...arguments_] = argv;
  const child = spawn(command, arguments_, {env: environment});
  let stdout = '';
  let stderr = '';
  const listeners = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    listeners.forEach((listener) => listener());
  });
  const result = new Promise<CommandResult>((resolve) => {
    child.once('close', (code) => resolve({code, stdout, stderr}));
  });
  return {
    result,
    kill: (signal) => void child.kill(signal),
    said: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (stderr.includes(text)) resolve();
        };
        listeners.add(look);
        look();
        void result.then(() => reject(new Error(`never said "${text}":\n${stderr}`)));
      }),
  };
}

async function makeSource(folder: string): Promise<Buffer> {
  const modules = path.join(folder, 'source/zlib-1.0/Modules');
  await cp(path.join(root, 'test/fixtures/setup-local/small'), modules, {recursive: true});
  await writeFile(path.join(folder, 'source/zlib-1.0/LICENSE'), 'free\n');
  const file = path.join(folder, 'source/zlib.tar');
  execFileSync('tar', ['-cf', file, '-C', path.join(folder, 'source'), 'zlib-1.0']);
  return readFile(file);
}

async function writeData(folder: string, tarball: Buffer): Promise<void> {
  for (const name of ['recipes/zlib', 'recipes/cpython', 'static-modules', 'licenses']) {
    await mkdir(path.join(folder, name), {recursive: true});
  }
  const pin = (name: string, version: string): string => `name: ${name}
source:
  version: "${version}"
  url: https://nowhere.invalid/${name}-${version}.tar
  debian: pool/main/${name}.tar
  suite: trixie
  sha256: ${sha256(tarball)}
  size: ${tarball.length}
  date: 2020-01-01
license: {spdx: Zlib, files: [LICENSE]}
`;
  const build = `provides: {static: [z]}
build:
  system: script
  make: |
    echo building zlib
  install: |
    mkdir -p /build/staging/deps/lib
    echo z >/build/staging/deps/lib/libz.a
`;
  await writeFile(path.join(folder, 'recipes/zlib/recipe.yaml'), pin('zlib', '1.0') + build);
  const hooks = 'build: {system: hooks, make: make.sh, install: install.sh}\n';
  await writeFile(
    path.join(folder, 'recipes/cpython/recipe.yaml'),
    pin('cpython-3.14', '3.14.7')
      .replace('name: cpython-3.14', 'name: cpython')
      .replace(/^source:\n/m, 'versions:\n -\n') + hooks,
  );
  for (const hook of ['make.sh', 'install.sh']) {
    await writeFile(path.join(folder, 'recipes/cpython', hook), `echo ${hook}\n`);
  }
  await writeFile(
    path.join(folder, 'static-modules/all.yaml'),
    [
      'sys: {linkage: core, origin: config.c, init: ~}',
      'posix: {origin: bootstrap}',
      '_a: {sources: [_a.c], libraries: {zlib: [z]}}',
      '_b: {sources: [_b.c]}',
      '',
    ].join('\n'),
  );
  // The project has no profile.
  const target = 'targets/x86_64-unknown-linux-gnu.yaml';
  const text = await readFile(path.join(root, target), 'utf8');
  await mkdir(path.join(folder, 'targets'));
  await writeFile(path.join(folder, target), text.replace(/^options: .*\n/m, ''));
  const tiny = path.join(root, 'test/fixtures/images/tiny');
  await cp(path.join(root, 'docker/sandbox'), path.join(folder, 'docker/sandbox'), {
    recursive: true,
  });
  for (const name of ['build', 'sysroot-x86_64-unknown-linux-gnu']) {
    await cp(tiny, path.join(folder, 'docker', name), {recursive: true});
    const definition = path.join(folder, 'docker', name, 'image.yaml');
    const text = await readFile(definition, 'utf8');
    await writeFile(definition, text.replace('name: tiny', `name: ${name}`));
  }
}

/** Gives the project's store what the tests' store has: it is fetched and unpacked once for all tests. */
async function shareImages(store: string, contents: FirstContents): Promise<void> {
  const images = await testImages();
  const share = (name: string): Promise<void> =>
    cp(path.join(images.store.root, name), path.join(store, 'v1', name), {
      recursive: true,
      verbatimSymlinks: true,
      preserveTimestamps: true,
    });
  await sharePackages(store);
  if (contents === 'packages') return;
  for (const {digest} of [images.sandbox, images.tiny]) await share(`artifacts/${digest}`);
  await share('records/resolved-key');
}

/** The option that names a project, for a command that has it: those that only look into a store have none. */
export function projectOption(arguments_: readonly string[], folder: string): readonly string[] {
  const isOfStore = arguments_[0] === 'log' || arguments_.slice(0, 2).join(' ') === 'store gc';
  return isOfStore ? [] : ['--project', folder];
}
