/** The start of a list, and the number of omitted items. */
export interface Capped<T> {
  readonly items: readonly T[];
  readonly omitted: number;
}

/** The first `limit` items. */
export function capped<T>(items: readonly T[], limit: number): Capped<T> {
  return {items: items.slice(0, limit), omitted: Math.max(0, items.length - limit)};
}

/** The names that were added and removed between two sets. */
export interface NameChanges {
  readonly removed: Capped<string>;
  readonly added: Capped<string>;
}

/** Compares two sets of names; `undefined` when they are equal. */
export function compareNames(
  before: Iterable<string>,
  after: Iterable<string>,
  limit: number,
): NameChanges | undefined {
  const [old, now] = [new Set(before), new Set(after)];
  const removed = [...old].filter((name) => !now.has(name)).sort();
  const added = [...now].filter((name) => !old.has(name)).sort();
  if (removed.length + added.length === 0) return undefined;
  return {removed: capped(removed, limit), added: capped(added, limit)};
}
