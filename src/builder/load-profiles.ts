import {failure, success, type Diagnostic, type Result} from '../core/errors.js';
import {parseProfileRecord, profileExtensions, profilePlace} from '../profile/profile-record.js';
import type {FrozenProfile} from '../stages/project.js';
import type {ProjectFiles} from './project-files.js';

const extensions = Object.values(profileExtensions);

/** The frozen profiles of a project by their places. Their bytes are compared with their records when a build needs them. */
export async function loadProfiles(
  files: ProjectFiles,
): Promise<Result<ReadonlyMap<string, FrozenProfile>>> {
  const profiles = new Map<string, FrozenProfile>();
  const mistakes: Diagnostic[] = [];
  const places = (await files.below('profiles')).flatMap((name) =>
    extensions.filter((end) => name.endsWith(end)).map((end) => name.slice(0, -end.length)),
  );
  for (const place of new Set(places)) {
    const profile = await readProfile(files, place);
    if (profile.ok) profiles.set(place, profile.value);
    else mistakes.push(...profile.diagnostics);
  }
  return mistakes.length > 0 ? failure(mistakes) : success(profiles);
}

async function readProfile(files: ProjectFiles, place: string): Promise<Result<FrozenProfile>> {
  const file = place + profileExtensions.record;
  const [yaml, hostPath] = [
    await files.read(file),
    await files.find(place + profileExtensions.profile),
  ];
  if (yaml === undefined || hostPath === undefined) {
    const missing = yaml === undefined ? file : place + profileExtensions.profile;
    const message = 'is missing: a profile and the record of what it was made from belong together';
    return failure([{file: missing, message}]);
  }
  const record = parseProfileRecord(yaml, file);
  if (!record.ok) return record;
  const wanted = profilePlace(record.value);
  if (wanted === place) return success({record: record.value, hostPath});
  const message = `is the record of ${wanted}: expected it there`;
  return failure([{file, message}]);
}
