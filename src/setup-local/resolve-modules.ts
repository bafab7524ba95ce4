import {compareCodeUnits} from '../core/digest.js';
import type {Diagnostic, Result} from '../core/errors.js';
import {failure, success} from '../core/errors.js';
import {printBuildOptions} from '../core/build-options.js';
import {matches, type ConditionContext} from '../data/condition.js';
import type {DefinitionPlace, ModuleDefinition, ModuleVariant} from './module-definition.js';
import type {UpstreamModule} from './upstream-module.js';

/** A module that both sides know, with both definitions. */
export interface ResolvedModule {
  readonly name: string;
  readonly variant: ModuleVariant;
  readonly upstream: UpstreamModule;
}

/**
 * Matches our data with CPython's own files for one Python, target and option, in code-unit order. Fails with one
 * diagnostic for each module that only one side has, and for each contradiction.
 */
export function resolveModules(
  definitions: readonly ModuleDefinition[],
  upstream: ReadonlyMap<string, UpstreamModule>,
  context: ConditionContext,
): Result<readonly ResolvedModule[]> {
  const diagnostics: Diagnostic[] = [];
  const resolved: ResolvedModule[] = [];
  const known = new Map(definitions.map((definition) => [definition.name, definition]));
  const options = printBuildOptions(context.options ?? []);
  const where = `CPython ${context.python ?? ''} on ${context.target.triple} (${options})`;

  for (const definition of definitions) {
    const {name, place} = definition;
    const variants = definition.variants.filter(({when}) => matches(when, context));
    const [variant] = variants;
    const module = upstream.get(name);
    if (variants.length > 1) {
      diagnostics.push({
        ...place,
        message: `${name}: ${variants.length} variants hold for ${where}`,
      });
    } else if (variant !== undefined && module === undefined) {
      diagnostics.push({...place, message: notInSource(name, where)});
    } else if (variant !== undefined && module !== undefined) {
      diagnostics.push(...disagreements(variant, module, place));
      resolved.push({name, variant, upstream: module});
    } else if (module !== undefined) {
      diagnostics.push({...module.place, message: noVariant(definition, where)});
    }
  }
  for (const {name, origin, place} of upstream.values()) {
    if (!known.has(name)) diagnostics.push({...place, message: notInData(name, origin)});
  }
  if (diagnostics.length > 0) return failure(diagnostics);
  return success(resolved.sort((left, right) => compareCodeUnits(left.name, right.name)));
}

function notInSource(name: string, where: string): string {
  return (
    `${name}: the source of ${where} has no such extension module. ` +
    'Give its entry a `when: {python: ...}` that ends before this version, or remove it'
  );
}

function noVariant({name, place}: ModuleDefinition, where: string): string {
  const entry = place.line === undefined ? place.file : `${place.file}:${place.line}`;
  return (
    `extension module ${name} has an entry at ${entry}, but no variant of it holds for ${where}. ` +
    'Widen its `when`, or add a variant that says what it is there'
  );
}

function notInData(name: string, origin: string): string {
  return (
    `extension module ${name} is not known. Add an entry \`${name}:\` to the fitting file of static-modules/` +
    (origin === 'stdlib' ? '' : `, with origin: ${origin}`) +
    ', or one with `linkage: disabled` and a reason'
  );
}

function disagreements(
  variant: ModuleVariant,
  upstream: UpstreamModule,
  place: DefinitionPlace,
): readonly Diagnostic[] {
  const source = `${upstream.place.file}:${upstream.place.line}`;
  const found: string[] = [];
  const differ = (what: string, ours: string, theirs: string): void => {
    found.push(`${upstream.name}: ${what} is ${ours} here, but ${theirs} in ${source}`);
  };
  if (variant.origin !== upstream.origin) differ('origin', variant.origin, upstream.origin);
  if (upstream.initFunction !== undefined) {
    const ours = initFunctionOf(upstream.name, variant);
    const theirs = upstream.initFunction;
    if (ours !== theirs) differ('init', String(ours), String(theirs));
  }
  // A commented line is an example for manual builds; its files are often outdated.
  if (upstream.linkage !== undefined && variant.sources !== undefined) {
    const ours = variant.sources.toSorted(compareCodeUnits).join(' ');
    const theirs = upstream.sources.toSorted(compareCodeUnits).join(' ');
    if (ours !== theirs) differ('sources', `[${ours}]`, `[${theirs}]`);
  }
  for (const archive of upstream.archives) {
    if (upstream.linkage !== undefined && !variant.archives.includes(archive)) {
      found.push(`${upstream.name}: archives lacks ${archive}, which ${source} links`);
    }
  }
  return found.map((message) => ({...place, message}));
}

/** The init function of the module; `null` if there is none. */
export function initFunctionOf(name: string, variant: ModuleVariant): string | null {
  return variant.initFunction === undefined ? `PyInit_${name}` : variant.initFunction;
}
