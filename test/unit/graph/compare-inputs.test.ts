import {describe, expect, it} from 'vitest';
import type {InputChange} from '../../../src/core/run-reason.js';
import {compareInputs, pending} from '../../../src/graph/compare-inputs.js';
import {inputNames, keyInputs} from '../../../src/graph/key.js';
import type {HostStage, SandboxStage, Stage} from '../../../src/graph/stage.js';
import {hostStage, sandboxStage, sourceOf} from '../../support/stages.js';

/** The inputs of a stage; each artifact's digest is its stage's name unless told. */
const named = (stage: Stage, digests: Readonly<Record<string, string>> = {}) => ({
  inputs: keyInputs(stage, (id) => digests[id] ?? `digest of ${id}`),
  names: inputNames(stage),
});

const zlib = sandboxStage('dependency/zlib', {
  mounts: [{guestPath: '/deps', stages: ['a', 'b']}],
  sources: [sourceOf('zlib-1.tar', 'one')],
  files: {'patches/1.patch': 'patch'},
  environment: {CFLAGS: '-O2', LC_ALL: 'C'},
});

const changes = (
  overrides: Partial<SandboxStage>,
  digests: Readonly<Record<string, string>> = {},
): readonly InputChange[] => compareInputs(named(zlib), named({...zlib, ...overrides}, digests));

describe('what changed between two sets of inputs', () => {
  it('is nothing for equal ones', () => {
    expect(changes({})).toEqual([]);
  });

  it.each<[string, Partial<SandboxStage>, object[]]>([
    ['the script', {script: 'other'}, [{field: 'script'}]],
    [
      'an environment variable',
      {environment: {CFLAGS: '-O3', LC_ALL: 'C'}},
      [{field: 'environment', name: 'CFLAGS', from: '-O2', to: '-O3'}],
    ],
    [
      'variables that came and went',
      {environment: {CFLAGS: '-O2', TZ: 'UTC'}},
      [
        {field: 'environment', name: 'LC_ALL', from: 'C'},
        {field: 'environment', name: 'TZ', to: 'UTC'},
      ],
    ],
    [
      'a source of another name',
      {sources: [sourceOf('zlib-2.tar', 'two')]},
      [
        {field: 'source', name: 'zlib-1.tar'},
        {field: 'source', name: 'zlib-2.tar'},
      ],
    ],
    ['a patch', {files: {'patches/1.patch': 'better'}}, [{field: 'file', name: 'patches/1.patch'}]],
    [
      'an input more',
      {mounts: [{guestPath: '/deps', stages: ['a', 'b', 'c']}]},
      [{field: 'input', stage: 'c', place: '/deps', to: 'digest of c'}],
    ],
    [
      'an input less',
      {mounts: [{guestPath: '/deps', stages: ['a']}]},
      [{field: 'input', stage: 'b', place: '/deps', from: 'digest of b'}],
    ],
    [
      'the order of inputs',
      {mounts: [{guestPath: '/deps', stages: ['b', 'a']}]},
      [{field: 'order', place: '/deps', from: ['a', 'b'], to: ['b', 'a']}],
    ],
    [
      'another root file system',
      {rootfs: 'other'},
      [
        {field: 'input', stage: 'rootfs', place: '/'},
        {field: 'input', stage: 'other', place: '/'},
      ],
    ],
  ])('names %s', (_title, overrides, wanted) => {
    const found = changes(overrides);

    expect(found).toHaveLength(wanted.length);
    expect(found).toMatchObject(wanted);
  });

  it('names an input whose bytes are others', () => {
    expect(changes({}, {b: 'new'})).toEqual([
      {field: 'input', stage: 'b', place: '/deps', from: 'digest of b', to: 'new'},
    ]);
  });

  it('says nothing of an input that is still to be made', () => {
    expect(changes({}, {b: pending})).toEqual([]);
  });

  it('names revision and parameters of a host function', () => {
    const image = hostStage('rootfs', {inputs: {files: 'a'}});
    const other: HostStage = {
      ...image,
      function: {...image.function, revision: 2},
      parameters: {text: 'b'},
    };

    expect(compareInputs(named(image), named(other))).toEqual([
      {field: 'revision', from: 1, to: 2},
      {field: 'parameters', from: {text: 'rootfs'}, to: {text: 'b'}},
    ]);
  });

  it('looks no further when a stage is of another kind', () => {
    expect(compareInputs(named(hostStage('x')), named(sandboxStage('x')))).toMatchObject([
      {field: 'kind', from: 'host', to: 'sandbox'},
      {field: 'function'},
      {field: 'revision'},
    ]);
  });
});
