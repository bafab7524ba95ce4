import {canonicalJson, parseSha256, sha256, type JsonValue} from '../core/digest.js';

/** A JSON object with a digest of its own, so that a flipped bit never changes what it says. */
export function renderSealed(members: Readonly<Record<string, JsonValue | undefined>>): string {
  const digest = sha256(canonicalJson(members));
  return `${JSON.stringify({...members, digest}, undefined, 1)}\n`;
}

/** The members of a JSON object; `undefined` if it is damaged. Earlier versions wrote some without a digest. */
export function parseSealed(text: string): Readonly<Record<string, JsonValue>> | undefined {
  const value = parseObject(text);
  if (value === undefined) return undefined;
  const {digest, ...members} = value;
  if (digest === undefined && isSealedUnderAnotherName(members)) return undefined;
  if (digest !== undefined && digest !== sha256(canonicalJson(members))) return undefined;
  return members;
}

/** The digest comes last, and its name may be what was damaged. */
function isSealedUnderAnotherName(members: Readonly<Record<string, JsonValue>>): boolean {
  const last = Object.values(members).at(-1);
  return typeof last === 'string' && parseSha256(last) !== undefined;
}

/** The members of a JSON object; `undefined` if the text is not one. */
export function parseObject(text: string): Readonly<Record<string, JsonValue>> | undefined {
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
  const isObject = value !== null && typeof value === 'object' && !Array.isArray(value);
  return isObject ? (value as Readonly<Record<string, JsonValue>>) : undefined;
}
