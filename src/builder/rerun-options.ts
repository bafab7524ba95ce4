import type {StageId} from '../core/stage-id.js';
import {printBuildOptions} from '../core/build-options.js';
import {seriesOf, usualProfileKind, type Variant} from '../core/variant.js';
import {quote} from '../recipe/shell.js';
import type {RerunOptions} from '../scheduler/errors.js';
import {suiteFloor} from '../stages/choose-glibc-floor.js';
import {defaultStore} from './default-store.js';
import {variantOf} from './make-plan.js';
import type {MarkedPlan} from './mark-plan.js';
import {usualOptions, type SessionOptions} from './options.js';

/**
 * Options to append to another command so that it uses the same store and plan; with a variant, only that one of the
 * named variants. Defaults are omitted.
 */
export function rerunOptions(options: SessionOptions, variant?: Variant): RerunOptions {
  const isUsual = [defaultStore(), process.env['AMPOULE_STORE']].includes(options.store);
  const store = isUsual ? '' : ` --store ${quote(options.store)}`;
  const {python, target, options: buildOptions, glibc} = {...options, ...wordsOf(options, variant)};
  const hasOwnTree = options.pythonSource !== undefined;
  const plan = [
    ...word('--python', python, undefined),
    ...word('--target', target, usualOptions.target),
    // A developer's own tree has another default than its target.
    ...word('--options', buildOptions, hasOwnTree ? undefined : variant?.target.options),
    ...word('--profile', (variant ?? options).profile, usualProfileKind),
    ...word('--glibc', glibc, undefined),
    ...word('--toolchain', options.toolchain, usualOptions.toolchain),
    ...word('--sources', options.sources, usualOptions.sources),
    ...word('--python-source', options.pythonSource, undefined),
    ...word('--release-tag', options.releaseTag, undefined),
    ...word('--project', options.project, undefined),
    ...(options.overlay ?? []).map((folder) => ` --overlay ${quote(folder)}`),
    store,
  ].join('');
  return {store, plan};
}

/** The same for each stage of a plan: its variant is the first that needs it. */
export function rerunOptionsOf(
  plan: MarkedPlan,
  options: SessionOptions,
): (stage: StageId) => RerunOptions {
  if ('toolchain' in plan) return () => rerunOptions(options);
  if ('variant' in plan) return () => rerunOptions(options, plan.variant);
  return (stage) => rerunOptions(options, variantOf(plan, stage));
}

/** The options that differ from the defaults. */
function wordsOf(options: SessionOptions, variant: Variant | undefined): Partial<SessionOptions> {
  if (variant === undefined) return {};
  return {
    ...(options.python !== undefined && {python: seriesOf(variant.python)}),
    target: variant.target.triple,
    options: printBuildOptions(variant.options),
    ...(options.glibc !== undefined && {glibc: variant.glibcFloor ?? suiteFloor}),
  };
}

function word(name: string, value: string | undefined, usual: string | undefined): string[] {
  return value === undefined || value === usual ? [] : [` ${name} ${quote(value)}`];
}
