import {existsSync} from 'node:fs';
import {writeFile} from 'node:fs/promises';
import path from 'node:path';
import pLimit from 'p-limit';
import type {JsonValue} from '../core/digest.js';
import {BuildError, InternalError} from '../core/errors.js';
import type {HostFunction, HostFunctionContext} from '../core/host-function.js';
import type {Target} from '../core/target.js';
import {targetFromJson} from '../target/parse-target.js';
import {formatFinding, formatSummary} from './format-report.js';
import type {ValidationJob, ValidationReport} from './validate-archive.js';
import {validateInThread, validationThreadScript} from './validation-thread.js';

/** A built archive breaks rules and is not published. */
export class InvalidArchiveError extends BuildError {
  override readonly name = 'InvalidArchiveError';
  readonly code = 'E_INVALID_ARCHIVE';

  constructor(
    readonly archivePath: string,
    readonly report: ValidationReport,
  ) {
    super(
      `${report.archive} breaks rules: ${formatSummary(report)}.\n` +
        `It is not published. It lies at ${archivePath}\n` +
        `Next: ampoule validate '${archivePath}'`,
    );
  }
}

/**
 * Checks an archive against the policy. Input `archive`: an artifact with the file `fileName`. Parameter `target`: the
 * required target. The output is `report.json`, the report without errors. If there are errors, logs them and throws
 * `InvalidArchiveError`. Raise the revision when a rule is added, removed or changed.
 */
export const validateArchiveFunction: HostFunction = {revision: 3, run};

async function run(context: HostFunctionContext): Promise<void> {
  const {fileName, target} = parseParameters(context.parameters);
  const archivePath = path.join(inputOf(context), fileName);
  // Temporary files in the output are removed before it is published.
  const job = {archivePath, scratchPath: context.outputPath, targets: [target]};
  const report = await oneAtATime(() => validate(job, context.signal));
  for (const finding of report.findings) context.log(formatFinding(finding));
  context.log(formatSummary(report));
  if (report.errors > 0) throw new InvalidArchiveError(archivePath, report);
  const reportPath = path.join(context.outputPath, 'report.json');
  await writeFile(reportPath, `${JSON.stringify(report, undefined, 2)}\n`);
}

/** A build must stay below 300 MiB, and reading one full archive takes most of the remaining memory. */
const oneAtATime = pLimit(1);

/** In a thread if a compiled worker exists: reading zstd takes 140 MB that only the end of a thread releases. */
async function validate(job: ValidationJob, signal: AbortSignal): Promise<ValidationReport> {
  if (existsSync(validationThreadScript)) return validateInThread(job, signal);
  const {validateArchive} = await import('./validate-archive.js');
  return validateArchive(job);
}

function inputOf({inputs}: HostFunctionContext): string {
  const artifact = inputs.get('archive');
  if (artifact === undefined) throw new InternalError('validate-archive has no input archive');
  return artifact;
}

function parseParameters(parameters: JsonValue): {
  readonly fileName: string;
  readonly target: Target;
} {
  if (typeof parameters === 'object' && parameters !== null && !Array.isArray(parameters)) {
    const {fileName, target} = parameters as Record<string, JsonValue>;
    if (typeof fileName === 'string') return {fileName, target: targetFromJson(target)};
  }
  throw new InternalError('validate-archive wants the parameters fileName, target');
}
