import type {Target} from '../core/target.js';
import type {Flavour} from '../distribution/flavours.js';
import {isReadable} from './compression-facts.js';
import type {Finding} from './finding.js';
import {readContents} from './read-contents.js';
import {rulesFor} from './rules.js';
import {compressorRules} from './rules/compressor-rules.js';

/** What the policy says of one archive. */
export interface ValidationReport {
  /** The archive's file name. */
  readonly archive: string;
  readonly flavour: Flavour;
  /** The ids of the rules that were checked. */
  readonly rules: readonly string[];
  readonly members: number;
  /** ELF files, the members of static libraries included. */
  readonly elfFiles: number;
  readonly errors: number;
  readonly warnings: number;
  /** In the order of the rules, all of one rule together; at most 200 of each. */
  readonly findings: readonly Finding[];
}

/** Nobody reads more of one rule; the count still says how many there are. */
const findingsOfOneRule = 200;

/** What is checked, and by what. */
export interface ValidationJob {
  /** Absolute host path. */
  readonly archivePath: string;
  /** A folder for files that vanish with the process: an absolute host path. */
  readonly scratchPath: string;
  /** The targets that an archive may be for. */
  readonly targets: readonly Target[];
}

/**
 * Checks an archive by every rule of its flavour.
 * @throws ArchiveError when the file is no archive or is damaged.
 */
export async function validateArchive({
  archivePath,
  scratchPath,
  targets,
}: ValidationJob): Promise<ValidationReport> {
  const contents = {
    ...(await readContents(archivePath, scratchPath)),
    targets: new Map(targets.map((target) => [target.triple, target])),
  };
  // What makes an archive unreadable is told whatever flavour it claims to be.
  const rules = isReadable(contents.compression) ? rulesFor(contents.flavour) : compressorRules;
  const counts = {error: 0, warning: 0};
  const findings: Finding[] = [];
  for (const {id, severity, check} of rules) {
    const offences = [...check(contents)];
    counts[severity] += offences.length;
    for (const {path, message} of offences.slice(0, findingsOfOneRule)) {
      findings.push({rule: id, severity, path, message});
    }
  }
  return {
    archive: contents.fileName,
    flavour: contents.flavour,
    rules: rules.map(({id}) => id),
    members: contents.members.length,
    elfFiles: contents.elfFiles.length,
    errors: counts.error,
    warnings: counts.warning,
    findings,
  };
}
