import {messageOf} from '../core/errors.js';
import type {Thread, ThreadWork} from '../thread/thread.js';
import {DebError} from './deb-error.js';
import {extractDeb, type DebExtraction, type ExtractionReport} from './extract-deb.js';

/** The result from the thread. */
export type UnpackReply =
  | {readonly ok: true; readonly report: ExtractionReport}
  | {readonly ok: false; readonly message: string};

/** Unpacking one package after the other: decompressing is what an image's time goes into. */
export const unpacking: ThreadWork<DebExtraction, UnpackReply> = {
  script: new URL('./unpack-worker.js', import.meta.url),
  run: tryToExtract,
  youngHeapMb: 8,
};

/** Unpacks one package in a thread. Give it the next one only when this has ended. */
export async function extractIn(
  thread: Thread<DebExtraction, UnpackReply>,
  extraction: DebExtraction,
): Promise<ExtractionReport> {
  const reply = await thread.ask(extraction);
  if (reply.ok) return reply.report;
  throw new DebError(reply.message);
}

/** Unpacks a package, or says what is wrong. */
export async function tryToExtract(extraction: DebExtraction): Promise<UnpackReply> {
  return extractDeb(extraction).then(
    (report) => ({ok: true, report}),
    (error: unknown) => ({
      ok: false,
      message: messageOf(error),
    }),
  );
}
