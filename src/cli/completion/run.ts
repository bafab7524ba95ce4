import type {Command} from 'commander';
import {existsSync} from 'node:fs';
import {readFile} from 'node:fs/promises';
import path from 'node:path';
import {rememberedSourceSet} from '../../builder/choose-source-set.js';
import {defaultStore} from '../../builder/default-store.js';
import {shortStageName} from '../../builder/find-stage.js';
import {imageNames} from '../../builder/image-folder.js';
import {projectFiles} from '../../builder/project-files.js';
import {loadProject} from '../../builder/load-project.js';
import {makePlan} from '../../builder/make-plan.js';
import type {CommonOptions} from '../../builder/options.js';
import {projectFolder, targetTriples} from '../../builder/project-folder.js';
import {recipeNames} from '../../builder/read-recipes.js';
import type {SourceSet} from '../../core/target.js';
import {buildOptions, buildOptionTable} from '../../core/build-options.js';
import type {Project} from '../../stages/project.js';
import {pythonsOf} from '../../stages/pythons.js';
import {DiskStore} from '../../store/disk-store.js';
import {layoutOf} from '../../store/layout.js';
import {stagesWithLogs} from '../../store/stage-logs.js';
import type {Shell} from './command.js';
import {complete, type Source} from './complete.js';
import {printOwn} from '../print.js';
import {printableLine} from '../../core/printable.js';

/** Prints the script of `completions/` for a shell. */
export async function printScript(shell: Shell): Promise<void> {
  const file = path.join(projectFolder, 'completions', `ampoule.${shell}`);
  printOwn(await readFile(file, 'utf8'));
}

/**
 * Prints one candidate per line, its description behind a tab. The last line says what else fits: `:none`, `:files` or
 * `:folders`.
 */
export async function printCandidates(program: Command, words: readonly string[]): Promise<void> {
  const {candidates, source, prefix, typed} = complete(program, words);
  const lines = candidates.map(({value, description}) => `${value}\t${description}`);
  if (source === 'files' || source === 'folders') {
    lines.push(`:${source}`);
  } else {
    const values = source === undefined ? [] : await valuesOf[source](program);
    const fitting = values.filter((value) => value.startsWith(typed));
    lines.push(...fitting.map((value) => `${prefix}${printableLine(value)}\t`), ':none');
  }
  printOwn(`${lines.join('\n')}\n`);
}

type ValueSource = Exclude<Source, 'files' | 'folders'>;

/** Values that the project or the store has, with the options' defaults. */
const valuesOf: Readonly<
  Record<ValueSource, (program: Command) => Promise<readonly string[]> | readonly string[]>
> = {
  buildOptions: () =>
    buildOptions.filter((option) => buildOptionTable[option].notBuildable === undefined),
  images: () => imageNames(projectFiles([projectFolder])),
  logs: async () => {
    const folder = storeFolder();
    const stages =
      folder === undefined ? [] : await stagesWithLogs(layoutOf(folder)).catch(() => []);
    return stages.map((stage) => shortStageName(stage, stages));
  },
  pythons: async () => pythonsOf(await loadProject()).map(({series}) => series),
  recipes: () => recipeNames(projectFiles([projectFolder])),
  stages: plannedStages,
  buildable: async (program) => [
    ...pythonsOf(await loadProject()).map(({series}) => series),
    ...(await plannedStages(program)),
  ],
  targets: () => targetTriples(),
};

/** The names of all stages that can be planned, with the options' defaults. */
async function plannedStages(program: Command): Promise<readonly string[]> {
  const options = program.commands.find((command) => command.name() === 'plan')?.opts();
  const project = await loadProject();
  const {graph} = makePlan(project, options as CommonOptions, await sourceSet(project), 'all');
  const stages = [...graph.stages.keys()];
  return stages.map((stage) => shortStageName(stage, stages));
}

function storeFolder(): string | undefined {
  return process.env['AMPOULE_STORE'] ?? defaultStore();
}

/** The source set that a build would use, without asking the network or making a store. */
async function sourceSet(project: Project): Promise<SourceSet> {
  const folder = storeFolder();
  if (folder === undefined || !existsSync(layoutOf(folder).root)) return 'upstream';
  const settings = {
    store: await DiskStore.open(folder),
    onEvent: () => undefined,
    signal: new AbortController().signal,
  };
  return rememberedSourceSet({sources: 'auto', offline: true}, project, settings);
}
