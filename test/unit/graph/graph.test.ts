import {describe, expect, it} from 'vitest';
import {buildGraph} from '../../../src/graph/graph.js';
import {hostStage, sandboxStage} from '../../support/stages.js';

const rootfs = hostStage('rootfs');

describe('build graph', () => {
  it('lists every stage after its inputs', () => {
    const deps = (...stages: string[]) => ({mounts: [{guestPath: '/deps', stages}]});

    const result = buildGraph([
      sandboxStage('c', deps('b', 'a')),
      sandboxStage('b', deps('a')),
      sandboxStage('a'),
      rootfs,
    ]);

    expect(result.ok && [...result.value.stages.keys()]).toEqual(['rootfs', 'a', 'b', 'c']);
  });

  it('names the whole cycle', () => {
    const needs = (stage: string) => ({mounts: [{guestPath: '/deps', stages: [stage]}]});

    const result = buildGraph([
      rootfs,
      sandboxStage('a', needs('b')),
      sandboxStage('b', needs('c')),
      sandboxStage('c', needs('a')),
    ]);

    expect(result).toMatchObject({
      ok: false,
      diagnostics: [{message: 'cyclic dependency: a -> b -> c -> a'}],
    });
  });

  it('names an input that no stage makes', () => {
    const result = buildGraph([sandboxStage('a')]);

    expect(result).toMatchObject({
      ok: false,
      diagnostics: [{message: 'stage a needs rootfs, which no stage makes'}],
    });
  });
});
