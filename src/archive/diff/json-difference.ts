import {capped, compareNames, type Capped} from './capped.js';

/** A value of a JSON document that differs. */
export interface JsonChange {
  /** Keys and positions with dots: `build_info.extensions._ssl.0.objs`. */
  readonly path: string;
  /** As JSON, the start where it is long; `undefined` where the document has no such value. */
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** How two JSON documents differ. */
export interface JsonDifference {
  readonly kind: 'json';
  readonly changes: Capped<JsonChange>;
}

/** Deeper values are compared as a whole. */
const maximumDepth = 60;
const shownCharacters = 300;

/** Compares two JSON documents key by key; `undefined` if one is not JSON or is nested too deeply. */
export function compareJson(
  before: string,
  after: string,
  limit: number,
): JsonDifference | undefined {
  try {
    const old: unknown = JSON.parse(before);
    const now: unknown = JSON.parse(after);
    return {kind: 'json', changes: capped(changesOf(old, now, []), limit)};
  } catch (error) {
    // Formatting a value that is nested too deeply throws a RangeError.
    if (error instanceof SyntaxError || error instanceof RangeError) return undefined;
    throw error;
  }
}

function changesOf(
  before: unknown,
  after: unknown,
  path: readonly string[],
): readonly JsonChange[] {
  if (before === after) return [];
  if (isListOfTexts(before) && isListOfTexts(after)) return compareLists(before, after, path);
  if (path.length < maximumDepth && isContainer(before) && isContainer(after)) {
    if (Array.isArray(before) === Array.isArray(after)) {
      const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
      return [...keys].flatMap((key) =>
        changesOf(valueOf(before, key), valueOf(after, key), [...path, key]),
      );
    }
  }
  const change = {path: path.join('.'), before: show(before), after: show(after)};
  // Two values beyond the depth limit may be equal.
  return change.before === change.after ? [] : [change];
}

/** Lists of strings are compared as sets, so an entry inserted at the front is one change. */
function compareLists(
  before: readonly string[],
  after: readonly string[],
  path: readonly string[],
): readonly JsonChange[] {
  const place = path.join('.');
  const names = compareNames(before, after, Infinity);
  if (names !== undefined) {
    return [
      ...names.removed.items.map((item) => ({path: place, before: show(item), after: undefined})),
      ...names.added.items.map((item) => ({path: place, before: undefined, after: show(item)})),
    ];
  }
  const isEqual = before.length === after.length && before.every((item, at) => item === after[at]);
  if (isEqual) return [];
  return [{path: place, before: 'another order or number of the same', after: ''}];
}

function show(value: unknown): string | undefined {
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined || text.length <= shownCharacters) return text;
  return `${text.slice(0, shownCharacters)}... (${text.length} characters)`;
}

type Container = Readonly<Record<string, unknown>> | readonly unknown[];

function isContainer(value: unknown): value is Container {
  return typeof value === 'object' && value !== null;
}

function valueOf(container: Container, key: string): unknown {
  return Object.hasOwn(container, key)
    ? (container as Readonly<Record<string, unknown>>)[key]
    : undefined;
}

function isListOfTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
