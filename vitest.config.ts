import path from 'node:path';
import {defineConfig} from 'vitest/config';

const project = (name: string, testTimeout: number, hookTimeout = testTimeout) => ({
  test: {name, include: [`test/${name}/**/*.test.ts`], testTimeout, hookTimeout},
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
    projects: [
      project('unit', 20_000),
      project('contract', 900_000),
      project('integration', 900_000),
      project('e2e', 1_800_000),
      // What is missing of the toolchain is built before the tests: hours.
      project('toolchain', 120_000, 36_000_000),
    ],
  },
});
