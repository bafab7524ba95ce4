import {tmpdir} from 'node:os';
import type {Finding} from '../../../src/policy/finding.js';
import {validateArchive} from '../../../src/policy/validate-archive.js';
import {ownTargets} from '../targets.js';

/** What the policy finds in an archive. */
export async function findingsOf(archive: string): Promise<readonly Finding[]> {
  const {findings} = await validateArchive({
    archivePath: archive,
    scratchPath: tmpdir(),
    targets: ownTargets,
  });
  return findings;
}
