import {seriesOf} from '../../core/variant.js';
import {makePlan} from '../../builder/make-plan.js';
import {openPlanning} from '../../builder/open-planning.js';
import type {CommonOptions, StoreOptions} from '../../builder/options.js';
import {reportNotices} from '../../builder/open-reporter.js';
import {readProfileFiles, withProfile, writeProfileFiles} from '../../builder/profile-files.js';
import {profileNotices} from '../../builder/profile-notices.js';
import {projectFolder} from '../../builder/project-folder.js';
import type {ProfileRecord} from '../../profile/profile-record.js';
import {printPath} from '../print.js';

/** Options of `ampoule profile import`. */
export interface ImportOptions extends StoreOptions {
  readonly sources: CommonOptions['sources'];
  readonly output?: string;
}

/** Checks a profile from elsewhere, tells how its inputs differ, copies it into the project and prints the paths of the files. */
export async function runImport(
  file: string,
  options: ImportOptions,
  signal: AbortSignal,
): Promise<void> {
  const profile = await readProfileFiles(file);
  const {output = options.project ?? projectFolder} = options;
  const planned = {...options, ...optionsOf(profile.record), output};
  const {project, sourceSet} = await openPlanning(planned, signal, 'make');
  const plan = makePlan(withProfile(project, profile), planned, sourceSet);
  await reportNotices(options.progress, profileNotices(plan));
  const {record, bytes} = profile;
  for (const written of await writeProfileFiles(output, record, bytes)) printPath(written);
}

/** The options of a build like the one that a profile was trained for. */
export function optionsOf({python, target, options, glibc, toolchain}: ProfileRecord) {
  const unused = {executor: 'auto', jobs: 1} as const;
  return {...unused, python: seriesOf(python), target, options, glibc, toolchain};
}
