import {readdir} from 'node:fs/promises';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {makeFixtureProject, type FixtureProject} from '../../support/fixture-project.js';
import {startHttpsServer} from '../../support/hostile/https-server.js';
import {serve, startServer, status, type Handler} from '../fetch/loopback-server.js';

let project: FixtureProject;
beforeEach(async () => {
  project = await makeFixtureProject('images');
});
afterEach(() => project[Symbol.asyncDispose]());

const recipes = ['recipes/zlib/recipe.yaml', 'recipes/cpython/recipe.yaml'];

/** Puts an address in front of the Debian mirror, which has all that is wanted. */
async function putFirst(url: string): Promise<void> {
  for (const recipe of recipes) await project.edit(recipe, 'https://nowhere.invalid', url);
}

const sourcesOf = () => readdir(path.join(project.store, 'v1/sources'));

describe('a command whose first mirror is bad', () => {
  it.each<readonly [string, Handler, RegExp]>([
    ['lies', (_request, response) => response.end('<html>log in</html>'), /not the pinned one/],
    ['has nothing', status(404), /the server answered 404/],
    [
      'cuts',
      (request, response) => serve(project.source.subarray(0, 100))(request, response),
      /bytes/,
    ],
    ['redirects for ever', status(302, {location: '/x'}), /more than 8 redirects/],
  ])(
    'that %s gets everything from the next, and its summary names the bad one',
    async (_title, handler, reason) => {
      await using bad = await startHttpsServer(handler);
      await putFirst(bad.url);

      const {code, stderr} = await project.ampoule(
        ['fetch', '--sources', 'upstream'],
        bad.environment,
      );

      expect(code, stderr).toBe(0);
      const host = bad.url.replace('https://', '');
      const summary = stderr.split('\n').find((line) => line.startsWith('warning')) ?? '';
      expect(summary).toContain(`${host} did not serve: 1 try went wrong`);
      expect(summary).toMatch(reason);
    },
  );

  it('builds all the same', async () => {
    await using bad = await startHttpsServer(status(503));
    await putFirst(bad.url);

    const {stderr} = await project.ampoule(
      ['build', '--sources', 'upstream', '--output', path.join(project.folder, 'dist')],
      bad.environment,
    );

    // The fixture's shell cannot finish a dependency: that it was tried is what counts here.
    expect(stderr).toContain('Stage dependency/zlib');
    expect(stderr).toContain(`${bad.url.replace('https://', '')} did not serve: `);
  });
});

describe('a command whose first mirror has a certificate that nobody knows', () => {
  it('gets everything from the next', async () => {
    await using bad = await startHttpsServer(serve(project.source));
    await putFirst(bad.url);

    const {code, stderr} = await project.ampoule(['fetch', '--sources', 'upstream']);

    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/did not serve: .*certificate/);
  });
});

describe('a command whose mirrors all are bad', () => {
  it.each(['fetch', 'build'])(
    '%s ends with one error that names every attempt',
    async (command) => {
      await using missing = await startHttpsServer(status(404));
      await using lying = await startServer((_request, response) => response.end('<html>'));
      await putFirst(missing.url);
      const before = await sourcesOf();
      const output = command === 'build' ? ['--output', path.join(project.folder, 'dist')] : [];

      const {code, stdout, stderr} = await project.ampoule(
        [command, ...output, '--sources', 'upstream', '--debian-mirror', lying.url],
        missing.environment,
      );

      expect({code, stdout}).toEqual({code: 1, stdout: ''});
      expect(stderr.match(/^ampoule: /gm)).toHaveLength(1);
      const message = stderr.slice(stderr.indexOf('ampoule: '));
      expect(message).toContain(`${missing.url}/`);
      expect(message).toContain('the server answered 404');
      expect(message).toContain(`${lying.url}/pool/main/`);
      expect(await sourcesOf()).toEqual(before);
    },
  );
});
