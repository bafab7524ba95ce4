import {mkdtemp} from 'node:fs/promises';
import path from 'node:path';
import {
  openBuildFolder,
  usualBuildFolder,
  type BuildFolder,
} from '../../builder/develop/build-folder.js';
import {refuseBuiltTree} from '../../builder/develop/clean-tree.js';
import {makeTree, type DevelopWork} from '../../builder/develop/make-tree.js';
import {loadProject} from '../../builder/load-project.js';
import {makeVariants} from '../../builder/make-plan.js';
import type {CommonOptions} from '../../builder/options.js';
import {readPythonTree} from '../../builder/python-tree/read-python-tree.js';
import {withPythonTree} from '../../builder/python-tree/with-python-tree.js';
import {openSession} from '../../builder/session.js';
import {makeInputs} from '../../builder/stage-execution.js';
import {InputError, valueOrThrow} from '../../core/errors.js';
import type {Variant} from '../../core/variant.js';
import {removeTree} from '../../files/remove-tree.js';
import {developImage, planDevelop} from '../../stages/develop-stage.js';
import {ownerName} from '../../store/owner.js';
import {exitCodeOf} from '../exit-code.js';
import {printPath} from '../print.js';
import {runAim} from './run-aim.js';
import {chooseAim, type AimOptions} from './words.js';

/** Options of `ampoule develop`. */
export interface DevelopOptions extends CommonOptions, AimOptions {
  readonly buildFolder?: string;
}

/** Makes a developer's tree in its build folder, and then runs there what the options ask for. */
export async function runDevelop(
  folder: string,
  words: readonly string[],
  options: DevelopOptions,
  signal: AbortSignal,
): Promise<void> {
  const aim = chooseAim(options, words);
  requireLocal(options);
  const pinned = await loadProject(options.project);
  const tree = await readPythonTree(folder, '<tree>', pinned);
  await refuseBuiltTree(tree.folder);
  const project = withPythonTree(pinned, tree);
  await using session = await openSession(options, project, signal);
  const variant = onlyVariant(makeVariants(project, options, await session.chooseSourceSet()));
  const needsAids = ['gdb', 'regen', 'shell'].includes(aim.aim);
  const plan = valueOrThrow(planDevelop(project, variant, needsAids ? developImage : undefined));
  const usual = usualBuildFolder(tree.folder, variant.options);
  const build = await openBuildFolder(path.resolve(options.buildFolder ?? usual), tree.folder);
  await session.mark(plan);
  const artifactOf = await makeInputs({plan, inputs: plan.inputs}, session);
  session.reporter.close();
  await using scratch = await openScratch(session.store);
  const work: DevelopWork = {
    ...{plan, build, session, artifactOf},
    tree: tree.folder,
    scratch: scratch.path,
    isQuiet: options.progress === 'quiet',
  };
  // A shell is for repairs too, and what is regenerated may be what does not compile.
  const isConfiguredOnly = aim.aim === 'shell' || aim.aim === 'regen';
  const isMade = await makeTree(work, isConfiguredOnly ? ['Makefile'] : []);
  if (!isMade) return;
  if (aim.aim === 'make') {
    printPath(path.join(build.path, 'python'));
    return;
  }
  process.exitCode = exitCodeOf(await runAim(aim, work)) ?? process.exitCode;
}

function requireLocal({executor}: DevelopOptions): void {
  if (executor !== 'docker') return;
  throw new InputError([
    '--executor docker: a tree is developed in namespaces of this machine, as this user; an engine would run as another.\n' +
      'Name --executor local, or leave it out.',
  ]);
}

function onlyVariant([variant, other]: readonly Variant[]): Variant {
  if (variant === undefined || other !== undefined) {
    throw new InputError([
      'one tree is built with one set of options at a time: wanted --options and --target without commas',
    ]);
  }
  if (!variant.options.includes('pgo')) return variant;
  throw new InputError([
    '--options: pgo trains an interpreter and compiles it twice, which is no work for an edit loop.\n' +
      'Name noopt or lto; or ampoule build --python-source DIR --options pgo.',
  ]);
}

async function openScratch({
  layout,
  temporaryPath,
}: DevelopWork['session']['store']): Promise<AsyncDisposable & Pick<BuildFolder, 'path'>> {
  const folder = await mkdtemp(
    path.join(temporaryPath, `${await ownerName(layout.owners)}-develop-`),
  );
  return {path: folder, [Symbol.asyncDispose]: () => removeTree(folder)};
}
