import {parentPort, workerData} from 'node:worker_threads';
import {judgeInRelease, type InReleaseQuestion} from './in-release-thread.js';

// Only `whyRefused` starts this.
parentPort?.postMessage(await judgeInRelease(workerData as InReleaseQuestion));
