import pLimit from 'p-limit';
import {InputError, type Diagnostic} from '../core/errors.js';
import {Thread, type ThreadWork} from '../thread/thread.js';
import {readInRelease, RefusedReleaseError, type Trust} from './in-release.js';

/** An InRelease file and the expectations: see `readInRelease`. */
export interface InReleaseQuestion extends Trust {
  readonly inRelease: string;
  readonly suite: string;
}

/** The result from the thread. */
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
 * Why an InRelease file is refused; `undefined` if it is valid. Runs in a thread, so that the memory of the OpenPGP
 * library (15 MiB) is released before the build unpacks images.
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

/** Checks in this thread. */
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
