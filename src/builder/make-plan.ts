import {InputError, valueOrThrow, type Diagnostic} from '../core/errors.js';
import {printBuildOptions} from '../core/build-options.js';
import type {StageId} from '../core/stage-id.js';
import type {SourceSet} from '../core/target.js';
import type {Variant} from '../core/variant.js';
import {planMatrix, type Plan, type PlanSettings} from '../stages/plan.js';
import type {Project} from '../stages/project.js';
import {resolveVariant, type VariantRequest} from '../stages/resolve-variant.js';
import {usualOptions, type CommonOptions} from './options.js';

/**
 * Makes one plan of everything that the options name. Throws `InputError` for invalid values.
 * @param libraries whether it also has the libraries that no module links.
 */
export function makePlan(
  project: Project,
  options: CommonOptions,
  sourceSet: SourceSet,
  libraries: NonNullable<PlanSettings['libraries']> = 'linked',
): Plan {
  const variants = makeVariants(project, options, sourceSet);
  const releaseEpoch = parseReleaseTag(options.releaseTag);
  return valueOrThrow(planMatrix(project, variants, {releaseEpoch, libraries}));
}

/** The variants that the options name: every Python with every target and every set of build options. */
export function makeVariants(
  project: Project,
  options: CommonOptions,
  sourceSet: SourceSet,
): readonly Variant[] {
  const mistakes = new Map<string, Diagnostic>();
  const variants: Variant[] = [];
  const own = project.pythonTree?.version;
  const wanted = own === undefined ? options : {...options, python: options.python ?? own};
  for (const request of makeRequests(wanted, sourceSet)) {
    const variant = resolveVariant(project, request);
    if (variant.ok) variants.push(variant.value);
    else for (const mistake of variant.diagnostics) mistakes.set(mistake.message, mistake);
  }
  if (mistakes.size > 0) throw new InputError([...mistakes.values()]);
  const {profile} = options;
  if (profile !== undefined && !variants.some((variant) => variant.options.includes('pgo'))) {
    const found = [...new Set(variants.map((variant) => printBuildOptions(variant.options)))];
    throw new InputError([
      `--profile ${profile}: only a build with the option pgo uses a profile, found --options ${found.join()}`,
    ]);
  }
  return variants;
}

/** Parses command line options into a request. Throws `InputError` for invalid values. */
export function makeRequests(
  options: CommonOptions,
  sourceSet: SourceSet,
): readonly VariantRequest[] {
  const {glibc, toolchain, profile} = options;
  const targets = listOf('--target', options.target);
  const optionStrings =
    options.options === undefined ? [undefined] : listOf('--options', options.options);
  return listOf('--python', options.python ?? usualOptions.python).flatMap((python) =>
    targets.flatMap((target) =>
      optionStrings.map((words) => ({
        ...{python, target, options: words, sourceSet, toolchain, glibc, profile},
      })),
    ),
  );
}

/** Splits a list at commas. */
function listOf(option: string, text: string): readonly string[] {
  const words = text.split(',').map((word) => word.trim());
  if (!words.includes('')) return words;
  throw new InputError([`${option}: "${text}" has nothing before or after a comma`]);
}

/** The variant that a stage is attributed to: the first one that needs it; `undefined` for a library that none links. */
export function variantOf({distributions}: Plan, stage: StageId): Variant | undefined {
  return distributions.find(({stages}) => stages.has(stage))?.variant;
}

function parseReleaseTag(tag: string | undefined): number | undefined {
  if (tag === undefined) return undefined;
  const day = tag.replace(/^(\d{4})(\d{2})(\d{2})$/, '$1-$2-$3');
  const milliseconds = day === tag ? NaN : Date.parse(`${day}T00:00:00Z`);
  const isDay = !Number.isNaN(milliseconds) && new Date(milliseconds).toISOString().startsWith(day);
  if (!isDay) {
    throw new InputError([`--release-tag: expected a date as YYYYMMDD, found "${tag}"`]);
  }
  return milliseconds / 1000;
}
