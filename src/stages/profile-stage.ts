import {printBuildOptions} from '../core/build-options.js';
import {failure, success, type Result} from '../core/errors.js';
import {ownCommand} from '../core/own-command.js';
import type {Source} from '../core/source.js';
import type {StageId} from '../core/stage-id.js';
import type {Variant} from '../core/variant.js';
import type {SandboxStage} from '../graph/stage.js';
import {profileExtensions, profilePlace, type ProfileInputs} from '../profile/profile-record.js';
import {compileEnvironment} from '../recipe/environment.js';
import {renderThawScript, renderTrainScript} from '../recipe/render-hooks.js';
import {selectSource} from '../recipe/select-source.js';
import {namedFiles} from './dependency-stage.js';
import {toolMounts} from './names.js';
import {profileInputs} from './profile-inputs.js';
import type {FrozenProfile, InterpreterInputs, ProfileTask} from './project.js';

/** The profile of an interpreter, as planned. */
export interface PlannedProfile {
  /** Where its files are or would be: `profiles/3.14/x86_64-unknown-linux-gnu/pgo`. */
  readonly place: string;
  /** The stage that has it as its artifact. */
  readonly stage: StageId;
  /** What a training would make it from. */
  readonly inputs: ProfileInputs;
  /** The one to use; `undefined` if it is trained. */
  readonly frozen: FrozenProfile | undefined;
}

/**
 * The profile that an interpreter needs; `undefined` without the option `pgo`, and if there is to be none. Mistake: the
 * project has no such profile.
 */
export function planProfile(inputs: InterpreterInputs): Result<PlannedProfile | undefined> {
  const {project, names, context} = inputs;
  if (context.profile === undefined || context.profile === 'none') return success(undefined);
  const wanted = profileInputs(inputs);
  const place = profilePlace(wanted);
  const planned = {place, stage: names.profile, inputs: wanted};
  if (context.profile === 'train') return success({...planned, frozen: undefined});
  const frozen = project.profiles.get(place);
  if (frozen !== undefined) return success({...planned, frozen});
  const message =
    `there is no such file, and a build with the option pgo needs this profile.\n${howToMake(wanted, context)}` +
    'build with --profile train, which trains in the build, so that no two builds are equal; with --profile none; ' +
    'or with --options lto or noopt.';
  return failure([{file: place + profileExtensions.profile, message}]);
}

/** A developer's own tree has no profile that is kept. */
function howToMake(inputs: ProfileInputs, {python, ownTree, sourceSet}: Variant): string {
  if (ownTree !== undefined) return 'Next: ';
  const {target, options, glibc, toolchain} = inputs;
  const which = `--target ${target} --options ${options} --sources ${sourceSet}`;
  const how = `--glibc ${glibc} --toolchain ${toolchain}`;
  return `Next: ${ownCommand(`profile train ${python} ${which} ${how}`)}\nOr `;
}

/** The frozen profile below `/src`. */
const frozenName = 'python.profdata.zst';

/**
 * `profile/<variant>`: the profile that the compiler reads, and the list of its functions. A frozen one is unpacked. Without
 * one, the instrumented interpreter runs the training of the recipe; that is the only stage whose bytes may differ
 * between two runs.
 */
export function profileStage(
  {folder, project, names, context}: InterpreterInputs,
  frozen: FrozenProfile | undefined,
): SandboxStage {
  const {sourceDateEpoch} = selectSource(folder.recipe, context.sourceSet);
  const {script, files} =
    frozen === undefined
      ? renderTrainScript(folder.recipe, context)
      : renderThawScript(folder.recipe, frozenName, context);
  const tasks = frozen === undefined ? (project.profileTasks ?? []) : [];
  const instrumented = [{guestPath: '/in', stages: [names.instrumented]}];
  return {
    kind: 'sandbox',
    id: names.profile,
    rootfs: names.rootfs,
    mounts: [...toolMounts(names), ...(frozen === undefined ? instrumented : [])],
    sources: frozen === undefined ? [] : [sourceOf(frozen)],
    files: {...namedFiles(folder.files, files, script), ...filesOf(tasks)},
    environment: {
      ...compileEnvironment(context, {part: 'cpython', sourceDateEpoch}),
      PYTHON_VERSION: context.python,
      PYTHON_OPTIONS: printBuildOptions(context.options),
      ...(tasks.length === 0 ? {} : {PROFILE_TASKS: listOf(tasks)}),
    },
    script,
  };
}

/** Where the programs of a training are below `/src`: two may have the same name. */
function taskFile({name}: ProfileTask, index: number): string {
  return `tasks/${index}/${name}`;
}

function filesOf(tasks: readonly ProfileTask[]): Readonly<Record<string, string>> {
  return Object.fromEntries(tasks.map((task, index) => [taskFile(task, index), task.text]));
}

/** The programs as the training script reads them: `<weight>,<file below /src>`, separated by blanks. */
function listOf(tasks: readonly ProfileTask[]): string {
  return tasks.map((task, index) => `${task.weight},${taskFile(task, index)}`).join(' ');
}

function sourceOf({record: {sha256, size}, hostPath}: FrozenProfile): Source {
  const locations = [{kind: 'file', path: hostPath} as const];
  return {fileName: frozenName, sha256, sizeBytes: size, locations};
}
