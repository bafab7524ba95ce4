import {readFile} from 'node:fs/promises';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {makeFixtureProject, type FixtureProject} from '../../support/fixture-project.js';

let project: FixtureProject;

beforeAll(async () => {
  project = await makeFixtureProject();
});

afterAll(() => project[Symbol.asyncDispose]());

describe('a mistake on the command line', () => {
  it.each([
    [
      'build --ouptut x',
      /unknown option '--ouptut'\n\(Did you mean --output\?\)\nNext: ampoule build --help/,
    ],
    ['store gc --offline', /unknown option '--offline'/],
    ['store verify --debian-mirror x', /unknown option '--debian-mirror'/],
    ['log --offline', /unknown option '--offline'/],
    ['image lock --offline', /unknown option '--offline'/],
    ['store gc --frob', /unknown option '--frob'\nNext: ampoule store gc --help/],
    ['biuld', /unknown command 'biuld'\n\(Did you mean build\?\)\nNext: ampoule --help/],
    ['why', /missing required argument 'stage'\nNext: ampoule why --help/],
    ['why zlbi', /unknown stage "zlbi"\. Did you mean zlib\?\nNext: ampoule plan/],
  ])('%s', async (words, message) => {
    await project.ampoule(['plan']);

    const {code, stderr} = await project.ampoule(words.split(' '));

    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });
});

describe('the usual options', () => {
  it('--version tells version, commit and Node', async () => {
    const {code, stdout} = await project.ampoule(['--version']);

    expect(code).toBe(0);
    expect(stdout).toMatch(/^ampoule \d+\.\d+\.\d+ \(commit [0-9a-f]{12}, Node \d+\.\d+\.\d+\)\n$/);
  });

  it.each(['-n', '--dry-run'])(
    'build %s tells what would run, and runs nothing',
    async (option) => {
      const output = path.join(project.folder, 'never');

      const {code, stdout} = await project.ampoule(['build', option, '--output', output]);

      expect(code).toBe(0);
      expect(stdout).toBe((await project.ampoule(['plan'])).stdout);
      await expect(readFile(output)).rejects.toThrow('ENOENT');
    },
  );

  it('-q is --progress quiet', async () => {
    const {stderr} = await project.ampoule(['fetch', '-q']);

    expect(stderr).toBe('');
  });

  it.each([
    ['--no-color', {}, false],
    ['--color', {NO_COLOR: '1'}, true],
    ['--offline', {NO_COLOR: '1'}, false],
  ])('%s with %j decides over colours on a terminal', async (option, environment, hasColour) => {
    const words = ['build', option, '--progress', 'tty', '--output', 'dist'];
    const own = {TERM: 'xterm', FORCE_COLOR: undefined, ...environment};
    const onTerminal = ['python3', '-c', 'import pty, sys; pty.spawn(sys.argv[1:])'];

    const {stdout} = await project.ampoule(words, own, onTerminal);

    expect(/\x1b\[3\dm/.test(stdout)).toBe(hasColour);
  });

  it('a live view in a file has no codes for a cursor', async () => {
    const {stderr} = await project.ampoule(['build', '--progress', 'tty', '--output', 'dist']);

    expect(stderr).toMatch(/^start +\S+ \([0-9a-f]{12}\)$/m);
    expect(stderr).not.toContain('\x1b');
  });
});
