import {InputError} from '../../core/errors.js';
import {readInTree} from '../../core/tree-file.js';
import {loadProject} from '../../builder/load-project.js';
import {makePlan} from '../../builder/make-plan.js';
import {makeProfiles} from '../../builder/make-profiles.js';
import type {CommonOptions, JsonOption} from '../../builder/options.js';
import {readProfileFiles, withProfile} from '../../builder/profile-files.js';
import {openSession} from '../../builder/session.js';
import {parseFunctionCounts} from '../../profile/function-counts.js';
import {profileDifferences} from '../../profile/profile-differences.js';
import {profileExtensions} from '../../profile/profile-record.js';
import {print, printJson} from '../print.js';
import {optionsOf} from './import.js';
import {profileText, type ShownProfile} from './text.js';

/** Prints what a frozen profile was made from, what it covers and its hottest functions. */
export async function runShow(
  profile: string | undefined,
  options: CommonOptions & JsonOption,
  signal: AbortSignal,
): Promise<void> {
  const isFile = profile?.endsWith(profileExtensions.profile) === true;
  const files = isFile ? await readProfileFiles(profile) : undefined;
  const asked: CommonOptions =
    files === undefined
      ? {...options, ...(profile !== undefined && {python: profile})}
      : {...options, ...optionsOf(files.record), executor: options.executor};
  const own = await loadProject(options.project, options.overlay);
  const project = files === undefined ? own : withProfile(own, files);
  await using session = await openSession(asked, project, signal);
  const plan = makePlan(project, asked, await session.chooseSourceSet());
  if (plan.profiles.length > 1) {
    throw new InputError([
      'one profile is shown at a time: name one Python, target and set of options',
    ]);
  }
  // Of a file from elsewhere, nothing is kept.
  if (files === undefined) await session.mark(plan);
  const [made] = await makeProfiles(plan, session);
  if (made?.frozen === undefined) throw new InputError(['--options: expected options with pgo']);
  const {inputs, frozen, tree} = made;
  const shown: ShownProfile = {
    file: frozen.hostPath,
    record: frozen.record,
    differences: profileDifferences(frozen.record, inputs),
    functions: parseFunctionCounts(readInTree(tree, 'functions.tsv').toString()),
  };
  if (options.json === true) printJson(shown);
  else print(profileText(shown));
}
