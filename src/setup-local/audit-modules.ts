import {compareCodeUnits} from '../core/digest.js';
import {matches, type ConditionContext} from '../data/condition.js';
import {compareFields} from './audit-fields.js';
import type {AuditFinding, ExplainedDifference} from './audit-finding.js';
import {
  builtModule,
  builtNames,
  interpreterParts,
  sourcesOf,
  type BuiltModule,
  type ModuleParts,
  type RecordedBuild,
} from './built-modules.js';
import type {DefinitionPlace, ModuleDefinition, ModuleVariant} from './module-definition.js';
import type {UpstreamModule} from './upstream-module.js';

/** The inputs of an audit. */
export interface AuditInputs {
  readonly definitions: readonly ModuleDefinition[];
  readonly context: ConditionContext;
  /** The content of the source's Setup files. */
  readonly upstreamModules: ReadonlyMap<string, UpstreamModule>;
  /** Upstream's own configuration, as it was built. */
  readonly upstream: RecordedBuild;
  /** Our build; `undefined` while static-modules/ and the source list different modules. */
  readonly ours: RecordedBuild | undefined;
}

/** The result. */
export interface Audit {
  /** How many modules are in upstream's build and in ours. */
  readonly compared: number;
  /** The unexplained differences, in the order of the modules. */
  readonly findings: readonly AuditFinding[];
  readonly explained: readonly ExplainedDifference[];
}

/** Compares upstream's own build with static-modules/ and with our build, module by module. */
export function auditModules(inputs: AuditInputs): Audit {
  const entries = new Map(entriesOf(inputs).map((entry) => [entry.name, entry]));
  const names = [...entries.keys(), ...builtNames(inputs.upstream)];
  const findings: AuditFinding[] = [];
  const explained: ExplainedDifference[] = [];
  let compared = 0;
  for (const name of [...new Set(names)].sort(compareCodeUnits)) {
    const entry = entries.get(name);
    const upstream = builtModule(inputs.upstream, name, upstreamParts(inputs, name, entry));
    const absent = presenceFinding(inputs, name, entry, upstream);
    if (absent !== undefined) {
      findings.push(absent);
    } else if (entry?.variant.linkage === 'disabled') {
      const {reason = ''} = entry.variant;
      if (upstream !== undefined) explained.push({module: name, field: 'presence', reason});
    } else {
      compared += 1;
      if (entry === undefined || upstream === undefined) continue;
      const {parts, variant} = entry;
      const ours = inputs.ours && {
        build: inputs.ours,
        module: builtModule(inputs.ours, name, parts),
      };
      const found = compareFields({name, variant, parts, upstream, ours});
      findings.push(...found.findings.map((finding) => ({...finding, place: entry.place})));
      explained.push(...found.explained);
    }
  }
  findings.push(...interpreterFindings(inputs, [...entries.values()]));
  return {compared, findings, explained};
}

/** The entry of one module that applies here. */
interface Entry {
  readonly name: string;
  readonly place: DefinitionPlace;
  readonly variant: ModuleVariant;
  readonly parts: ModuleParts;
}

function entriesOf({definitions, context, upstreamModules}: AuditInputs): readonly Entry[] {
  return definitions.flatMap(({name, place, variants}) => {
    const variant = variants.find(({when}) => matches(when, context));
    if (variant === undefined) return [];
    const sources = variant.sources ?? upstreamModules.get(name)?.sources ?? [];
    const libraries = variant.libraries.flatMap(({links}) => links).toSorted(compareCodeUnits);
    return [{name, place, variant, parts: {sources, archives: variant.archives, libraries}}];
  });
}

/** The parts of a built-in module of upstream. The Setup files list everything except its libraries. */
function upstreamParts(inputs: AuditInputs, name: string, entry: Entry | undefined): ModuleParts {
  const module = inputs.upstreamModules.get(name);
  return {
    sources: module?.sources ?? [],
    archives: module?.archives ?? [],
    libraries: entry?.parts.libraries ?? [],
  };
}

function presenceFinding(
  inputs: AuditInputs,
  name: string,
  entry: Entry | undefined,
  upstream: BuiltModule | undefined,
): AuditFinding | undefined {
  const wanted = entry !== undefined && entry.variant.linkage !== 'disabled';
  const isOurs = inputs.ours === undefined ? wanted : builtNames(inputs.ours).includes(name);
  const there = upstream === undefined ? [] : describe(upstream);
  const here = wanted ? [entry.variant.linkage] : [];
  const found = (message: string): AuditFinding => ({
    ...(entry && {place: entry.place}),
    module: name,
    field: 'presence',
    upstream: there,
    ours: here,
    onlyUpstream: wanted ? [] : there,
    onlyOurs: upstream === undefined ? here : [],
    message,
  });
  if (entry === undefined) {
    return found('upstream builds it and static-modules/ has no entry that holds here: add one');
  }
  if (!wanted) return isOurs ? found('our build has it though it is disabled') : undefined;
  if (!isOurs) return found('our build does not have it');
  if (upstream !== undefined) return undefined;
  return found('upstream does not build it: limit the entry with `when`, or remove it');
}

/** A module without an entry, as its entry would be. */
function describe({linkage, sources, libraries}: BuiltModule): readonly string[] {
  return [linkage, ...sources.keys(), ...libraries.map((library) => `-l${library}`)];
}

/** What the interpreter's own link has beyond upstream's and the built-in modules', or lacks. */
function interpreterFindings(
  inputs: AuditInputs,
  entries: readonly Entry[],
): readonly AuditFinding[] {
  const {ours: build} = inputs;
  if (build === undefined) return [];
  const builtIn = entries.filter(({variant}) => variant.linkage === 'static');
  const asked = {
    sources: builtIn.flatMap(({parts}) => sourcesOf(build.calls, parts)),
    libraries: builtIn.flatMap(({parts}) => parts.libraries),
  };
  const theirs = interpreterParts(inputs.upstream);
  const own = interpreterParts(build);
  return (['sources', 'libraries'] as const).flatMap((field) => {
    const upstream = theirs[field].toSorted(compareCodeUnits);
    const ours = own[field].toSorted(compareCodeUnits);
    const onlyUpstream = upstream.filter((part) => !ours.includes(part));
    const onlyOurs = ours.filter((part) => ![...upstream, ...asked[field]].includes(part));
    if (onlyUpstream.length + onlyOurs.length === 0) return [];
    const message =
      'the interpreter itself has what neither upstream nor a built-in module asks for, or lacks it';
    return [{module: 'python', field, upstream, ours, onlyUpstream, onlyOurs, message}];
  });
}
