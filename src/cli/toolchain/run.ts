import {lstat, readdir, readFile, readlink} from 'node:fs/promises';
import path from 'node:path';
import {buildMachine} from '../../core/build-machine.js';
import {compareCodeUnits} from '../../core/digest.js';
import {InputError, InternalError, valueOrThrow} from '../../core/errors.js';
import type {StageOutcome} from '../../core/events.js';
import type {StageId} from '../../core/stage-id.js';
import {llvmTargets} from '../../core/toolchain.js';
import {stageKeys} from '../../graph/key.js';
import {
  planToolchain,
  toolchainStageIds,
  type ToolchainPlan,
} from '../../stages/toolchain-stages.js';
import type {DiskStore} from '../../store/disk-store.js';
import {runStages} from '../../builder/build-plan.js';
import {partOf} from '../../builder/part-of.js';
import {loadProject} from '../../builder/load-project.js';
import type {JsonOption, SessionOptions} from '../../builder/options.js';
import {print, printJson} from '../print.js';
import {openSession} from '../../builder/session.js';
import {
  describeContents,
  describeFigures,
  type StageFigures,
  type ToolchainFile,
  type ToolchainRow,
} from './text.js';

/** Options of `ampoule toolchain`. */
export interface ToolchainOptions extends Omit<SessionOptions, 'toolchain'>, JsonOption {
  readonly llvmTargets: string;
  readonly bolt?: true;
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
  const whole = valueOrThrow(planToolchain(project, request));
  const plan = names.length === 0 ? whole : {...whole, graph: partOf(whole.graph, names)};
  // Stages that were not requested this time are kept too, because they may have taken hours.
  await session.mark(valueOrThrow(planToolchain(project, {...request, hasBolt: true})));
  const outcome = await runStages(plan, plan.graph, session);
  session.finish();
  const rows = await Promise.all([...outcome].map((entry) => rowOf(entry, plan, session.store)));
  const {llvm} = toolchainStageIds(request);
  const toolchain = rows.find(({stage}) => stage === llvm);
  const contents =
    toolchain === undefined ? [] : await filesOf(await session.store.materialise(toolchain.digest));
  if (options.json === true) {
    printJson({...request, stages: rows, contents});
    return;
  }
  print(describeFigures(rows));
  if (toolchain !== undefined) print(`\n${describeContents(toolchain, contents)}`);
}

function parseTargets(text: string): readonly string[] {
  const names = text.split(',');
  const unknown = names.filter((name) => !llvmTargets.includes(name));
  const got =
    unknown.length > 0
      ? `"${unknown.join('", "')}"`
      : `"${text}" without ${buildMachine.llvm}, which builds`;
  if (unknown.length > 0 || !names.includes(buildMachine.llvm)) {
    throw new InputError([
      `--llvm-targets: expected ${buildMachine.llvm} and any of ${llvmTargets.join(', ')}; found ${got}`,
    ]);
  }
  return llvmTargets.filter((target) => names.includes(target));
}

async function rowOf(
  [stage, outcome]: readonly [StageId, StageOutcome],
  {graph}: ToolchainPlan,
  store: DiskStore,
): Promise<ToolchainRow> {
  const key = stageKeys(graph).get(stage);
  const record = key === undefined ? undefined : await store.findByStageKey(key);
  if (record === undefined) throw new InternalError(`${stage} ended without a record`);
  const files = await filesOf(await store.materialise(record.artifact));
  return {
    stage,
    outcome: outcome.kind,
    digest: record.artifact,
    figures: figuresOf(await readFile(record.log, 'utf8').catch(() => '')),
    sizeBytes: files.reduce((sum, {sizeBytes}) => sum + sizeBytes, 0),
  };
}

function figuresOf(log: string): StageFigures | undefined {
  const pattern =
    /^== figures: (\d+) seconds, (\d+) processor seconds, at most (\d+) MiB, (\d+) runs, (\d+) jobs$/m;
  const numbers = pattern.exec(log)?.slice(1).map(Number);
  if (numbers === undefined) return undefined;
  const [seconds = 0, processorSeconds = 0, memoryMebibytes = 0, runs = 0, jobs = 0] = numbers;
  return {seconds, processorSeconds, memoryMebibytes, runs, jobs};
}

/** The files and links of an artifact; further names of the same file count as links. */
async function filesOf(folder: string): Promise<readonly ToolchainFile[]> {
  const entries = await readdir(folder, {recursive: true, withFileTypes: true});
  const names = entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .sort(compareCodeUnits);
  const first = new Map<number, string>();
  const files: ToolchainFile[] = [];
  for (const name of names) {
    const stats = await lstat(path.join(folder, name));
    const other = first.get(stats.ino);
    first.set(stats.ino, other ?? name);
    if (stats.isSymbolicLink()) {
      files.push({name, sizeBytes: 0, target: await readlink(path.join(folder, name))});
    } else if (other === undefined) {
      files.push({name, sizeBytes: stats.size});
    } else {
      files.push({name, sizeBytes: 0, target: path.relative(path.dirname(name), other)});
    }
  }
  return files;
}
