import {readdir, readFile, stat} from 'node:fs/promises';
import path from 'node:path';
import {InputError, valueOrThrow} from '../core/errors.js';
import type {StageOutcome} from '../core/events.js';
import type {StageId} from '../core/stage-id.js';
import {buildGraph, type BuildGraph} from '../graph/graph.js';
import {stageKeys} from '../graph/key.js';
import {inputStages, type Stage} from '../graph/stage.js';
import {runGraph} from '../scheduler/scheduler.js';
import {planToolchain, type ToolchainPlan} from '../stages/toolchain-stages.js';
import {throwFailures} from './build.js';
import {matchStage} from './find-stage.js';
import {revisions} from './host-function-table.js';
import {loadProject} from './load-project.js';
import type {JsonOption, SessionOptions} from './options.js';
import {printJson} from './print-json.js';
import {openSession, type Session} from './session.js';
import {formatBytes, formatTable} from './table.js';

/** What `ampoule toolchain` can be asked. */
export interface ToolchainOptions extends Omit<SessionOptions, 'toolchain'>, JsonOption {
  readonly llvmTargets: string;
  readonly bolt?: true;
}

/** What a stage of the toolchain took and left. Figures are of the run that made the artifact, with those it resumed. */
interface ToolchainRow {
  readonly stage: StageId;
  readonly outcome: StageOutcome['kind'];
  readonly figures: StageFigures | undefined;
  readonly sizeBytes: number;
}

/** What a stage's script says of itself at the end of its log. */
interface StageFigures {
  readonly seconds: number;
  /** Of all processors together. */
  readonly processorSeconds: number;
  /** The most of all processes together. */
  readonly memoryMebibytes: number;
  readonly runs: number;
  readonly jobs: number;
}

/** Builds the toolchain, or some of its stages, and prints what each of them took. */
export async function runToolchain(
  names: readonly string[],
  options: ToolchainOptions,
  signal: AbortSignal,
): Promise<void> {
  const project = await loadProject(options.project);
  await using session = await openSession({...options, toolchain: 'bootstrap'}, project, signal);
  const request = {
    sourceSet: await session.chooseSourceSet(),
    llvmTargets: parseTargets(options.llvmTargets),
    hasBolt: options.bolt === true,
  };
  const whole = valueOrThrow(planToolchain(project, request, revisions));
  const plan = names.length === 0 ? whole : {...whole, graph: partOf(whole.graph, names)};
  // The rest took hours, if it was built: what is not asked for today is kept too.
  await session.mark(valueOrThrow(planToolchain(project, {...request, hasBolt: true}, revisions)));
  await session.requireSources(plan.graph);
  const outcome = await runGraph(plan.graph, session.resources);
  throwFailures(outcome);
  signal.throwIfAborted();
  session.reporter.close();
  const rows = await Promise.all([...outcome].map((entry) => rowOf(entry, plan, session)));
  if (options.json === true) printJson({...request, stages: rows});
  else process.stdout.write(tableOf(rows));
}

function parseTargets(text: string): readonly string[] {
  if (/^[A-Za-z0-9]+(,[A-Za-z0-9]+)*$/.test(text)) return text.split(',');
  throw new InputError([`--llvm-targets: wanted names such as X86 or X86,AArch64, got "${text}"`]);
}

/** The named stages of a graph with all that they need. */
export function partOf({stages}: BuildGraph, names: readonly string[]): BuildGraph {
  const wanted = new Map<StageId, Stage>();
  const add = (id: StageId): void => {
    const stage = stages.get(id);
    if (stage === undefined) return;
    for (const input of inputStages(stage)) add(input);
    wanted.set(id, stage);
  };
  for (const name of names) add(matchStage(name, [...stages.keys()]));
  return valueOrThrow(buildGraph([...wanted.values()]));
}

async function rowOf(
  [stage, outcome]: readonly [StageId, StageOutcome],
  {graph}: ToolchainPlan,
  {store}: Session,
): Promise<ToolchainRow> {
  const key = stageKeys(graph).get(stage);
  const record = key === undefined ? undefined : await store.findByStageKey(key);
  const log = record === undefined ? '' : await readFile(record.log, 'utf8').catch(() => '');
  const size = record === undefined ? 0 : await sizeOf(store.artifactPath(record.artifact));
  return {stage, outcome: outcome.kind, figures: figuresOf(log), sizeBytes: size};
}

function figuresOf(log: string): StageFigures | undefined {
  const pattern =
    /^== figures: (\d+) seconds, (\d+) processor seconds, at most (\d+) MiB, (\d+) runs, (\d+) jobs$/m;
  const numbers = pattern.exec(log)?.slice(1).map(Number);
  if (numbers === undefined) return undefined;
  const [seconds = 0, processorSeconds = 0, memoryMebibytes = 0, runs = 0, jobs = 0] = numbers;
  return {seconds, processorSeconds, memoryMebibytes, runs, jobs};
}

async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, {recursive: true, withFileTypes: true});
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(
    files.map(async ({parentPath, name}) => (await stat(path.join(parentPath, name))).size),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

function tableOf(rows: readonly ToolchainRow[]): string {
  const minutes = (seconds: number): string => (seconds / 60).toFixed(1);
  return formatTable(
    ['stage', 'outcome', 'jobs', 'minutes', 'processor minutes', 'most memory', 'runs', 'size'],
    rows.map(({stage, outcome, figures, sizeBytes}) => [
      stage,
      outcome,
      ...(figures === undefined
        ? ['', '', '', '', '']
        : [
            figures.jobs,
            minutes(figures.seconds),
            minutes(figures.processorSeconds),
            `${figures.memoryMebibytes} MiB`,
            figures.runs,
          ]),
      formatBytes(sizeBytes),
    ]),
    [2, 3, 4, 5, 6, 7],
  );
}
