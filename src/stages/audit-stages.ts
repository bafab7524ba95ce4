import {compileEnvironment} from '../recipe/environment.js';
import {selectSource} from '../recipe/select-source.js';
import type {SandboxStage} from '../graph/stage.js';
import {pick} from './dependency-stage.js';
import {toolMounts} from './names.js';
import type {InterpreterInputs} from './project.js';

/** The two builds of one CPython source that an audit compares. Each leaves `calls.json` and `config.c`. */
export interface AuditStages {
  /** Upstream's own configuration, with our libraries, compiler and sysroot. */
  readonly upstream: SandboxStage;
  /** Our stage again, with recorded compiler calls. */
  readonly recorded: SandboxStage;
}

/** Makes both stages. The second repeats the stage `cpython` and must give the same bytes. */
export function auditStages(inputs: InterpreterInputs, cpython: SandboxStage): AuditStages {
  const {folder, names, context, dependencies} = inputs;
  const {source, sourceDateEpoch} = selectSource(folder.recipe, context.sourceSet);
  const scripts = (...wanted: readonly string[]) =>
    pick(
      folder.files,
      wanted.map((name) => `audit/${name}`),
      (name) => name,
    );
  return {
    upstream: {
      kind: 'sandbox',
      id: names.upstreamAudit,
      rootfs: names.rootfs,
      mounts: [
        ...toolMounts(names),
        {guestPath: '/sysroot', stages: [names.sysroot]},
        {guestPath: '/deps', stages: dependencies.map(names.dependency)},
      ],
      sources: [source],
      files: scripts('record.sh', 'upstream.sh'),
      environment: {
        ...compileEnvironment(context, {part: 'cpython', sourceDateEpoch}),
        PYTHON_SOURCE: source.fileName,
      },
      script: 'exec sh -eu /src/audit/upstream.sh\n',
    },
    recorded: {
      ...cpython,
      id: names.recordedAudit,
      mounts: cpython.mounts.map((mount) =>
        mount.guestPath === '/in' ? {...mount, stages: [...mount.stages, cpython.id]} : mount,
      ),
      files: {
        ...cpython.files,
        ...scripts('record.sh', 'recorded.sh'),
        'audit/cpython.sh': cpython.script,
      },
      script: 'exec sh -eu /src/audit/recorded.sh\n',
    },
  };
}
