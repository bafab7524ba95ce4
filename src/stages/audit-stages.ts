import {success, type Result} from '../core/errors.js';
import type {StageId} from '../core/stage-id.js';
import type {Variant} from '../core/variant.js';
import {buildGraph, type BuildGraph} from '../graph/graph.js';
import type {SandboxStage} from '../graph/stage.js';
import {compileEnvironment} from '../recipe/environment.js';
import {selectSource} from '../recipe/select-source.js';
import {pick} from './dependency-stage.js';
import {libraryPartsOf} from './library-parts.js';
import {toolMounts} from './names.js';
import {interpreterStages, planInterpreter, StageSet} from './plan-interpreter.js';
import type {InterpreterInputs, Project} from './project.js';
import {resolveVariant, type VariantRequest} from './resolve-variant.js';

/** The build graphs of an audit, in the order in which they are run. */
export interface AuditPlan {
  readonly variant: Variant;
  /** Upstream's build, which does not depend on static-modules/. */
  readonly upstream: BuildGraph;
  /** Our own build, recorded. */
  readonly ours: BuildGraph;
  readonly stageIds: Readonly<Record<'setupFiles' | 'upstream' | 'recorded', StageId>>;
}

/** Plans the builds that an audit compares. Pure. */
export function planAudit(project: Project, request: VariantRequest): Result<AuditPlan> {
  const resolved = resolveVariant(project, request);
  if (!resolved.ok) return resolved;
  const variant = resolved.value;
  const stages = new StageSet();
  const libraryParts = libraryPartsOf(project);
  const planned = planInterpreter({project, variant, libraryParts}, stages);
  if (!planned.ok) return planned;
  const {inputs, python} = planned.value;
  const audit = auditStages(inputs, python.cpython);
  const upstream = buildGraph([...stages.all(), python.setupFiles, audit.upstream]);
  if (!upstream.ok) return upstream;
  const ours = buildGraph([...stages.all(), ...interpreterStages(python), audit.recorded]);
  if (!ours.ok) return ours;
  return success({
    variant,
    upstream: upstream.value,
    ours: ours.value,
    stageIds: {
      setupFiles: python.setupFiles.id,
      upstream: audit.upstream.id,
      recorded: audit.recorded.id,
    },
  });
}

/** The two builds of one CPython source that an audit compares. Each leaves `calls.json` and `config.c`. */
interface AuditStages {
  /** Upstream's own configuration, with our libraries, compiler and sysroot. */
  readonly upstream: SandboxStage;
  /** Our stage again, with recorded compiler calls. */
  readonly recorded: SandboxStage;
}

/** Makes both stages. The second repeats the stage `cpython` and must give the same bytes. */
function auditStages(inputs: InterpreterInputs, cpython: SandboxStage): AuditStages {
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
