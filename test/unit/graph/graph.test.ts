import {describe, expect, it} from 'vitest';
import {buildGraph} from '../../../src/graph/graph.js';
import {hostStage, sandboxStage, sourceOf} from '../../support/stages.js';

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

  it('names a stage that is there twice', () => {
    const result = buildGraph([rootfs, sandboxStage('a'), sandboxStage('a', {script: 'other'})]);

    expect(result).toMatchObject({
      ok: false,
      diagnostics: [{message: 'two stages have the name a'}],
    });
  });

  it('names two different files that a stage would see under one name', () => {
    const one = sourceOf('zlib.tar.gz', 'one');
    const two = sourceOf('zlib.tar.gz', 'two');

    const result = buildGraph([
      rootfs,
      sandboxStage('a', {sources: [one, one]}),
      sandboxStage('b', {sources: [one, two]}),
      sandboxStage('c', {sources: [one], files: {'zlib.tar.gz': 'text'}}),
    ]);

    expect(result).toMatchObject({
      ok: false,
      diagnostics: [
        {message: `stage b has two files called zlib.tar.gz: ${two.sha256} and ${one.sha256}`},
        {
          message: `stage c has two files called zlib.tar.gz: ${one.sha256} and a text of the project`,
        },
      ],
    });
  });
});
