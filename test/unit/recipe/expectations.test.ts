import {spawnSync} from 'node:child_process';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {valueOrThrow} from '../../../src/core/errors.js';
import {parseRecipe} from '../../../src/recipe/parse-recipe.js';
import {renderBuildScript} from '../../../src/recipe/render.js';
import {x86Target} from '../../support/targets.js';

const configLog = `configure:12: checking for fork
| #define HAVE_FORK 1
ac_cv_func_fork=yes
ac_cv_func_fork_works=no
CC='clang -m64'
`;
const configHeader = `#define HAVE_FORK 1
/* #undef HAVE_VFORK */
#  define HAVE_THREADS
`;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'ampoule-expect-'));
  writeFileSync(path.join(folder, 'config.log'), configLog);
  writeFileSync(path.join(folder, 'config.h'), configHeader);
  writeFileSync(path.join(folder, 'Makefile'), 'ARFLAGS \t= -cr\n');
});
afterAll(() => {
  rmSync(folder, {recursive: true});
});

/** Runs the part of the rendered script that checks the answers, in a folder that configure has filled. */
function check(answers: string): {readonly status: number | null; readonly stderr: string} {
  const recipe = `name: foo
source:
  {version: "1", url: https://example.org/foo.tar, sha256: ${'a'.repeat(64)}, size: 1, date: 2026-01-31}
license: {spdx: MIT, files: [COPYING]}
build: {system: autotools, expect: [${answers}]}
`;
  const {script} = renderBuildScript(valueOrThrow(parseRecipe(recipe, 'recipe.yaml')), {
    python: '3.14.7',
    target: x86Target,
    sourceSet: 'debian',
    options: ['noopt'],
    toolchain: 'debian',
  });
  const part = script.slice(script.indexOf('unexpected=0'), script.indexOf('\nmake\n'));
  return spawnSync('/bin/sh', ['-euc', part], {cwd: folder, encoding: 'utf8'});
}

describe('the answers of configure that a recipe expects', () => {
  it.each([
    'config.log: {ac_cv_func_fork: "yes", ac_cv_func_fork_works: "no"}',
    'config.log: {CC: clang -m64}',
    'config.h: {HAVE_FORK: "1", HAVE_THREADS: "", HAVE_VFORK: ~}',
    'Makefile: {ARFLAGS: -cr}',
    'config.h: {HAVE_FORK: "2"}, config.h: {HAVE_FORK: "1"}',
  ])('hold: %s', (answers) => {
    expect(check(answers)).toMatchObject({status: 0, stderr: ''});
  });

  it.each([
    [
      'config.log: {ac_cv_func_fork: "no"}',
      'ac_cv_func_fork in config.log: expected no, found yes',
    ],
    ['config.h: {HAVE_VFORK: "1"}', 'HAVE_VFORK in config.h: expected 1, found (not defined)'],
    ['config.h: {HAVE_FORK: ~}', 'HAVE_FORK in config.h: expected (not defined), found 1'],
    [
      'config.hh: {HAVE_FORK: ~}',
      'HAVE_FORK in config.hh: expected (not defined), found (no such file)',
    ],
  ])('fail the build and say what was expected and found: %s', (answers, message) => {
    const {status, stderr} = check(answers);

    expect(stderr).toBe(`unexpected answer of configure: ${message}\n`);
    expect(status).toBe(1);
  });

  it('are all shown when several are wrong', () => {
    const {stderr} = check('config.h: {HAVE_FORK: "0", HAVE_THREADS: "1"}');

    expect(stderr.trimEnd().split('\n')).toHaveLength(2);
  });
});
