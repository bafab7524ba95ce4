// What a plan of many variants in one graph costs: `node bench/plan-matrix.mjs [count]`, 100 unless told. Milliseconds of
// the process alone, the best of five: of planning, and of planning with all stage keys. Nothing is built, so options that
// no recipe can build yet are planned too.
import {loadProject} from '../lib/builder/load-project.js';
import {valueOrThrow} from '../lib/core/errors.js';
import {toolchainKinds} from '../lib/core/toolchain.js';
import {parseBuildOptions} from '../lib/core/build-options.js';
import {variantName} from '../lib/core/variant.js';
import {stageKeys} from '../lib/graph/key.js';
import {planMatrix} from '../lib/stages/plan.js';
import {pythonsOf} from '../lib/stages/pythons.js';
import {resolveVariant} from '../lib/stages/resolve-variant.js';

const count = Number(process.argv[2] ?? 100);
const rounds = 5;
const optionStrings =
  'noopt debug pgo lto pgo+lto freethreaded+noopt freethreaded+debug freethreaded+lto freethreaded+pgo+lto';
const floors = ['2.17', '2.28', '2.31', 'suite'];

const project = await loadProject();
const optionSets = optionStrings.split(' ').map((text) => valueOrThrow(parseBuildOptions(text)));

/** Every combination, so many of them that the first `count` differ in all their parts. */
function* variants() {
  for (const toolchain of toolchainKinds) {
    for (const glibc of floors) {
      for (const target of project.targets.keys()) {
        for (const options of optionSets) {
          for (const {series} of pythonsOf(project)) {
            const request = {python: series, target, options: 'noopt', toolchain, glibc};
            yield {
              ...valueOrThrow(resolveVariant(project, {...request, sourceSet: 'upstream'})),
              options,
            };
          }
        }
      }
    }
  }
}

const wanted = [...variants()].slice(0, count);
const best = {plan: Infinity, keys: Infinity};
let graph;
for (let round = 0; round < rounds; round += 1) {
  const start = process.cpuUsage();
  ({graph} = valueOrThrow(planMatrix(project, wanted, {releaseEpoch: undefined})));
  const planned = process.cpuUsage(start);
  stageKeys(graph);
  const keyed = process.cpuUsage(start);
  const milliseconds = ({user, system}) => (user + system) / 1000;
  // The first round also compiles: it counts as any other, for a command plans once.
  if (round === 0) console.log(`first round: ${milliseconds(keyed).toFixed(0)} ms`);
  best.plan = Math.min(best.plan, milliseconds(planned));
  best.keys = Math.min(best.keys, milliseconds(keyed));
}
const distinct = new Set(wanted.map(variantName)).size;
console.log(
  `${distinct} variants, ${graph.stages.size} stages: plan ${best.plan.toFixed(0)} ms, ` +
    `with keys ${best.keys.toFixed(0)} ms`,
);
