// What `npm run test:full` does, which a release runs: everything at its full size (test/support/scale.ts), on a built
// archive as well, every variant, and the audit. Takes hours, and with all variants more than a night; they go on where
// they were stopped (bench/variants.mjs). A step that fails does not keep the next one from running.
import {spawnSync} from 'node:child_process';
import path from 'node:path';

const root = path.dirname(import.meta.dirname);
const vitest = ['node_modules/vitest/vitest.mjs', 'run'];
const full = {AMPOULE_TEST_SCALE: 'full'};
const toolchainTests = ['binutils', 'long-build'].map((name) => `test/toolchain/${name}.test.ts`);

const steps = [
  ['all tests without an archive', ['scripts/run-tests.mjs'], full],
  ['the same on the newest Node', ['scripts/newest-node.mjs', 'scripts/run-tests.mjs'], {}],
  ['the main job', ['lib/cli/main.js', 'build'], {}],
  ['the tests on its archives', [...vitest, '--project=e2e'], full],
  ['tests that build variants of their own', [...vitest, '--project=variants'], {}],
  ['the toolchain', [...vitest, '--project=toolchain', ...toolchainTests], full],
  ['every variant', ['bench/variants.mjs'], {}],
  ['the audit', ['lib/cli/main.js', 'audit'], {}],
];

const outcomes = steps.map(([title, argv, environment]) => {
  process.stdout.write(`== ${title}\n`);
  const start = performance.now();
  const env = {...process.env, ...environment};
  const {status} = spawnSync(process.execPath, argv, {cwd: root, env, stdio: 'inherit'});
  const minutes = ((performance.now() - start) / 60_000).toFixed(1);
  return {
    isGood: status === 0,
    line: `${status === 0 ? 'passed' : 'FAILED'}  ${minutes} min  ${title}`,
  };
});
process.stdout.write(outcomes.map(({line}) => `${line}\n`).join(''));
process.exitCode = outcomes.every(({isGood}) => isGood) ? 0 : 1;
