import {describe, expect, it} from 'vitest';
import {valueOrThrow} from '../../../src/core/errors.js';
import {buildGraph} from '../../../src/graph/graph.js';
import {stageKeys} from '../../../src/graph/key.js';
import type {SandboxStage, Stage} from '../../../src/graph/stage.js';
import {hostStage, sandboxStage, sourceOf} from '../../support/stages.js';

const rootfs = hostStage('rootfs', {parameters: {packages: ['dash']}});
const zlib = sandboxStage('dependency/zlib', {
  sources: [sourceOf('zlib.tar.gz', 'zlib')],
  files: {'patches/0001-why.patch': 'a patch'},
  environment: {CC: 'clang', LC_ALL: 'C.UTF-8'},
  script: 'make',
});
const libpng = sandboxStage('dependency/libpng', {
  mounts: [{guestPath: '/deps', stages: ['dependency/zlib']}],
});

function keyOf(id: string, ...stages: Stage[]): string | undefined {
  return stageKeys(valueOrThrow(buildGraph(stages))).get(id);
}

describe('stage keys', () => {
  // A change here means that every user's store starts anew: raise `keyFormat` and say so in the changelog.
  it('are the golden ones', () => {
    const keys = stageKeys(valueOrThrow(buildGraph([rootfs, zlib, libpng])));

    expect(Object.fromEntries(keys)).toMatchInlineSnapshot(`
      {
        "dependency/libpng": "ebf35582913a9bcf61039943d652b4addc71f25971f6a45ff9f4dbadcba9bc5c",
        "dependency/zlib": "a268b9439a8ee3b3a5007e490ab0ca622f9c108f4ba59de02328f584eb0309d8",
        "rootfs": "83d77957c38a0124ee9cd3dcd4a3f12afdfc597188bb5b2a27f3fb0a53e2ca6b",
      }
    `);
  });

  it.each<[string, Partial<SandboxStage>]>([
    ['script', {script: 'make all'}],
    ['environment', {environment: {CC: 'gcc', LC_ALL: 'C.UTF-8'}}],
    ['source', {sources: [sourceOf('zlib.tar.gz', 'other bytes')]}],
    ['patch', {files: {'patches/0001-why.patch': 'another patch'}}],
  ])('change with the %s, and so do those of dependents', (_field, change) => {
    const changed = {...zlib, ...change};

    expect(keyOf(zlib.id, rootfs, changed)).not.toBe(keyOf(zlib.id, rootfs, zlib));
    expect(keyOf(libpng.id, rootfs, changed, libpng)).not.toBe(
      keyOf(libpng.id, rootfs, zlib, libpng),
    );
  });

  it('do not change with the name of a stage or the places of its sources', () => {
    const [source] = zlib.sources;
    const renamed = {
      ...zlib,
      id: 'dependency/other',
      sources:
        source === undefined
          ? []
          : [{...source, locations: [{kind: 'url' as const, url: 'https://mirror.example/z'}]}],
    };

    expect(keyOf(renamed.id, rootfs, renamed)).toBe(keyOf(zlib.id, rootfs, zlib));
  });

  it('change with the revision of a host function', () => {
    const raised = {...rootfs, function: {...rootfs.function, revision: 2}};

    expect(keyOf('rootfs', raised)).not.toBe(keyOf('rootfs', rootfs));
  });

  it('depend on the order of mounted artifacts', () => {
    const other = sandboxStage('other', {script: 'true'});
    const mounting = (stages: string[]) =>
      sandboxStage('m', {mounts: [{guestPath: '/deps', stages}]});

    expect(keyOf('m', rootfs, zlib, other, mounting(['other', zlib.id]))).not.toBe(
      keyOf('m', rootfs, zlib, other, mounting([zlib.id, 'other'])),
    );
  });
});
