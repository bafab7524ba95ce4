import Docker from 'dockerode';
import {Agent} from 'node:https';
import {buildMachine} from '../../core/build-machine.js';
import {addressText, type EngineAddress, type EngineCandidate} from './engine-address.js';
import {engineError, EngineUnfitError} from './engine-error.js';
import {unreachableError} from './unreachable.js';

/** The oldest sufficient API: Docker 20.10, podman 4. */
const minimumApi = '1.41';
const answerMs = 10_000;

/** An engine that answered and can run stages. */
export interface Engine {
  readonly docker: Docker;
  /** Its address, for messages. */
  readonly name: string;
  readonly version: string;
  readonly apiVersion: string;
  /** Podman's service, which takes some options in another form. */
  readonly isPodman: boolean;
}

/**
 * Connects to the engine at an address and checks what it is.
 * @throws EngineUnreachableError when none answers; EngineUnfitError when it cannot run stages.
 */
export async function connectEngine({address, origin}: EngineCandidate): Promise<Engine> {
  const name = addressText(address);
  const options = connectionOptions(address);
  // The first answer must come quickly; later ones may take long. Inside the try block, because unreadable certificates
  // fail here.
  const asking = async () => new Docker({...options, timeout: answerMs}).version();
  const answer = await asking().catch((error: unknown) => {
    throw unreachableError(error, address, origin);
  });
  const docker = new Docker(options);
  const engine: Engine = {
    ...{docker, name, version: answer.Version, apiVersion: answer.ApiVersion},
    isPodman: componentsOf(answer).some(({Name}) => Name.startsWith('Podman')),
  };
  const system = `${answer.Os} ${answer.Arch}`;
  if (system !== buildMachine.engine) {
    throw new EngineUnfitError(
      `The engine at ${name} (${origin}) runs on ${system}, expected ${buildMachine.engine}\n` +
        'Next: another engine (DOCKER_HOST), or --executor local',
    );
  }
  if (!isAtLeast(engine.apiVersion, minimumApi)) {
    throw new EngineUnfitError(
      `The engine at ${name} (${origin}) is too old: expected API ${minimumApi} or newer, ` +
        `found ${engine.apiVersion} (version ${engine.version})\n` +
        'Next: Docker 20.10 or podman 4 or newer, or --executor local',
    );
  }
  return engine;
}

/** The parts of an engine; the package's type lacks them. */
function componentsOf(answer: object): readonly {readonly Name: string}[] {
  return (answer as {readonly Components?: readonly {readonly Name: string}[]}).Components ?? [];
}

/** Runs an engine request. @throws the failure as converted by `engineError`. */
export async function ask<T>(
  engine: Engine,
  doing: string,
  request: (docker: Docker) => Promise<T>,
): Promise<T> {
  try {
    return await request(engine.docker);
  } catch (error) {
    throw engineError(error, doing, engine.name);
  }
}

/** Every member is set, because dockerode takes missing ones from the environment. */
function connectionOptions(address: EngineAddress): Docker.DockerOptions {
  const none = {
    host: undefined,
    port: undefined,
    username: undefined,
    ca: undefined,
    cert: undefined,
    key: undefined,
    timeout: undefined,
    pathPrefix: '/',
  };
  if (address.kind === 'socket') return {...none, socketPath: address.path, protocol: 'http'};
  const {host, port, tls} = address;
  if (tls === undefined) return {...none, host, port, protocol: 'http'};
  const {ca, cert, key, isVerified} = tls;
  return {
    ...none,
    ...{host, port, ca, cert, key, protocol: 'https'},
    ...(!isVerified && {agent: new Agent({rejectUnauthorized: false})}),
  };
}

function isAtLeast(version: string, minimum: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = minimum.split('.').map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}
