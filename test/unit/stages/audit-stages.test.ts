import {describe, expect, it} from 'vitest';
import {loadProject} from '../../../src/builder/load-project.js';
import {valueOrThrow} from '../../../src/core/errors.js';
import type {BuildGraph} from '../../../src/graph/graph.js';
import {stageKeys} from '../../../src/graph/key.js';
import {planAudit} from '../../../src/stages/audit-stages.js';
import {planDistribution, type BuildRequest} from '../../../src/stages/plan.js';

const project = await loadProject();
const request: BuildRequest = {
  python: '3.14',
  target: 'x86_64-unknown-linux-gnu',
  options: 'noopt',
  toolchain: 'debian',
  sourceSet: 'upstream',
  glibc: undefined,
  releaseEpoch: undefined,
};
const audit = valueOrThrow(planAudit(project, request));
const distribution = valueOrThrow(planDistribution(project, request));

function keysOf(graph: BuildGraph): Readonly<Record<string, string>> {
  return Object.fromEntries(stageKeys(graph));
}

describe('the plan of an audit', () => {
  it('shares every stage but its own two with a build, so that nothing is built twice', () => {
    const planned = {...keysOf(audit.upstream), ...keysOf(audit.ours)};
    const {
      [audit.stageIds.upstream]: upstream,
      [audit.stageIds.recorded]: ours,
      ...others
    } = planned;

    expect(keysOf(distribution.graph)).toMatchObject(others);
    expect(Object.keys(others)).toContain('cpython/3.14-x86_64-unknown-linux-gnu.2.17-noopt');
    expect([typeof upstream, typeof ours]).toEqual(['string', 'string']);
  });

  it("needs nothing of static-modules/ but the libraries for upstream's build", () => {
    const stages = [...audit.upstream.stages.keys()];

    expect(stages).toContain('setup-files/cpython-3.14');
    expect(stages.filter((id) => /^(setup-local|cpython)\//.test(id))).toEqual([]);
  });

  it('leaves all keys as they are when a difference is explained', () => {
    const explained = project.moduleDefinitions.map((definition) => ({
      ...definition,
      variants: definition.variants.map((variant) => ({
        ...variant,
        differs: {defines: {upstream: ['X'], ours: [], reason: 'for no reason'}},
      })),
    }));
    const changed = {...project, moduleDefinitions: explained};

    const {graph} = valueOrThrow(planDistribution(changed, request));

    expect(keysOf(graph)).toEqual(keysOf(distribution.graph));
  });
});
