import {compareCodeUnits} from '../core/digest.js';
import type {AuditFinding, ExplainedDifference} from './audit-finding.js';
import {
  sourcesOf,
  type BuiltModule,
  type ModuleParts,
  type RecordedBuild,
} from './built-modules.js';
import type {CompiledSource} from './compiler-calls.js';
import {
  auditedFields,
  type AuditedField,
  type IntendedDifference,
  type ModuleVariant,
} from './module-definition.js';

/** One module that both upstream's build and static-modules/ have. */
export interface ComparedModule {
  readonly name: string;
  readonly variant: ModuleVariant;
  readonly parts: ModuleParts;
  readonly upstream: BuiltModule;
  /** The module in our build; `undefined` if there is no such build. */
  readonly ours:
    {readonly build: RecordedBuild; readonly module: BuiltModule | undefined} | undefined;
}

/** The result for one module. */
export interface ComparedFields {
  readonly findings: readonly AuditFinding[];
  readonly explained: readonly ExplainedDifference[];
}

/** A difference between ours and upstream's. */
interface Difference {
  /** The name of our side in messages. */
  readonly of: 'static-modules/' | 'our build';
  readonly ours: readonly string[];
  readonly onlyUpstream: readonly string[];
  readonly onlyOurs: readonly string[];
}

/** Compares a module's fields with upstream's, and the differences with the explanations under `differs`. */
export function compareFields(module: ComparedModule): ComparedFields {
  const findings: AuditFinding[] = [];
  const explained: ExplainedDifference[] = [];
  for (const field of auditedFields) {
    const differences = differencesIn(module, field);
    const explanation = module.variant.differs[field];
    const problem = problemOf(differences, explanation);
    if (problem !== undefined) {
      const upstream = upstreamValues(module, field);
      findings.push({module: module.name, field, upstream, ...problem});
    } else if (explanation !== undefined && differences.length > 0) {
      explained.push({module: module.name, field, reason: explanation.reason});
    }
  }
  return {findings, explained};
}

function problemOf(
  differences: readonly Difference[],
  explanation: IntendedDifference | undefined,
): Omit<AuditFinding, 'module' | 'field' | 'upstream'> | undefined {
  const open = differences.filter((difference) => !isExplained(difference, explanation));
  const [first] = open;
  if (first === undefined) return undefined;
  const {ours, onlyUpstream, onlyOurs} = first;
  const isGone = differences.every((difference) => isExplained(difference, undefined));
  const who = [...new Set(open.map((difference) => difference.of))].join(' and ');
  const how = explanation === undefined ? 'not as upstream' : 'not as `differs` explains';
  return {
    ours,
    onlyUpstream,
    onlyOurs,
    message: isGone
      ? '`differs` explains a difference that no longer exists: remove it'
      : `${who}: ${how}`,
  };
}

function isExplained(difference: Difference, explanation: IntendedDifference | undefined): boolean {
  return (
    isSameSet(difference.onlyUpstream, explanation?.upstream ?? []) &&
    isSameSet(difference.onlyOurs, explanation?.ours ?? [])
  );
}

function isSameSet(left: readonly string[], right: readonly string[]): boolean {
  return without(left, right).length === 0 && without(right, left).length === 0;
}

/** One for our entries and one for our build, as far as known. */
function differencesIn(module: ComparedModule, field: AuditedField): readonly Difference[] {
  const {variant, parts, upstream, ours} = module;
  const built = ours?.module;
  switch (field) {
    case 'sources': {
      const values = upstreamValues(module, field);
      const said = saidSources(module);
      return [
        ...(said === undefined ? [] : [differenceOf('static-modules/', values, said)]),
        ...(built ? [differenceOf('our build', values, [...built.sources.keys()])] : []),
      ];
    }
    case 'libraries':
      return [
        differenceOf('static-modules/', upstream.libraries, parts.libraries),
        ...(built ? [differenceOf('our build', upstream.libraries, built.libraries)] : []),
      ];
    case 'defines':
    case 'includes': {
      if (built === undefined) return [];
      const done = flagDifference(upstream, built, field);
      // An entry adds to what configure found, so only its additions to upstream's can be compared.
      const undone = without(variant[field], valuesOf(built, field));
      return undone.length === 0
        ? [done]
        : [done, {of: 'static-modules/', ours: variant[field], onlyUpstream: [], onlyOurs: undone}];
    }
  }
}

function differenceOf(
  of: Difference['of'],
  upstream: readonly string[],
  ours: readonly string[],
): Difference {
  const sorted = ours.toSorted(compareCodeUnits);
  return {
    of,
    ours: sorted,
    onlyUpstream: without(upstream, ours),
    onlyOurs: without(sorted, upstream),
  };
}

/** Flags are compared file by file; a difference in any file is reported. */
function flagDifference(
  upstream: BuiltModule,
  built: BuiltModule,
  field: 'defines' | 'includes',
): Difference {
  const onlyUpstream = new Set<string>();
  const onlyOurs = new Set<string>();
  for (const [source, theirs] of upstream.sources) {
    const ours = built.sources.get(source);
    if (ours === undefined) continue;
    const implied = upstream.linkage === built.linkage ? [] : [builtInDefine];
    without(theirs[field], [...ours[field], ...implied]).forEach((value) =>
      onlyUpstream.add(value),
    );
    without(ours[field], [...theirs[field], ...implied]).forEach((value) => onlyOurs.add(value));
  }
  return {
    of: 'our build',
    ours: valuesOf(built, field),
    onlyUpstream: [...onlyUpstream].sort(compareCodeUnits),
    onlyOurs: [...onlyOurs].sort(compareCodeUnits),
  };
}

/** What makesetup defines for every built-in module. */
const builtInDefine = 'Py_BUILD_CORE_BUILTIN';

function upstreamValues({upstream}: ComparedModule, field: AuditedField): readonly string[] {
  if (field === 'sources') return [...upstream.sources.keys()].sort(compareCodeUnits);
  return field === 'libraries' ? upstream.libraries : valuesOf(upstream, field);
}

function valuesOf(module: BuiltModule, field: 'defines' | 'includes'): readonly string[] {
  const values = [...module.sources.values()].flatMap((source: CompiledSource) => source[field]);
  return [...new Set(values)].sort(compareCodeUnits);
}

/** The C files according to static-modules/; `undefined` if the content of an archive is unknown. */
function saidSources({parts, ours}: ComparedModule): readonly string[] | undefined {
  if (parts.archives.length === 0) return parts.sources;
  return ours === undefined ? undefined : sourcesOf(ours.build.calls, parts);
}

function without(values: readonly string[], others: readonly string[]): readonly string[] {
  return values.filter((value) => !others.includes(value));
}
