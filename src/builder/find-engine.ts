import {access} from 'node:fs/promises';
import {BuildError} from '../core/errors.js';
import {
  addressText,
  engineCandidates,
  type EngineCandidate,
} from '../executor/docker/engine-address.js';
import type {Engine} from '../executor/docker/engine.js';
import {EngineUnreachableError} from '../executor/docker/engine-error.js';

/** An engine that is fit to run stages, or why there is none. */
export type FoundEngine =
  | {readonly engine: Engine; readonly origin: string}
  | {
      readonly engine: undefined;
      readonly problem: BuildError;
      /** Whether there is, or was said to be, an engine: somebody may expect that it is used. */
      readonly isExpected: boolean;
    };

/** Looks for an engine where the docker CLI looks, and on the sockets of rootless engines and podman. */
export async function findEngine(): Promise<FoundEngine> {
  try {
    return await firstFit(await engineCandidates(ownEnvironment()));
  } catch (error) {
    if (error instanceof BuildError) return {engine: undefined, problem: error, isExpected: true};
    throw error;
  }
}

async function firstFit(candidates: readonly EngineCandidate[]): Promise<FoundEngine> {
  const problems: BuildError[] = [];
  for (const candidate of candidates) {
    const {address, origin} = candidate;
    // Most machines have few of the usual sockets: nothing is loaded for those that are not there.
    if (origin === 'usual socket' && address.kind === 'socket' && !(await exists(address.path)))
      continue;
    // docker-modem reads it too, and the files that DOCKER_CERT_PATH names, whatever it is told.
    delete process.env['DOCKER_HOST'];
    const {connectEngine} = await import('../executor/docker/engine.js');
    try {
      return {engine: await connectEngine(candidate), origin};
    } catch (error) {
      if (!(error instanceof BuildError)) throw error;
      problems.push(error);
    }
  }
  const [problem] = problems;
  const isExpected = problem !== undefined;
  if (isExpected && problems.length === 1) return {engine: undefined, problem, isExpected};
  const looked = candidates.map(({address}) => `  ${addressText(address)}`);
  const message =
    problem === undefined
      ? `There is no Docker engine at any of the usual places:\n${looked.join('\n')}\n` +
        'Next: start Docker or the podman service, or name an engine with DOCKER_HOST; or --executor local'
      : problems.map((one) => one.message).join('\n');
  return {engine: undefined, problem: new EngineUnreachableError(message), isExpected};
}

const variables = {...process.env};

function ownEnvironment() {
  const home = variables['HOME'];
  return {
    variables,
    homePath: home === undefined || home === '' ? undefined : home,
    uid: process.getuid?.() ?? 0,
  };
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    (error: unknown) => (error as NodeJS.ErrnoException).code !== 'ENOENT',
  );
}
