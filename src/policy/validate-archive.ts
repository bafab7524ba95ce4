import type {Target} from '../core/target.js';
import type {Flavour} from '../distribution/flavours.js';
import {isReadable} from './compression-facts.js';
import type {Finding} from './finding.js';
import {readContents} from './read-contents.js';
import {rulesFor} from './rules.js';
import {compressorRules} from './rules/compressor-rules.js';

/** The report on one archive. */
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
  /** In the order of the rules, grouped by rule; at most 200 of each. */
  readonly findings: readonly Finding[];
}

/** Enough for one rule; the count still includes the others. */
const findingsOfOneRule = 200;

/** What to check, and how. */
export interface ValidationJob {
  /** Absolute host path. */
  readonly archivePath: string;
  /** A folder for unnamed temporary files: an absolute host path. */
  readonly scratchPath: string;
  /** The targets that an archive may be for. */
  readonly targets: readonly Target[];
}

/**
 * Checks an archive against every rule of its flavour.
 * @throws ArchiveError when the file is not an archive or is damaged.
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
  // An unreadable archive is reported whatever its flavour.
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
