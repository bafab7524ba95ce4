import path from 'node:path';
import {openBuildFolder, usualBuildFolder} from '../../builder/develop/build-folder.js';
import {refuseBuiltTree} from '../../builder/develop/clean-tree.js';
import {lockBuildFolder, lockTree} from '../../builder/develop/lock.js';
import {configuredTarget, makeTree, regenerate} from '../../builder/develop/make-tree.js';
import {
  prepareTreeMounts,
  runBeside,
  type DevelopCommand,
  type DevelopWork,
} from '../../builder/develop/tree-sandbox.js';
import {loadProject} from '../../builder/load-project.js';
import {makeVariants} from '../../builder/make-plan.js';
import type {CommonOptions} from '../../builder/options.js';
import {readPythonTree} from '../../builder/python-tree/read-python-tree.js';
import {withPythonTree} from '../../builder/python-tree/with-python-tree.js';
import {openSession} from '../../builder/session.js';
import {makeInputs} from '../../builder/stage-execution.js';
import {openTemporaryFolder} from '../../builder/temporary-folder.js';
import {InputError, valueOrThrow} from '../../core/errors.js';
import {ownCommand} from '../../core/own-command.js';
import type {Variant} from '../../core/variant.js';
import {developImage, planDevelop} from '../../stages/develop-stage.js';
import {exitCodeOf} from '../exit-code.js';
import {printError, printPath} from '../print.js';
import {
  debuggerCommand,
  interpreterCommand,
  shellCommand,
  testCommand,
  welcome,
} from './mode-command.js';
import {chooseMode, type DevelopRequest, type ModeOptions} from './mode.js';

/** Options of `ampoule develop`. */
export interface DevelopOptions extends CommonOptions, ModeOptions {
  readonly buildFolder?: string;
}

/** Makes a developer's tree in its build folder, and then does there what the options ask for. */
export async function runDevelop(
  folder: string,
  given: readonly string[],
  options: DevelopOptions,
  signal: AbortSignal,
): Promise<void> {
  const request = chooseMode(options, given);
  requireLocal(options);
  const pinned = await loadProject(options.project, options.overlay);
  const tree = await readPythonTree(folder, '<tree>', pinned);
  await refuseBuiltTree(tree.folder);
  const project = withPythonTree(pinned, tree);
  await using session = await openSession(options, project, signal);
  const variant = onlyVariant(makeVariants(project, options, await session.chooseSourceSet()));
  const image = request.needsDevelopImage ? developImage : undefined;
  const plan = valueOrThrow(planDevelop(project, variant, image));
  const build = await openBuildFolder(folderFor(variant, tree.folder, options), tree.folder);
  await session.mark(plan);
  const artifactOf = await makeInputs({plan, inputs: plan.inputs}, session);
  session.reporter.close();
  await using temporary = await openTemporaryFolder(session.store, 'develop');
  const mounts = await prepareTreeMounts({artifactOf, plan, session}, temporary.path);
  const isQuiet = options.progress === 'quiet';
  const work = {plan, build, session, artifactOf, mounts, isQuiet, tree: tree.folder};
  await runMode(request, work);
}

function folderFor(variant: Variant, tree: string, {buildFolder}: DevelopOptions): string {
  return path.resolve(buildFolder ?? usualBuildFolder(tree, variant.options));
}

async function runMode(request: DevelopRequest, work: DevelopWork): Promise<void> {
  const {build, session, tree} = work;
  // The order of the locks is the same everywhere.
  await using _tree = request.mode === 'regen' ? await lockTree(tree, session) : undefined;
  await using lock = await lockBuildFolder(build, session);
  switch (request.mode) {
    case 'regen':
      await regenerate(work, request.arguments.length > 0 ? request.arguments : regenTargets);
      return;
    case 'shell': {
      // A shell is for repairs too: the tree may not compile.
      if (!(await makeTree(work, [configuredTarget]))) return;
      if (process.stdin.isTTY && !work.isQuiet) printError(welcome(work));
      await runCommand(work, await shellCommand(work));
      return;
    }
    case 'make':
      if (!(await makeTree(work, []))) return;
      session.finish();
      printPath(path.join(build.path, 'python'));
      return;
    default:
      if (!(await makeTree(work, []))) return;
      // Others may make while the command runs.
      await lock[Symbol.asyncDispose]();
      await runCommand(work, commandOf(request, work));
  }
}

function commandOf(request: DevelopRequest, work: DevelopWork): DevelopCommand {
  const {mode, arguments: given} = request;
  if (mode === 'test') return testCommand(work, given);
  if (mode === 'gdb') return debuggerCommand(work, given);
  const [program = './python', ...rest] = given;
  return interpreterCommand(work, [program, ...rest]);
}

async function runCommand(work: DevelopWork, command: DevelopCommand): Promise<void> {
  process.exitCode = exitCodeOf(await runBeside(work, command)) ?? process.exitCode;
}

/** What upstream has in its repository and makes from other files of it. */
const regenTargets = ['regen-all', 'clinic'];

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
      'one tree is built with one set of options at a time: expected --options and --target without commas',
    ]);
  }
  if (!variant.options.includes('pgo')) return variant;
  throw new InputError([
    '--options: a profile belongs to one source, and not to one that is being edited.\n' +
      `Name noopt or lto; or ${ownCommand('build --python-source DIR --options pgo --profile train')}.`,
  ]);
}
