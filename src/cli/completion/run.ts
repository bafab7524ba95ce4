import type {Command} from 'commander';
import {readFile} from 'node:fs/promises';
import path from 'node:path';
import {defaultStore} from '../../builder/default-store.js';
import {imageNames} from '../../builder/image-folder.js';
import {loadProject, projectFolder} from '../../builder/load-project.js';
import {makePlan} from '../../builder/make-plan.js';
import type {CommonOptions} from '../../builder/options.js';
import {layoutOf} from '../../store/layout.js';
import {stagesWithLogs} from '../../store/stage-logs.js';
import type {Shell} from './command.js';
import {complete, type Source} from './complete.js';

/** Prints the script of `completions/` for a shell. */
export async function printScript(shell: Shell): Promise<void> {
  const file = path.join(projectFolder, 'completions', `ampoule.${shell}`);
  process.stdout.write(await readFile(file, 'utf8'));
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
    lines.push(...fitting.map((value) => `${prefix}${value}\t`), ':none');
  }
  process.stdout.write(`${lines.join('\n')}\n`);
}

/** Values that the project or the store has, with the options' defaults. */
const valuesOf: Readonly<
  Record<Exclude<Source, 'files' | 'folders'>, (program: Command) => Promise<readonly string[]>>
> = {
  images: () => imageNames(projectFolder),
  logs: async () => {
    const folder = process.env['AMPOULE_STORE'] ?? defaultStore();
    return folder === undefined ? [] : stagesWithLogs(layoutOf(folder)).catch(() => []);
  },
  pythons: async () => {
    const {recipes} = await loadProject();
    return [...recipes.keys()].flatMap((name) => /^cpython-(.+)$/.exec(name)?.[1] ?? []);
  },
  stages: async (program) => {
    const plan = program.commands.find((command) => command.name() === 'plan');
    const options = plan?.opts<CommonOptions>();
    if (options === undefined) return [];
    const {graph} = makePlan(await loadProject(), undefined, options, 'upstream');
    return [...graph.stages.keys()];
  },
};
