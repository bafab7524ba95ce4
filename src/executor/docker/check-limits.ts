import type {StageLimits} from '../executor.js';
import {ask, type Engine} from './engine.js';
import {EngineUnfitError} from './engine-error.js';

/** What an engine reports about its cgroups; the package's types are incomplete. */
interface LimitSupport {
  readonly MemoryLimit?: boolean;
  readonly PidsLimit?: boolean;
}

/**
 * Checks that an engine can enforce the limits: a rootless one often cannot and ignores them without an error.
 * @throws EngineUnfitError
 */
export async function checkLimits(engine: Engine, limits: StageLimits): Promise<void> {
  const {memoryBytes, pids} = limits;
  if (memoryBytes === undefined && pids === undefined) return;
  const support = await ask(
    engine,
    'telling which limits it can keep',
    async (docker) => (await docker.info()) as LimitSupport,
  );
  const lacking = [
    ...(memoryBytes !== undefined && support.MemoryLimit === false ? ['--memory'] : []),
    ...(pids !== undefined && support.PidsLimit === false ? ['--pids-limit'] : []),
  ];
  if (lacking.length === 0) return;
  throw new EngineUnfitError(
    `The engine at ${engine.name} cannot keep ${lacking.join(' or ')}: it may not use the machine's cgroups\n` +
      'Next: an engine that runs as root, or a rootless one with cgroup v2 and systemd; or no limit',
  );
}
