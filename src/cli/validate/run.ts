import {tmpdir} from 'node:os';
import path from 'node:path';
import {loadTargets} from '../../builder/load-targets.js';
import {InputError, valueOrThrow} from '../../core/errors.js';
import {ownCommand} from '../../core/own-command.js';
import {printableLine} from '../../core/printable.js';
import {formatFinding, formatRule, formatSummary} from '../../policy/format-report.js';
import {rules} from '../../policy/rules.js';
import {validateArchive, type ValidationReport} from '../../policy/validate-archive.js';
import {archiveErrorsAsInput} from '../archive-input.js';
import type {ValidateOptions} from './command.js';
import {print, printJson} from '../print.js';

/**
 * Prints the findings in an archive, or the rules. The exit code is 1 if a finding is an error. Throws `InputError` for
 * a file that is not an archive.
 */
export async function runValidate(
  archive: string | undefined,
  options: ValidateOptions,
): Promise<void> {
  if (options.rules === true) {
    printRules(options);
    return;
  }
  if (archive === undefined) {
    throw new InputError([`name the archive to check\nNext: ${ownCommand('validate --help')}`]);
  }
  const targets = valueOrThrow(await loadTargets());
  const report = await archiveErrorsAsInput(
    validateArchive({archivePath: path.resolve(archive), scratchPath: tmpdir(), targets}),
  );
  if (options.json === true) printJson(report);
  else printText(report);
  if (report.errors > 0) process.exitCode = 1;
}

function printText(report: ValidationReport): void {
  for (const finding of report.findings) {
    print(`${printableLine(formatFinding(finding))}\n`);
  }
  const omitted = report.errors + report.warnings - report.findings.length;
  if (omitted > 0) print(`and ${omitted} more of the same rules\n`);
  print(`${report.archive}: ${formatSummary(report)}\n`);
}

function printRules({json}: ValidateOptions): void {
  if (json !== true) {
    for (const rule of rules) print(`${formatRule(rule)}\n`);
    return;
  }
  printJson(rules.map(({id, severity, demand, flavours}) => ({id, severity, demand, flavours})));
}
