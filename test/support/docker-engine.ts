import {execFileSync, spawn, type ChildProcess} from 'node:child_process';
import {closeSync, openSync} from 'node:fs';
import {mkdir, mkdtemp, readdir, readFile, rm, writeFile} from 'node:fs/promises';
import {createServer, type AddressInfo} from 'node:net';
import os from 'node:os';
import path from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import type {EngineCandidate} from '../../src/executor/docker/engine-address.js';
import {connectEngine} from '../../src/executor/docker/engine.js';

/** An engine of the tests' own: its data, sockets and processes are apart from any other on the machine. */
export interface TestEngine extends AsyncDisposable {
  readonly socket: EngineCandidate;
  /** The same engine over TCP. */
  readonly tcp: EngineCandidate;
  /** `DOCKER_HOST` of the socket. */
  readonly host: string;
  /** Kills the engine; what runs in it goes on. */
  kill(): Promise<void>;
  /** Lets it answer nobody, though connections are taken, until it is thawed. */
  freeze(): void;
  thaw(): void;
  /** Starts it again where it was killed. */
  restart(): Promise<void>;
}

/** What an engine sees of this machine. */
export interface EngineSight {
  /** Hides a folder from the engine: for it, that is another machine's file system. */
  readonly hiddenFolder?: string;
}

/** How an engine is reached over TCP. */
export interface EngineDoor {
  /** With ca.pem, server.pem and server-key.pem: only clients with a certificate of that CA are let in. */
  readonly tlsFolder?: string;
}

/** CI must have an engine. */
const isRequired = process.env['AMPOULE_REQUIRE_ENGINE'] === '1';

/** Why tests with an engine of this program must be skipped here; `undefined` when they run. */
export function reasonToSkip(program: 'dockerd' | 'podman'): string | undefined {
  // TLS needs certificates.
  const missing = [program, 'openssl'].find((name) => findProgram(name) === undefined);
  const reason =
    missing !== undefined
      ? `there is no ${missing}`
      : process.getuid?.() !== 0
        ? `${program} needs root`
        : undefined;
  if (reason !== undefined && isRequired)
    throw new Error(`AMPOULE_REQUIRE_ENGINE=1, but ${reason}`);
  return reason;
}

/** A title that says why its tests are skipped, if they are. */
export function titleWith(title: string, reason: string | undefined): string {
  return reason === undefined ? title : `${title} (skipped: ${reason})`;
}

/** Starts dockerd without touching the machine's network, firewall or other engines. */
export async function startDocker(sight: EngineSight & EngineDoor = {}): Promise<TestEngine> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'ampoule-engine-'));
  const port = await freePort();
  const socketPath = path.join(folder, 'docker.sock');
  const argv = [
    'dockerd',
    ...['--data-root', path.join(folder, 'data'), '--exec-root', path.join(folder, 'exec')],
    ...['--pidfile', path.join(folder, 'pid'), '--containerd-namespace', path.basename(folder)],
    ...['--host', `unix://${socketPath}`, '--host', `tcp://127.0.0.1:${port}`],
    ...tlsOptions(sight),
    ...['--iptables=false', '--ip6tables=false', '--bridge=none', '--storage-driver=overlay2'],
  ];
  const command = withSight(sight, argv);
  const socket: EngineCandidate = {origin: 'test', address: {kind: 'socket', path: socketPath}};
  const start = () => startProcess(command, path.join(folder, 'log'), socket);
  let engine = await start();
  return {
    socket,
    tcp: {origin: 'test', address: {kind: 'tcp', host: '127.0.0.1', port}},
    host: `unix://${socketPath}`,
    kill: async () => {
      await ended(engine, 'SIGKILL');
      // Else the next one finds it in its place. What runs in containers is left to that.
      await killProcesses((line) => line.startsWith(`containerd\0--config\0${folder}/`));
      // Nor its number: a process that nobody has waited for yet counts as running.
      await rm(path.join(folder, 'exec/containerd/containerd.pid'), {force: true});
    },
    freeze: () => void engine.kill('SIGSTOP'),
    thaw: () => void engine.kill('SIGCONT'),
    restart: async () => {
      engine = await start();
    },
    [Symbol.asyncDispose]: async () => {
      await ended(engine, 'SIGTERM');
      await killProcesses((line) => line.includes(path.basename(folder)));
      unmountBelow(folder);
      await rm(folder, {recursive: true, force: true});
    },
  };
}

function tlsOptions({tlsFolder}: EngineDoor): readonly string[] {
  if (tlsFolder === undefined) return ['--tls=false'];
  const options = {tlscacert: 'ca', tlscert: 'server', tlskey: 'server-key'};
  const files = Object.entries(options).flatMap(([option, name]) => [
    `--${option}`,
    path.join(tlsFolder, `${name}.pem`),
  ]);
  return ['--tlsverify', ...files];
}

function withSight({hiddenFolder}: EngineSight, argv: readonly string[]): readonly string[] {
  if (hiddenFolder === undefined) return argv;
  const hide = `mount -t tmpfs none "$0" && exec "$@"`;
  return ['unshare', '--mount', '/bin/sh', '-c', hide, hiddenFolder, ...argv];
}

/** Starts podman's service that speaks Docker's protocol. */
export async function startPodman(
  sight: EngineSight = {},
): Promise<Pick<TestEngine, 'socket' | 'host'> & AsyncDisposable> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'ampoule-podman-'));
  await mkdir(path.join(folder, 'run'));
  // Its own default asks for more open files and processes than the kernel lets root have in some virtual machines.
  const limits = '[containers]\ndefault_ulimits = ["nofile=1024:1024", "nproc=16384:16384"]\n';
  await writeFile(path.join(folder, 'containers.conf'), limits);
  const socketPath = path.join(folder, 'podman.sock');
  const argv = [
    'podman',
    ...['--root', path.join(folder, 'root'), '--runroot', path.join(folder, 'run')],
    ...['--tmpdir', path.join(folder, 'tmp'), '--cgroup-manager=cgroupfs', '--events-backend=file'],
    ...['system', 'service', '--time=0', `unix://${socketPath}`],
  ];
  const socket: EngineCandidate = {origin: 'test', address: {kind: 'socket', path: socketPath}};
  const service = await startProcess(withSight(sight, argv), path.join(folder, 'log'), socket);
  return {
    socket,
    host: `unix://${socketPath}`,
    [Symbol.asyncDispose]: async () => {
      await ended(service, 'SIGTERM');
      await killProcesses((line) => line.includes(path.basename(folder)));
      unmountBelow(folder);
      await rm(folder, {recursive: true, force: true});
    },
  };
}

async function startProcess(
  argv: readonly string[],
  logPath: string,
  candidate: EngineCandidate,
): Promise<ChildProcess> {
  const folder = path.dirname(logPath);
  const log = openSync(logPath, 'a');
  const [command = '', ...arguments_] = argv;
  const child = spawn(command, arguments_, {
    stdio: ['ignore', log, log],
    env: {PATH: searchPath, HOME: folder, CONTAINERS_CONF: path.join(folder, 'containers.conf')},
  });
  closeSync(log);
  for (;;) {
    const isUp = await connectEngine(candidate).then(
      () => true,
      () => false,
    );
    if (isUp) return child;
    if (child.exitCode !== null)
      throw new Error(`${command} ended:\n${await readFile(logPath, 'utf8')}`);
    await sleep(100);
  }
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  await exit;
}

/** An engine that was killed leaves its containerd and what runs in containers. */
async function killProcesses(isMeant: (commandLine: string) => boolean): Promise<void> {
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (!isMeant(line)) continue;
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It has ended.
    }
  }
}

function unmountBelow(folder: string): void {
  const mounts = execFileSync('cat', ['/proc/self/mounts'], {encoding: 'utf8'});
  const places = mounts.split('\n').map((line) => line.split(' ')[1] ?? '');
  for (const place of places.filter((one) => one.startsWith(`${folder}/`)).toReversed()) {
    execFileSync('umount', ['--lazy', place]);
  }
}

const searchPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

function findProgram(name: string): string | undefined {
  try {
    return execFileSync('/bin/sh', ['-c', `command -v ${name}`], {
      encoding: 'utf8',
      env: {PATH: searchPath},
    }).trim();
  } catch {
    return undefined;
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      // `listen` on a host and port gives an address of this kind.
      const {port} = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
