import path from 'node:path';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {
  fixtureStages,
  makeFixtureProject,
  type FixtureProject,
} from '../../support/fixture-project.js';

let project: FixtureProject;

beforeEach(async () => {
  project = await makeFixtureProject('images');
});

afterEach(() => project[Symbol.asyncDispose]());

/** Every line of a text as JSON: throws where one is none. */
function linesOf(text: string): readonly {type: string; [name: string]: unknown}[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as {type: string});
}

describe('--progress json', () => {
  it('writes one object a line, the failure of a stage and of the command included', async () => {
    await project.edit(
      'recipes/zlib/recipe.yaml',
      'echo building zlib',
      'echo no such header; exit 3',
    );

    const {code, stderr, stdout} = await project.ampoule([
      ...['build', '--progress', 'json', '--output', path.join(project.folder, 'dist')],
    ]);

    const events = linesOf(stderr);
    expect([code, stdout]).toEqual([1, '']);
    expect(events[0]).toMatchObject({type: expect.stringMatching(/^(fetch|build-started)$/)});
    expect(events).toContainEqual({
      type: 'stage-finished',
      stage: fixtureStages.zlib,
      outcome: {
        kind: 'failed',
        error: {code: 'E_STAGE_FAILED', message: expect.stringContaining('no such header')},
      },
    });
    expect(events.at(-1)).toMatchObject({type: 'error', code: 'E_STAGE_FAILED', exitCode: 1});
  });

  it('ends with an error when it is interrupted', async () => {
    await project.edit('recipes/zlib/recipe.yaml', 'echo building zlib', 'sleep 3600');
    const command = project.start([
      ...['build', '--progress', 'json', '--output', path.join(project.folder, 'dist')],
    ]);
    await command.said(`"stage-started","stage":"${fixtureStages.zlib}"`);

    command.kill('SIGINT');

    const {code, stderr} = await command.result;
    expect(code).toBe(130);
    expect(linesOf(stderr).at(-1)).toEqual({
      type: 'error',
      code: 'E_INTERRUPTED',
      message: 'interrupted; run again to continue',
      exitCode: 130,
    });
  });

  it.each<[string, readonly string[], object]>([
    ['bad input', ['build', '--python', '2.7'], {code: 'E_INPUT', exitCode: 2}],
    ['an unknown option', ['build', '--frobnicate'], {code: 'E_INPUT', exitCode: 2}],
    ['a missing log', ['log', 'zlib'], {code: 'E_NOT_IN_STORE', exitCode: 1}],
  ])('writes %s as one object', async (_title, command, wanted) => {
    for (const progress of [['--progress', 'json'], ['--progress=json']]) {
      const {stderr} = await project.ampoule([...command, ...progress]);

      expect(linesOf(stderr)).toMatchObject([{type: 'error', ...wanted}]);
    }
  });
});

describe('--json', () => {
  it('makes the result of doctor one document', async () => {
    const {code, stdout} = await project.ampoule(['doctor', '--json']);

    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: true,
      checks: expect.arrayContaining([{title: 'sandbox', ok: true, message: expect.any(String)}]),
    });
  });

  it('tells of a machine that cannot build in the same form', async () => {
    const {code, stdout} = await project.ampoule(['doctor', '--json'], {}, [
      ...['unshare', '--user', '--map-root-user', 'sh', '-c'],
      'echo 0 >/proc/sys/user/max_user_namespaces && exec "$0" "$@"',
    ]);

    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      checks: expect.arrayContaining([expect.objectContaining({title: 'sandbox', ok: false})]),
    });
  });
});
