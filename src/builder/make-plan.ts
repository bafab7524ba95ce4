import {InputError, valueOrThrow} from '../core/errors.js';
import type {SourceSet} from '../core/target.js';
import {planDistribution, type BuildRequest, type Plan} from '../stages/plan.js';
import type {Project} from '../stages/project.js';
import type {CommonOptions} from './options.js';

/** The Python that is built when nobody names one. */
const defaultPython = '3.14';

/** Turns the command line's words into a plan. Throws `InputError` for words that name nothing. */
export function makePlan(
  project: Project,
  argument: string | undefined,
  options: CommonOptions,
  sourceSet: SourceSet,
): Plan {
  const request = makeRequest(argument, options, sourceSet);
  return valueOrThrow(planDistribution(project, request));
}

/** What the command line's words ask for. Throws `InputError` for words that name nothing. */
export function makeRequest(
  argument: string | undefined,
  options: CommonOptions,
  sourceSet: SourceSet,
): BuildRequest {
  if (argument !== undefined && options.python !== undefined && argument !== options.python) {
    throw new InputError([`two Pythons were named, ${argument} and ${options.python}: name one`]);
  }
  return {
    python: argument ?? options.python ?? defaultPython,
    target: options.target,
    options: options.options,
    sourceSet,
    toolchain: options.toolchain,
    glibc: options.glibc,
    releaseEpoch: parseReleaseTag(options.releaseTag),
  };
}

function parseReleaseTag(tag: string | undefined): number | undefined {
  if (tag === undefined) return undefined;
  const day = tag.replace(/^(\d{4})(\d{2})(\d{2})$/, '$1-$2-$3');
  const milliseconds = day === tag ? NaN : Date.parse(`${day}T00:00:00Z`);
  const isDay = !Number.isNaN(milliseconds) && new Date(milliseconds).toISOString().startsWith(day);
  if (!isDay) {
    throw new InputError([`--release-tag: wanted a day as YYYYMMDD, got "${tag}"`]);
  }
  return milliseconds / 1000;
}
