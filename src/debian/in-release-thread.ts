import pLimit from 'p-limit';
import {InputError, type Diagnostic} from '../core/errors.js';
import {Thread, type ThreadWork} from '../thread/thread.js';
import {readInRelease, RefusedReleaseError, type Trust} from './in-release.js';

/** An InRelease file and what it should be: see `readInRelease`. */
export interface InReleaseQuestion extends Trust {
  readonly inRelease: string;
  readonly suite: string;
}

/** What a thread answers. */
export type InReleaseVerdict =
  | {readonly kind: 'good'}
  | {readonly kind: 'refused'; readonly reason: string}
  | {readonly kind: 'damaged-keys'; readonly diagnostics: readonly (Diagnostic | string)[]};

const judging: ThreadWork<InReleaseQuestion, InReleaseVerdict> = {
  script: new URL('./in-release-worker.js', import.meta.url),
  run: judgeInRelease,
  youngHeapMb: 8,
};

const oneAtATime = pLimit(1);

/**
 * Why an InRelease file is refused; `undefined` when it is good. Judged in a thread of its own, which takes what the
 * OpenPGP library needs (15 MiB) with it when it ends: a build unpacks images afterwards and needs its memory for that.
 * @throws InputError when a key file cannot be read.
 */
export async function whyRefused(question: InReleaseQuestion): Promise<string | undefined> {
  const verdict = await oneAtATime(async () => {
    await using thread = new Thread(judging);
    return await thread.ask(question);
  });
  if (verdict.kind === 'damaged-keys') throw new InputError(verdict.diagnostics);
  return verdict.kind === 'refused' ? verdict.reason : undefined;
}

/** Judges in this thread. */
export async function judgeInRelease(question: InReleaseQuestion): Promise<InReleaseVerdict> {
  try {
    await readInRelease(question.inRelease, question.suite, question);
    return {kind: 'good'};
  } catch (error) {
    if (error instanceof RefusedReleaseError) return {kind: 'refused', reason: error.reason};
    if (error instanceof InputError) {
      return {kind: 'damaged-keys', diagnostics: error.diagnostics};
    }
    throw error;
  }
}
