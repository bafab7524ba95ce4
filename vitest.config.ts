import {availableParallelism} from 'node:os';
import path from 'node:path';
import {defineConfig} from 'vitest/config';

/** Longer than this is a hang, on a machine with ten times as much to do as well. */
const patienceMs = 600_000;

/** `sharesModules`: its files change nothing in the process that another one could see, so a worker runs many of them. */
const project = (
  name: string,
  {testTimeout = patienceMs, hookTimeout = testTimeout, sharesModules = false} = {},
) => ({
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    testTimeout,
    hookTimeout,
    isolate: !sharesModules,
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

export default defineConfig({
  test: {
    ...reports,
    // Without it, a machine with two processors gets one worker.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      project('unit', {sharesModules: true}),
      project('contract'),
      project('integration'),
      project('e2e', {testTimeout: 1_800_000}),
      // What is missing of the toolchain is built before the tests: hours.
      project('toolchain', {hookTimeout: 36_000_000}),
    ],
  },
});
