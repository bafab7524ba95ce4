import * as v from 'valibot';
import type {Sha256} from '../core/digest.js';

/**
 * Building blocks for schemas of data files. They describe the data for the parser (`YamlFile`) and for the JSON
 * Schemas that editors use. In messages, `{title}` is the name of the invalid value and `{parent}` the name of its map.
 */
export type Schema<T> = v.GenericSchema<unknown, T>;

/** The pattern of a text, and its description in messages. */
export interface TextForm {
  readonly pattern: RegExp;
  readonly wanted: string;
}

/** Any text except the empty one. */
export const anyText: TextForm = {pattern: /[\s\S]/, wanted: 'a text'};

/** Adds a description for editors. It takes no part in reading. */
export function describe<S extends v.GenericSchema>(schema: S, description: string): S {
  const steps = 'pipe' in schema ? (schema.pipe as readonly unknown[]) : [schema];
  return {...schema, pipe: [...steps, v.description(description)]};
}

/** The value of a key that may be left out; then it is `usual`, which is not read once more. */
export function optional<S extends v.GenericSchema>(
  schema: S,
  usual: v.InferOutput<S>,
): Schema<v.InferOutput<S>> {
  return {...v.optional(schema), fallback: usual} as Schema<v.InferOutput<S>>;
}

/** A text that matches a pattern. */
export function text({pattern, wanted}: TextForm = anyText) {
  const message = mustBe(wanted);
  return v.pipe(v.string(message), v.regex(pattern, message), v.metadata({wanted}));
}

/** One of a few words. */
export function choice<const Words extends readonly string[]>(words: Words) {
  const wanted = `one of ${words.join(', ')}`;
  return v.pipe(v.picklist(words, mustBe(wanted)), v.metadata({wanted}));
}

/** `true` or `false`. */
export function flag() {
  const wanted = 'true or false';
  return v.pipe(v.boolean(mustBe(wanted)), v.metadata({wanted}));
}

/** A whole number above zero. */
export function positiveInteger() {
  const wanted = 'a whole number above 0';
  const message = mustBe(wanted);
  return v.pipe(
    v.number(message),
    v.safeInteger(message),
    v.minValue(1, message),
    v.metadata({wanted}),
  );
}

/** The sha256 of a file. */
export function sha256() {
  const form: TextForm = {
    pattern: /^[0-9a-f]{64}$/,
    wanted: 'a sha256: 64 lower-case hex digits',
  };
  return v.pipe(
    text(form),
    v.transform((digest) => digest as Sha256),
  );
}

/** A map with exactly these keys. `wanted` describes a missing map. */
export function map<const Entries extends v.ObjectEntries>(
  entries: Entries,
  wanted = `a map of ${Object.keys(entries).join(', ')}`,
) {
  const keys = Object.keys(entries);
  const known = knownKeys(entries);
  return v.pipe(
    runAs(v.strictObject(entries), (input) => (isMap(input) ? known : noMap)),
    checkShape((value, report) => {
      for (const key of Object.keys(value).filter((key) => !keys.includes(key))) {
        report(`unknown key "${key}" in {parent}; known: ${keys.join(', ')}`, {key: [key]});
      }
    }),
    v.metadata({wanted}),
  );
}

/** Maps that are distinguished by the value of one key. */
export function mapByKey<Map extends v.GenericSchema>(
  key: string,
  maps: Readonly<Record<string, Map>>,
) {
  const none = knownKeys({[key]: choice(Object.keys(maps))});
  return choose(Object.values(maps), (input) => {
    if (!isMap(input)) return noMap;
    const word = input[key];
    return (typeof word === 'string' ? maps[word] : undefined) ?? none;
  });
}

/** A map from keys that match a pattern to values. */
export function record<Value extends v.GenericSchema>(
  key: v.GenericSchema<string, string>,
  value: Value,
  wanted = 'a map',
) {
  const schema = v.record(key, value);
  return v.pipe(
    runAs(schema, (input) => (isMap(input) ? schema : noMap)),
    v.metadata({wanted}),
  );
}

/** A list; any other value counts as a list of one. */
export function list<Item extends v.GenericSchema>(item: Item, wanted = wantedOf(item)) {
  const items = v.array(item);
  return v.pipe(
    choose([item, items], (input) => (Array.isArray(input) ? items : item)),
    v.transform(
      (value) => (Array.isArray(value) ? value : [value]) as readonly v.InferOutput<Item>[],
    ),
    v.metadata({wanted}),
  );
}

/** One of several schemas, chosen by inspecting the value, so that mistakes refer to one schema only. */
export function choose<const Options extends v.UnionOptions>(
  options: Options,
  pick: (input: unknown) => v.GenericSchema,
) {
  return runAs(v.union(options), pick);
}

/** The position of a mistake below a value: at a key, or at the end of a path. */
export type Below = {readonly key: readonly Step[]} | {readonly value: readonly Step[]};

/** A key of a map or an index of a list. */
export type Step = string | number;

/** Reports a mistake at a value, or below it. */
export type Report = (message: string, below?: Below) => void;

/** Checks what a schema cannot express. Runs only if the value has no other mistakes. */
export function check<T>(judge: (value: T, report: Report) => void) {
  return v.rawCheck<T>(({dataset, addIssue}) => {
    if (dataset.typed && dataset.issues === undefined) judge(dataset.value, reportTo(addIssue));
  });
}

/** Converts the data, or reports a mistake and returns `undefined`. */
export function parsed<From, To>(parse: (value: From, report: Report) => To | undefined) {
  return v.rawTransform<From, To>(({dataset, addIssue, NEVER}) => {
    const mistakes: string[] = [];
    const value = parse(dataset.value, (message, below) => {
      mistakes.push(message);
      addIssue({message, ...placeBelow(below)});
    });
    return value === undefined || mistakes.length > 0 ? NEVER : value;
  });
}

/** Checks the combination of a map's keys. Runs even if their values have mistakes. */
export function checkShape<T>(
  judge: (value: Readonly<Record<string, unknown>>, report: Report) => void,
) {
  return v.rawCheck<T>(({dataset, addIssue}) => {
    if (isMap(dataset.value)) judge(dataset.value, reportTo(addIssue));
  });
}

/** Checks the combination of a list's items. Runs even if they have mistakes. */
export function checkItems<T>(judge: (items: readonly unknown[], report: Report) => void) {
  return v.rawCheck<T>(({dataset, addIssue}) => {
    if (Array.isArray(dataset.value)) judge(dataset.value, reportTo(addIssue));
  });
}

/** Whether the data of a file is a map. */
export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The message for an invalid value. */
export function mustBe(wanted: string): string {
  return `{title} must be ${wanted}`;
}

const noMap = v.custom<object>(() => false, mustBe('a map'));

/** Reads the known keys of a map. */
function knownKeys<const Entries extends v.ObjectEntries>(entries: Entries) {
  return v.looseObject(entries, ({path}) => {
    const key = String(path?.at(-1)?.key);
    return `{parent} lacks the key "${key}": ${wantedOf(entries[key])}`;
  });
}

/** The description of what a schema accepts. */
function wantedOf(schema: unknown): string {
  const {wanted} = v.getMetadata(schema as v.GenericSchema);
  return typeof wanted === 'string' ? wanted : 'a value';
}

/** Appears as `schema`; values are parsed with the schema chosen for them. */
function runAs<S extends v.GenericSchema>(schema: S, pick: (input: unknown) => v.GenericSchema): S {
  return {
    ...schema,
    '~run': (dataset, config) => pick(dataset.value)['~run'](dataset, config),
  } satisfies S;
}

function reportTo<T>(addIssue: (info: v.RawCheckIssueInfo<T>) => void): Report {
  return (message, below) => addIssue({message, ...placeBelow(below)});
}

/** The path of an issue. */
function placeBelow(below: Below | undefined) {
  if (below === undefined) return {};
  const [steps, origin] =
    'key' in below ? [below.key, 'key' as const] : [below.value, 'value' as const];
  const [first, ...others] = steps.map((key): v.IssuePathItem => ({
    type: 'unknown',
    origin,
    input: undefined,
    key,
    value: undefined,
  }));
  return first === undefined
    ? {}
    : {path: [first, ...others] as [v.IssuePathItem, ...v.IssuePathItem[]]};
}
