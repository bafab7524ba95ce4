import {createHash} from 'node:crypto';

declare const brand: unique symbol;
type Branded<Name extends string> = string & {readonly [brand]: Name};

/** Lower-case hex sha256 of some bytes: a download, a file, a rendered script. */
export type Sha256 = Branded<'Sha256'>;

/** Input-addressed key of a stage: known before anything has run. */
export type StageKey = Branded<'StageKey'>;

/** A stage's key with every input stage replaced by that stage's artifact digest: known just before it would run. */
export type ResolvedKey = Branded<'ResolvedKey'>;

/** Content address of a stored artifact tree: known only after the stage has run. */
export type ArtifactDigest = Branded<'ArtifactDigest'>;

const hexPattern = /^[0-9a-f]{64}$/;

/** Returns `text` as a sha256 when it is 64 lower-case hex digits, else `undefined`. */
export function parseSha256(text: string): Sha256 | undefined {
  return hexPattern.test(text) ? (text as Sha256) : undefined;
}

/** Returns `text` as an artifact digest if it has that form, else `undefined`. */
export function parseArtifactDigest(text: string): ArtifactDigest | undefined {
  return hexPattern.test(text) ? (text as ArtifactDigest) : undefined;
}

/** sha256 of a string (as UTF-8) or of bytes. */
export function sha256(content: string | Uint8Array): Sha256 {
  return createHash('sha256').update(content).digest('hex') as Sha256;
}

/** The key of a stage from the canonical JSON of its inputs. */
export function stageKeyOf(inputs: JsonValue): StageKey {
  return sha256(`ampoule stage key\n${canonicalJson(inputs)}`) as string as StageKey;
}

/** The resolved key of a stage: same inputs, artifact digests in place of stage keys, a domain of its own. */
export function resolvedKeyOf(inputs: JsonValue): ResolvedKey {
  return sha256(`ampoule resolved key\n${canonicalJson(inputs)}`) as string as ResolvedKey;
}

/** The digest of an artifact, from the listing of its entries. */
export function artifactDigestOf(listing: string): ArtifactDigest {
  return sha256(`ampoule artifact\n${listing}`) as string as ArtifactDigest;
}

/** A JSON value. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | {readonly [key: string]: JsonValue | undefined};

/** JSON with object keys in code-unit order and without white space, so that equal values give equal text. */
export function canonicalJson(value: JsonValue): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const members = Object.keys(value)
    .sort(compareCodeUnits)
    .flatMap((key) => {
      const member = value[key];
      return member === undefined ? [] : [`${JSON.stringify(key)}:${canonicalJson(member)}`];
    });
  return `{${members.join(',')}}`;
}

/** Order by UTF-16 code unit, the only order used for anything that reaches a key or an archive. */
export function compareCodeUnits(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function isArray(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}
