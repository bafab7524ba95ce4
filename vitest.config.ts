import {availableParallelism} from 'node:os';
import path from 'node:path';
import {defineConfig} from 'vitest/config';

/** Longer than this is a hang, on a machine with ten times as much to do as well. */
const patienceMs = 600_000;

const project = (
  name: string,
  options: {
    testTimeout?: number;
    hookTimeout?: number;
    isolate?: boolean;
    globalSetup?: string;
  } = {},
) => ({
  test: {
    ...{name, include: [`test/${name}/**/*.test.ts`]},
    ...{testTimeout: patienceMs, hookTimeout: patienceMs, ...options},
  },
});

/** CI asks for reports that it can add up. */
const jsonFolder = process.env['VITEST_JSON_FOLDER'];
const reports =
  jsonFolder === undefined
    ? {}
    : {
        reporters: ['default', 'json'],
        outputFile: {json: path.join(jsonFolder, `${process.pid}.json`)},
      };

process.stderr.write(`tests run on Node ${process.version}\n`);

export default defineConfig({
  test: {
    ...reports,
    // Without it, a machine with two processors gets one worker.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      // They change nothing of the process that another file could see: a worker loads modules once for all of them.
      project('unit', {isolate: false}),
      project('contract'),
      project('integration'),
      project('e2e', {
        testTimeout: 1_800_000,
        globalSetup: 'test/support/archive/unpack-once.ts',
      }),
      // What is missing of the toolchain is built before the tests: hours.
      project('toolchain', {hookTimeout: 36_000_000}),
    ],
  },
});
