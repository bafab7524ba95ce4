import {describe, expect, it} from 'vitest';
import {formatDiagnostic, valueOrThrow} from '../../../src/core/errors.js';
import {builtModule, parseRecordedBuild} from '../../../src/setup-local/built-modules.js';
import {madeUpBuild, madeUpRecord} from './made-up-build.js';

const nothing = {sources: [], archives: [], libraries: []};

function recorded(...words: readonly (readonly string[])[]) {
  const {calls, configC} = madeUpRecord({});
  const more = words.map((call) => ({directory: '/build/source', arguments: call}));
  return valueOrThrow(parseRecordedBuild(JSON.stringify([...calls, ...more]), configC));
}

describe('the modules of a recorded build', () => {
  it('are made of the objects that their linker took', () => {
    const build = madeUpBuild({_a: {sources: ['_a.c', '_a/b.c'], libraries: ['z']}});

    const module = builtModule(build, '_a', nothing);

    expect(module?.linkage).toBe('shared');
    expect([...(module?.sources.keys() ?? [])]).toEqual(['_a.c', '_a/b.c']);
    expect(module?.libraries).toEqual(['z']);
  });

  it('are made of the members of their archives too', () => {
    const build = recorded(
      ['clang', '-c', '_hacl/x.c', '-o', 'Modules/_hacl/x.o'],
      ['llvm-ar', 'rcs', 'Modules/_hacl/libx.a', 'Modules/_hacl/x.o'],
      ['clang', '-shared', 'Modules/_hacl/libx.a', '-o', 'Modules/_x.cpython-314.so'],
    );

    expect([...(builtModule(build, '_x', nothing)?.sources.keys() ?? [])]).toEqual(['_hacl/x.c']);
  });

  it('may be made by setup.py, in a folder of its own', () => {
    const folder = 'build/lib.linux-x86_64-3.11';
    const objects = 'build/temp.linux-x86_64-3.11/build/source/Modules';
    const build = recorded(
      ['clang', '-c', '/build/source/Modules/_x.c', '-o', `${objects}/_x.o`],
      ['clang', '-shared', `${objects}/_x.o`, '-lz', '-o', `${folder}/_x.cpython-311.so`],
    );

    const module = builtModule(build, '_x', nothing);

    expect([...(module?.sources.keys() ?? [])]).toEqual(['_x.c']);
    expect(module?.libraries).toEqual(['z']);
  });

  it('have, where they are built in, only those parts that the interpreter is linked with', () => {
    const build = madeUpBuild({_a: {linkage: 'static', sources: ['_a.c'], libraries: ['z']}});

    const module = builtModule(build, '_a', {
      sources: ['_a.c', '_b.c'],
      archives: [],
      libraries: ['z', 'bz2'],
    });

    expect([...(module?.sources.keys() ?? [])]).toEqual(['_a.c']);
    expect(module?.libraries).toEqual(['z']);
  });

  it('are not there when neither the inittab nor a file has them', () => {
    expect(builtModule(madeUpBuild({}), '_a', nothing)).toBeUndefined();
  });

  it.each([
    ['words of their own', ['-D', 'X', '-I', 'inc', '-U', 'Y'], ['X'], ['inc']],
    ['one word', ['-DX=1', '-Iinc', '-UY'], ['X=1'], ['inc']],
    ['the last one counts', ['-DX=1', '-DX=2', '-DZ', '-UZ'], ['X=2'], []],
    [
      'paths of the tree',
      ['-I./Include/', '-I/build/source/Modules', '-I.'],
      [],
      ['Include', 'Modules', '.'],
    ],
    ['paths of libraries', ['-I/deps/include'], [], ['/deps/include']],
    ['words that belong to another option', ['-Xclang', '-DX', '-MF', 'x.d'], [], []],
  ])('were compiled with defines and folders: %s', (_title, flags, defines, includes) => {
    const build = recorded(
      ['clang', ...flags, '-c', 'Modules/_a.c', '-o', 'Modules/_a.o'],
      ['clang', '-shared', 'Modules/_a.o', '-o', 'Modules/_a.cpython-314.so'],
    );

    const source = builtModule(build, '_a', nothing)?.sources.get('_a.c');

    expect(source).toEqual({source: 'Modules/_a.c', defines, includes});
  });

  it.each([
    ['no JSON', 'nonsense', /^calls.json: is not a list of calls/],
    ['calls without a folder', '[{"arguments": ["clang"]}]', /^calls.json: is not a list of calls/],
    ['no interpreter', '[]', /^calls.json: nothing links python/],
  ])('cannot be read from %s', (_title, calls, message) => {
    const result = parseRecordedBuild(calls, madeUpRecord({}).configC);

    expect(result.ok ? [] : result.diagnostics.map(formatDiagnostic)).toEqual([
      expect.stringMatching(message),
    ]);
  });
});
