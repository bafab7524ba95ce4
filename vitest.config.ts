import {defineConfig} from 'vitest/config';

const project = (name: string, testTimeout: number) => ({
  test: {name, include: [`test/${name}/**/*.test.ts`], testTimeout, hookTimeout: testTimeout},
});

export default defineConfig({
  test: {
    projects: [
      project('unit', 20_000),
      project('contract', 120_000),
      project('integration', 120_000),
      project('e2e', 1_800_000),
    ],
  },
});
