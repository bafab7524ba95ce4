import {availableParallelism} from 'node:os';
import path from 'node:path';
import {defineConfig} from 'vitest/config';
import {patienceMs} from './test/support/patience.js';
import {scale} from './test/support/scale.js';

/** The servers of the tests are on this machine, whatever proxies it uses. */
const noProxy = [process.env['no_proxy'] ?? process.env['NO_PROXY'], 'localhost', '127.0.0.1']
  .filter((part) => part !== undefined)
  .join();

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
    env: {NO_PROXY: noProxy, no_proxy: noProxy},
    ...{name, include: [`test/${name}/**/*.test.ts`]},
    exclude: scale === 'full' ? [] : ['**/*.full.test.ts'],
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
    // A golden that nobody has committed holds nothing: it is written with --update alone.
    update: 'none',
    // By itself vitest gives a machine with two processors one worker. Two more than processors: many tests wait.
    maxWorkers: availableParallelism() + 2,
    projects: [
      // They change nothing of the process that another file could see: a worker loads modules once for all of them.
      project('unit', {isolate: false}),
      project('contract'),
      project('integration'),
      project('e2e', {
        testTimeout: 1_800_000,
        globalSetup: 'test/support/archive/unpack-once.ts',
      }),
      // These build what they need themselves, with options of their own: half an hour.
      project('variants', {testTimeout: 7_200_000, hookTimeout: 7_200_000}),
      // What is missing of the toolchain is built before the tests: hours.
      project('toolchain', {hookTimeout: 36_000_000}),
    ],
  },
});
