import {writeFile} from 'node:fs/promises';
import path from 'node:path';
import pLimit from 'p-limit';
import * as v from 'valibot';
import {BuildError} from '../core/errors.js';
import {ownCommand} from '../core/own-command.js';
import {inputTree, type HostFunctionBody, type HostFunctionContext} from '../core/host-function.js';
import {resolveInTree} from '../core/tree-file.js';
import {asJson} from '../data/json-text.js';
import {targetSchema} from '../target/parse-target.js';
import {formatFinding, formatSummary} from './format-report.js';
import type {ValidationReport} from './validate-archive.js';
import {validateInThread} from './validation-thread.js';

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
        `Next: ${ownCommand(`validate '${archivePath}'`)}`,
    );
  }
}

const schema = v.object({fileName: v.string(), target: asJson(targetSchema)});

type Input = v.InferInput<typeof schema>;
type Model = v.InferOutput<typeof schema>;

/** Checks the archive `fileName` of the input `archive`. */
export const validateArchiveBody: HostFunctionBody<Input, Model> = {
  schema,
  run,
};

async function run({fileName, target}: Model, context: HostFunctionContext): Promise<void> {
  const archivePath = resolveInTree(inputTree(context, 'archive'), fileName);
  // Files of the moment go to the output, and are gone before it is published.
  const job = {archivePath, scratchPath: context.outputPath, targets: [target]};
  const report = await oneAtATime(() => validateInThread(job, context.signal));
  for (const finding of report.findings) context.log(formatFinding(finding));
  context.log(formatSummary(report));
  if (report.errors > 0) throw new InvalidArchiveError(archivePath, report);
  const reportPath = path.join(context.outputPath, 'report.json');
  await writeFile(reportPath, `${JSON.stringify(report, undefined, 2)}\n`);
}

/**
 * A build promises to stay below 300 MiB, and reading one full archive takes most of what is left of that: zstd takes
 * 140 MB that only a thread's end gives back.
 */
const oneAtATime = pLimit(1);
