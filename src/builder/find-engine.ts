import {access} from 'node:fs/promises';
import {BuildError} from '../core/errors.js';
import {
  addressText,
  engineCandidates,
  type EngineCandidate,
} from '../executor/docker/engine-address.js';
import type {Engine} from '../executor/docker/engine.js';
import {EngineUnreachableError} from '../executor/docker/engine-error.js';

/** An engine that can run stages, or why there is none. */
export type FoundEngine =
  | {readonly engine: Engine; readonly origin: string}
  | {
      readonly engine: undefined;
      readonly problem: BuildError;
      /** Whether an engine exists or was named, so that a user may expect it to be used. */
      readonly isExpected: boolean;
    };

/** Looks for an engine as the docker CLI does, and at the sockets of rootless engines and podman. */
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
    // Most machines have few of the usual sockets; nothing is loaded for the missing ones.
    if (origin === 'usual socket' && address.kind === 'socket' && !(await exists(address.path)))
      continue;
    // docker-modem reads it, and the files in DOCKER_CERT_PATH, regardless of its options.
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
