import {countOf} from '../../report/lines.js';
import {readInTree, type Tree} from '../../core/tree-file.js';
import type {ArtifactDigest} from '../../core/digest.js';
import {
  BuildError,
  formatDiagnostic,
  InputError,
  InternalError,
  valueOrThrow,
} from '../../core/errors.js';
import type {StageId} from '../../core/stage-id.js';
import {printBuildOptions} from '../../core/build-options.js';
import {variantAsJson, type Variant} from '../../core/variant.js';
import type {BuildGraph} from '../../graph/graph.js';
import {runGraph} from '../../scheduler/scheduler.js';
import type {AuditFinding} from '../../setup-local/audit-finding.js';
import {auditModules, type Audit} from '../../setup-local/audit-modules.js';
import {parseRecordedBuild, type RecordedBuild} from '../../setup-local/built-modules.js';
import {generateSetupLocal} from '../../setup-local/setup-local.js';
import {
  parseUpstreamModules,
  upstreamFileNames,
  type UpstreamTexts,
} from '../../setup-local/upstream-modules.js';
import {planAudit, type AuditPlan} from '../../stages/audit-stages.js';
import type {Project} from '../../stages/project.js';
import {throwFailures} from '../../builder/build-plan.js';
import {openProject} from '../../builder/open-project.js';
import {makeRequests} from '../../builder/make-plan.js';
import type {CommonOptions, JsonOption} from '../../builder/options.js';
import {print, printJson} from '../print.js';
import {openSession, type Session} from '../../builder/session.js';

/** An audit has unexplained findings; each was printed. */
class AuditFindingsError extends BuildError {
  override readonly name = 'AuditFindingsError';
  readonly code = 'E_AUDIT_FINDINGS';
}

/**
 * Builds upstream's configuration and ours, and prints every difference between extension modules that
 * `static-modules/` does not explain.
 */
export async function runAudit(
  options: CommonOptions & JsonOption,
  signal: AbortSignal,
): Promise<void> {
  const project = await openProject(options, signal);
  await using session = await openSession(options, project, signal);
  const [request, ...others] = makeRequests(options, await session.chooseSourceSet());
  if (request === undefined || others.length > 0) {
    throw new InputError([
      'an audit is of one Python, target and set of options: name one of each',
    ]);
  }
  const plan = valueOrThrow(planAudit(project, request));
  await session.mark(plan);
  const audit = await auditOf(plan, project, session);
  session.reporter.close();
  if (options.json === true) printJson({...variantAsJson(plan.variant), ...audit});
  else print(textOf(plan.variant, audit));
  const {length} = audit.findings;
  if (length === 0) {
    session.finish();
    return;
  }
  throw new AuditFindingsError(
    `${length} of these are not explained. Fix static-modules/, or explain under \`differs:\` why it is meant\n` +
      '(static-modules/README.md, "Differences from upstream").',
  );
}

async function auditOf(plan: AuditPlan, project: Project, session: Session): Promise<Audit> {
  const {variant, stageIds} = plan;
  const upstreamFolder = await foldersOf(plan.upstream, plan, session);
  const texts = readSetupFiles(await upstreamFolder(stageIds.setupFiles));
  const upstream = readRecorded(await upstreamFolder(stageIds.upstream));
  const definitions = project.moduleDefinitions;
  const setupLocal = generateSetupLocal({definitions, upstream: texts, ...variant});
  let ours: RecordedBuild | undefined;
  if (setupLocal.ok) {
    const folder = await foldersOf(plan.ours, plan, session);
    ours = readRecorded(await folder(stageIds.recorded));
  } else {
    // An upgrade starts here: upstream's build shows what the entries must contain.
    const lines = setupLocal.diagnostics.map(formatDiagnostic);
    const message = `our own build is left out of the audit until this is fixed:\n${lines.join('\n')}`;
    session.resources.onEvent({type: 'notice', message});
  }
  const upstreamModules = valueOrThrow(parseUpstreamModules(texts));
  return auditModules({definitions, context: variant, upstreamModules, upstream, ours});
}

/** Runs the graph and returns the path of each stage's artifact. */
async function foldersOf(
  graph: BuildGraph,
  plan: AuditPlan,
  session: Session,
): Promise<(id: StageId) => Promise<Tree>> {
  await session.requireMeans(graph);
  const outcome = await runGraph(graph, session.resourcesOf(plan));
  throwFailures(outcome);
  session.resources.signal.throwIfAborted();
  return async (id) => {
    const stage = outcome.get(id);
    const artifact: ArtifactDigest | undefined =
      stage?.kind === 'built' || stage?.kind === 'restored' ? stage.artifact : undefined;
    if (artifact === undefined) throw new InternalError(`${id} ended without an artifact`);
    return {hostPath: await session.store.materialise(artifact), name: id};
  };
}

function readSetupFiles(tree: Tree): UpstreamTexts {
  const read = (name: string): string => readInTree(tree, name).toString();
  return {
    setup: read(upstreamFileNames.setup),
    bootstrap: read(upstreamFileNames.bootstrap),
    stdlib: read(upstreamFileNames.stdlib),
    configC: read(upstreamFileNames.configC),
  };
}

function readRecorded(tree: Tree): RecordedBuild {
  const [calls, configC] = (['calls.json', 'config.c'] as const).map((name) =>
    readInTree(tree, name).toString(),
  );
  return valueOrThrow(parseRecordedBuild(calls ?? '', configC ?? ''));
}

function textOf({python, target, options}: Variant, audit: Audit): string {
  const summary =
    `${audit.compared} extension modules of CPython ${python} (${target.triple}, ${printBuildOptions(options)}) compared with upstream's own build: ` +
    `${countOf(audit.findings.length, 'unexplained difference')}, ${audit.explained.length} explained\n`;
  return [...audit.findings.map(findingText), summary].join('');
}

function findingText(finding: AuditFinding): string {
  const {module, field, message, place} = finding;
  const where = place === undefined ? '' : ` (${place.file}:${place.line})`;
  const line = (title: string, values: readonly string[]): string =>
    `  ${title}: ${values.join(' ') || '-'}\n`;
  const lines = [line('upstream', finding.upstream), line('ours', finding.ours)];
  // The two lines above already report a module that is missing completely.
  if (field !== 'presence') {
    lines.push(line('only upstream', finding.onlyUpstream), line('only ours', finding.onlyOurs));
  }
  return `${module}, ${field}${where}: ${message}\n${lines.join('')}`;
}
