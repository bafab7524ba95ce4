import {
  parseArtifactDigest,
  parseSha256,
  resolvedKeyOf,
  type JsonValue,
  type ResolvedKey,
  type StageKey,
} from '../core/digest.js';
import {parseSealed, renderSealed} from './sealed-json.js';
import type {StageRecord} from './store.js';

/** Parses a record; `undefined` if the text is damaged. */
export function parseStageRecord(text: string): StageRecord | undefined {
  const value = parseSealed(text);
  if (value === undefined) return undefined;
  const {stage, stageKey, resolvedKey, inputs, artifact, seconds, log} = value;
  const digest = typeof artifact === 'string' ? parseArtifactDigest(artifact) : undefined;
  if (
    digest === undefined ||
    typeof stage !== 'string' ||
    !isKey(stageKey) ||
    !isKey(resolvedKey) ||
    inputs === undefined ||
    typeof seconds !== 'number' ||
    typeof log !== 'string'
  ) {
    return undefined;
  }
  return {
    stage,
    // Both were just checked to have the form of a key.
    stageKey: stageKey as StageKey,
    resolvedKey: resolvedKey as ResolvedKey,
    inputs,
    ...(value['inputNames'] !== undefined && {inputNames: value['inputNames']}),
    artifact: digest,
    seconds,
    log,
  };
}

/** Formats a record with a digest of its own, so that a flipped bit never points to another artifact. */
export function renderStageRecord(record: StageRecord): string {
  return renderSealed({...record});
}

/** Whether a record's resolved key is that of its inputs. */
export function isTrueRecord(record: StageRecord): boolean {
  return resolvedKeyOf(record.inputs) === record.resolvedKey;
}

function isKey(value: JsonValue | undefined): boolean {
  return typeof value === 'string' && parseSha256(value) !== undefined;
}
