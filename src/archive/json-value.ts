/** The value below `keys` in parsed JSON; `undefined` if there is none. */
export function valueAt(json: unknown, ...keys: readonly string[]): unknown {
  let found = json;
  for (const key of keys)
    found = isObject(found) && Object.hasOwn(found, key) ? found[key] : undefined;
  return found;
}

/** The text below `keys`; `undefined` for anything else. */
export function textAt(json: unknown, ...keys: readonly string[]): string | undefined {
  const found = valueAt(json, ...keys);
  return typeof found === 'string' ? found : undefined;
}

/** The items of the list below `keys`; none for anything else. */
export function itemsAt(json: unknown, ...keys: readonly string[]): readonly unknown[] {
  const found: unknown = valueAt(json, ...keys);
  return Array.isArray(found) ? found : [];
}

/** The strings of the list below `keys`; other values are omitted. */
export function textsAt(json: unknown, ...keys: readonly string[]): readonly string[] {
  return itemsAt(json, ...keys).filter((item) => typeof item === 'string');
}

/** Keys and values of the object below `keys`; none for anything else. */
export function entriesAt(
  json: unknown,
  ...keys: readonly string[]
): readonly (readonly [string, unknown])[] {
  const found = valueAt(json, ...keys);
  return isObject(found) ? Object.entries(found) : [];
}

/** Parsed JSON; `undefined` if the text is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
