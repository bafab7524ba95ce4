import {canonicalJson, compareCodeUnits, type JsonValue} from '../core/digest.js';
import type {InputChange} from '../core/run-reason.js';
import type {StageId} from '../core/stage-id.js';
import type {KeyInputs} from './key.js';

/** The inputs of a stage: those of its key, and the input stages in them. */
export interface NamedInputs {
  readonly inputs: KeyInputs;
  /** As `inputNames` gives them. */
  readonly names: KeyInputs;
}

/** Placeholder for the artifact of an input that is not built yet; it is not compared. */
export const pending = '';

/** The differences between two sets of inputs of a stage, the most relevant first. */
export function compareInputs(before: NamedInputs, now: NamedInputs): readonly InputChange[] {
  const was = before.inputs;
  const is = now.inputs;
  const scalars = (['kind', 'format', 'function', 'revision'] as const).flatMap(
    (field): InputChange[] => changed(field, was[field], is[field]),
  );
  if (was['kind'] !== is['kind']) return scalars;
  return [
    ...named('source', was['sources'], is['sources']),
    ...script(text(was['script']), text(is['script'])),
    ...named('file', was['files'], is['files']),
    ...named('environment', was['environment'], is['environment']),
    ...scalars,
    ...changed('parameters', was['parameters'], is['parameters']),
    ...artifacts(placesOf(before), placesOf(now)),
  ];
}

/** The artifact digests of a stage's inputs, by stage. */
export function artifactsByStage(named: NamedInputs): ReadonlyMap<StageId, string> {
  const placed = [...placesOf(named).values()].flat();
  return new Map(placed.map(({stage, digest}) => [stage, digest]));
}

function changed(
  field: 'kind' | 'format' | 'function' | 'revision' | 'parameters',
  from: JsonValue = null,
  to: JsonValue = null,
): InputChange[] {
  return canonicalJson(from) === canonicalJson(to) ? [] : [{field, from, to}];
}

function script(from: string, to: string): InputChange[] {
  return from === to ? [] : [{field: 'script', from, to}];
}

function named(
  field: 'source' | 'file' | 'environment',
  was: JsonValue | undefined,
  is: JsonValue | undefined,
): readonly InputChange[] {
  const from = textsOf(was);
  const to = textsOf(is);
  return [...new Set([...from.keys(), ...to.keys()])].sort(compareCodeUnits).flatMap((name) => {
    const before = from.get(name);
    const now = to.get(name);
    if (before === now) return [];
    return [
      {
        field,
        name,
        ...(before !== undefined && {from: before}),
        ...(now !== undefined && {to: now}),
      },
    ];
  });
}

/** An artifact at a mount point, and its stage. */
interface Placed {
  readonly stage: StageId;
  readonly digest: string;
}

type Places = ReadonlyMap<string, readonly Placed[]>;

function artifacts(before: Places, now: Places): readonly InputChange[] {
  return [...new Set([...before.keys(), ...now.keys()])].flatMap((place) => {
    const was = before.get(place) ?? [];
    const is = now.get(place) ?? [];
    const digestIn = (list: readonly Placed[], stage: StageId): string | undefined =>
      list.find((placed) => placed.stage === stage)?.digest;
    const stages = [...new Set([...was, ...is].map(({stage}) => stage))];
    const inputs = stages.flatMap((stage): InputChange[] => {
      const from = digestIn(was, stage);
      const to = digestIn(is, stage);
      if (from === to || (from !== undefined && to === pending)) return [];
      return [
        {
          field: 'input',
          stage,
          place,
          ...(from !== undefined && {from}),
          ...(to !== undefined && {to}),
        },
      ];
    });
    return [...inputs, ...orderChange(place, was, is)];
  });
}

/** Whether the common elements changed their order. */
function orderChange(
  place: string,
  was: readonly Placed[],
  is: readonly Placed[],
): readonly InputChange[] {
  const common = (list: readonly Placed[], other: readonly Placed[]): StageId[] =>
    list.map(({stage}) => stage).filter((stage) => other.some((placed) => placed.stage === stage));
  const from = common(was, is);
  const to = common(is, was);
  return from.join('\n') === to.join('\n') ? [] : [{field: 'order', place, from, to}];
}

function placesOf({inputs, names}: NamedInputs): Places {
  const places = new Map<string, readonly Placed[]>();
  const put = (place: string, digests: readonly string[], stages: readonly string[]): void => {
    places.set(
      place,
      // Records of earlier versions have no names; the digest is shown instead.
      digests.map((digest, index) => ({
        digest,
        stage: stages[index] ?? `artifact ${digest.slice(0, 12)}`,
      })),
    );
  };
  if (inputs['rootfs'] !== undefined) put('/', [text(inputs['rootfs'])], [text(names['rootfs'])]);
  const mountNames = mountsOf(names['mounts']);
  for (const [index, mount] of mountsOf(inputs['mounts']).entries()) {
    put(mount.path, mount.artifacts, mountNames[index]?.artifacts ?? []);
  }
  const hostNames = textsOf(names['inputs']);
  for (const [name, digest] of textsOf(inputs['inputs'])) {
    const stage = hostNames.get(name);
    put(name, [digest], stage === undefined ? [] : [stage]);
  }
  return places;
}

function mountsOf(
  value: JsonValue | undefined,
): readonly {readonly path: string; readonly artifacts: readonly string[]}[] {
  if (!isList(value)) return [];
  return value.map((mount) => {
    const members = isObject(mount) ? mount : {};
    const list = members['artifacts'];
    return {path: text(members['path']), artifacts: isList(list) ? list.map(text) : []};
  });
}

function textsOf(value: JsonValue | undefined): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(isObject(value) ? value : {}).map(([name, member]) => [name, text(member)]),
  );
}

function text(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function isObject(
  value: JsonValue | undefined,
): value is {readonly [key: string]: JsonValue | undefined} {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
