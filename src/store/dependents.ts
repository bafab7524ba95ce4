import {compareCodeUnits, parseSha256, type JsonValue} from '../core/digest.js';
import type {StageId} from '../core/stage-id.js';
import type {StageRecord} from './store.js';

/**
 * What was built from what, by records.
 * @returns a function that gives the stages that used an artifact, a source or a text, directly or through others.
 */
export function dependentsIn(
  records: readonly StageRecord[],
): (digest: string) => readonly StageId[] {
  const users = new Map<string, Set<StageRecord>>();
  for (const record of records) {
    for (const digest of digestsIn(record.inputs)) {
      users.set(digest, (users.get(digest) ?? new Set()).add(record));
    }
  }
  return (digest) => {
    const stages = new Set<StageId>();
    const seen = new Set([digest]);
    // It grows while it is walked.
    for (const known of seen) {
      for (const {artifact, stage} of users.get(known) ?? []) {
        stages.add(stage);
        seen.add(artifact);
      }
    }
    return [...stages].sort(compareCodeUnits);
  };
}

function digestsIn(value: JsonValue | undefined): readonly string[] {
  if (typeof value === 'string') return parseSha256(value) === undefined ? [] : [value];
  if (value === null || typeof value !== 'object') return [];
  return Object.values(value).flatMap(digestsIn);
}
