import {readFile} from 'node:fs/promises';
import path from 'node:path';
import {sha256} from '../../core/digest.js';
import {InputError} from '../../core/errors.js';

/** Where an engine listens. */
export type EngineAddress =
  | {readonly kind: 'socket'; readonly path: string}
  | {
      readonly kind: 'tcp';
      readonly host: string;
      readonly port: number;
      readonly tls?: EngineTls;
    };

/** The PEM texts of a connection with TLS. */
export interface EngineTls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** Whether the engine's certificate is checked. */
  readonly isVerified: boolean;
}

/** A possible address of an engine, and its origin. */
export interface EngineCandidate {
  readonly address: EngineAddress;
  /** `DOCKER_HOST`, `context desktop`, or `usual socket`. */
  readonly origin: string;
}

/** The part of this process's environment that the search for an engine reads. */
export interface EngineEnvironment {
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly homePath: string | undefined;
  readonly uid: number;
}

/**
 * Possible addresses of an engine, best first, as in the docker CLI: `DOCKER_HOST`, a context, else the usual sockets,
 * including those of rootless engines and podman. An address that the user named is the only candidate. Contacts no
 * engine.
 * @throws InputError when a named address is invalid.
 */
export async function engineCandidates(
  environment: EngineEnvironment,
): Promise<readonly EngineCandidate[]> {
  const {variables} = environment;
  const host = variables['DOCKER_HOST'];
  if (host !== undefined && host !== '') {
    const tls = await tlsOfVariables(environment);
    return [{origin: 'DOCKER_HOST', address: parseAddress(host, 'DOCKER_HOST', tls)}];
  }
  const context = await contextName(environment);
  if (context !== undefined && context !== 'default') return [await readContext(context, environment)];
  return usualSockets(environment).map((socket) => ({
    origin: 'usual socket',
    address: {kind: 'socket', path: socket},
  }));
}

function usualSockets({homePath, uid, variables}: EngineEnvironment): readonly string[] {
  const runtime = variables['XDG_RUNTIME_DIR'] ?? `/run/user/${uid}`;
  return [
    '/var/run/docker.sock',
    path.join(runtime, 'docker.sock'),
    ...(homePath === undefined ? [] : [path.join(homePath, '.docker/run/docker.sock')]),
    path.join(runtime, 'podman/podman.sock'),
    '/run/podman/podman.sock',
  ];
}

function parseAddress(text: string, origin: string, tls: EngineTls | undefined): EngineAddress {
  if (text.startsWith('unix://')) {
    return {kind: 'socket', path: text.slice('unix://'.length) || '/var/run/docker.sock'};
  }
  if (text.startsWith('ssh://')) {
    throw new InputError([
      `${origin}: engines over ssh are not supported, found ${text}\n` +
        'Next: forward its socket and name that, ' +
        `ssh -nNT -L /tmp/engine.sock:/var/run/docker.sock ${text.slice('ssh://'.length)} and ` +
        'DOCKER_HOST=unix:///tmp/engine.sock',
    ]);
  }
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isTcp = url !== undefined && ['tcp:', 'http:', 'https:'].includes(url.protocol);
  if (!isTcp || url.hostname === '') {
    throw new InputError([
      `${origin}: expected unix:///path/of/a.socket or tcp://host:port, found ${text}`,
    ]);
  }
  const secure = tls ?? (url.protocol === 'https:' ? {isVerified: true} : undefined);
  const port = url.port === '' ? (secure === undefined ? 2375 : 2376) : Number(url.port);
  // IPv6 addresses have brackets in a URL, but not in a connection.
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return {kind: 'tcp', host, port, ...(secure !== undefined && {tls: secure})};
}

function configFolder({homePath, variables}: EngineEnvironment): string | undefined {
  const named = variables['DOCKER_CONFIG'];
  if (named !== undefined && named !== '') return named;
  return homePath === undefined ? undefined : path.join(homePath, '.docker');
}

async function tlsOfVariables(environment: EngineEnvironment): Promise<EngineTls | undefined> {
  const {variables} = environment;
  const isVerified = (variables['DOCKER_TLS_VERIFY'] ?? '') !== '';
  if (!isVerified && (variables['DOCKER_TLS'] ?? '') === '') return undefined;
  const folder = variables['DOCKER_CERT_PATH'] ?? configFolder(environment);
  if (folder === undefined) return {isVerified};
  const tls = await readTls(folder, isVerified);
  if (variables['DOCKER_CERT_PATH'] !== undefined && tls.ca === undefined && tls.cert === undefined) {
    throw new InputError([
      `DOCKER_CERT_PATH: expected ca.pem, cert.pem and key.pem, ${folder} has none that can be read`,
    ]);
  }
  return tls;
}

async function readTls(folder: string, isVerified: boolean): Promise<EngineTls> {
  const [ca, cert, key] = await Promise.all(
    ['ca', 'cert', 'key'].map((name) => readText(path.join(folder, `${name}.pem`))),
  );
  return {
    isVerified,
    ...(ca !== undefined && {ca}),
    ...(cert !== undefined && {cert}),
    ...(key !== undefined && {key}),
  };
}

async function contextName(environment: EngineEnvironment): Promise<string | undefined> {
  const named = environment.variables['DOCKER_CONTEXT'];
  if (named !== undefined && named !== '') return named;
  const folder = configFolder(environment);
  if (folder === undefined) return undefined;
  const file = path.join(folder, 'config.json');
  const text = await readText(file);
  const current = text === undefined ? undefined : member(parseJson(text, file), 'currentContext');
  return typeof current === 'string' && current !== '' ? current : undefined;
}

async function readContext(
  name: string,
  environment: EngineEnvironment,
): Promise<EngineCandidate> {
  const contexts = path.join(configFolder(environment) ?? '.docker', 'contexts');
  const origin = `context ${name}`;
  const file = path.join(contexts, 'meta', sha256(name), 'meta.json');
  const text = await readText(file);
  if (text === undefined) {
    throw new InputError([
      `docker ${origin}: ${file} cannot be read\nNext: docker context ls, or DOCKER_CONTEXT=default`,
    ]);
  }
  const endpoint = member(member(parseJson(text, file), 'Endpoints'), 'docker');
  const host = member(endpoint, 'Host');
  if (typeof host !== 'string') {
    throw new InputError([`docker ${origin}: ${file} names no Host of an engine`]);
  }
  const isVerified = member(endpoint, 'SkipTLSVerify') !== true;
  const tls = await readTls(path.join(contexts, 'tls', sha256(name), 'docker'), isVerified);
  const isSecure = tls.ca !== undefined || tls.cert !== undefined || !isVerified;
  return {origin, address: parseAddress(host, origin, isSecure ? tls : undefined)};
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InputError([`${file} is not JSON: ${(error as Error).message}`]);
  }
}

function member(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name];
}

function readText(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(() => undefined);
}

/** `unix:///var/run/docker.sock` or `tcp://host:2376`. */
export function addressText(address: EngineAddress): string {
  return address.kind === 'socket' ? `unix://${address.path}` : `tcp://${address.host}:${address.port}`;
}
