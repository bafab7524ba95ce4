import {sha256} from '../../core/digest.js';
import {readInTree} from '../../core/tree-file.js';
import {openOutput} from '../../builder/build-plan.js';
import {loadProject} from '../../builder/load-project.js';
import {makePlan} from '../../builder/make-plan.js';
import {makeProfiles} from '../../builder/make-profiles.js';
import type {CommonOptions} from '../../builder/options.js';
import {readProfileTasks} from '../../builder/profile-tasks.js';
import {writeProfileFiles} from '../../builder/profile-files.js';
import {projectFolder} from '../../builder/project-folder.js';
import {openSession} from '../../builder/session.js';
import type {ProfileTaskRecord} from '../../profile/profile-record.js';
import type {ProfileTask} from '../../stages/project.js';
import {printPath} from '../print.js';

/** Options of `ampoule profile train`. */
export interface TrainOptions extends Omit<CommonOptions, 'output'> {
  readonly output?: string;
  /** Programs by which it is trained, beside the training of the recipe. */
  readonly profileTask?: readonly string[];
}

/** Trains the interpreters that the options name, writes their profiles and prints the paths of the files. */
export async function runTrain(options: TrainOptions, signal: AbortSignal): Promise<void> {
  const profileTasks = await readProfileTasks(options.profileTask ?? []);
  const {output: folder = options.overlay?.at(-1) ?? options.project ?? projectFolder, ...rest} =
    options;
  // A training takes minutes: whether its profile can be written is tried first.
  const output = await openOutput(folder);
  const training = {...rest, output, profile: 'train'} as const;
  const project = {...(await loadProject(options.project, options.overlay)), profileTasks};
  await using session = await openSession(training, project, signal);
  const plan = makePlan(project, training, await session.chooseSourceSet());
  await session.mark(plan);
  const profiles = await makeProfiles(plan, session);
  const date = new Date().toISOString().slice(0, 10);
  for (const {inputs, tree} of profiles) {
    const bytes = readInTree(tree, 'python.profdata.zst');
    const record = {
      ...inputs,
      ...(profileTasks.length > 0 && {tasks: profileTasks.map(recordOf)}),
      ...{date, sha256: sha256(bytes), size: bytes.length},
    };
    for (const file of await writeProfileFiles(output, record, bytes)) printPath(file);
  }
  session.finish();
}

function recordOf({name, sha256: digest, weight}: ProfileTask): ProfileTaskRecord {
  return {name, sha256: digest, weight};
}
