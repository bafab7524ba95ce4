import {parentPort} from 'node:worker_threads';
import {extractDeb, type DebExtraction, type ExtractionReport} from './extract-deb.js';

/** The worker's reply to each package, in order. */
export type UnpackReply =
  | {readonly ok: true; readonly report: ExtractionReport}
  | {readonly ok: false; readonly message: string};

parentPort?.on('message', (extraction: DebExtraction) => {
  void extractDeb(extraction).then(
    (report) => parentPort?.postMessage({ok: true, report} satisfies UnpackReply),
    (error: unknown) =>
      parentPort?.postMessage({
        ok: false,
        message: error instanceof Error ? error.message : String(error),
      } satisfies UnpackReply),
  );
});
