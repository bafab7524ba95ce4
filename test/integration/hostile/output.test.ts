import {execFileSync} from 'node:child_process';
import {readFile, symlink, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {makeFixtureProject, type FixtureProject} from '../../support/fixture-project.js';

/** What no terminal may get from somebody else; line ends are no danger. */
const dangerous = /(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;
/** A title, a cleared screen, a cleared screen in C1, an override of the direction, a zero-width space. */
const attack = '\u001b]0;owned\u0007\u001b[2J\u009b2J\u202e\u200b';
/** As `printf` of a shell writes it. */
const asOctal = [...Buffer.from(attack)].map((byte) => `\\${byte.toString(8)}`).join('');

let project: FixtureProject;

beforeAll(async () => {
  project = await makeFixtureProject('images');
  await project.edit(
    'recipes/zlib/recipe.yaml',
    'echo building zlib',
    `printf 'before ${asOctal} after\\n'; exit 3`,
  );
});

afterAll(() => project[Symbol.asyncDispose]());

const build = (...options: string[]) => [
  ...['build', '--output', path.join(project.folder, 'dist')],
  ...options,
];

/** As it is written to a terminal, byte by byte. */
const latin1 = Buffer.from(attack).toString('latin1');

function expectHarmless(written: string): void {
  for (const part of [
    '\u001b]0;',
    '\u001b[2J',
    ...latin1.slice(latin1.indexOf('J') + 1).split('2J'),
  ]) {
    expect(written).not.toContain(part);
  }
}

describe('what a stage prints', () => {
  it('is escaped in the error of a build', async () => {
    const {code, stderr} = await project.ampoule(build('--progress', 'plain'));

    expect(code).toBe(1);
    expect(stderr).toContain('before');
    expect(stderr).not.toMatch(dangerous);
  });

  it('is escaped in JSON, which stays the same JSON', async () => {
    const {stderr} = await project.ampoule(build('--progress', 'json'));

    expect(stderr).not.toMatch(dangerous);
    const error = JSON.parse(stderr.trim().split('\n').at(-1) ?? '') as {message: string};
    expect(error.message).toContain('before');
  });

  it('does nothing to a terminal', async () => {
    await using command = project.startOnTerminal(build());

    expect(await command.ended).toBe(1);
    expect(command.written()).toContain('before');
    expectHarmless(command.written());
  });

  it('goes into a pipe as it is by `log`, and escaped to a terminal', async () => {
    const {stdout} = await project.ampoule(['log', 'zlib']);
    await using command = project.startOnTerminal(['log', 'zlib']);

    expect(stdout).toContain(attack);
    expect(await command.ended).toBe(0);
    expect(command.written()).toContain('before \\u001b]0;owned');
    expectHarmless(command.written());
  });
});

describe('what others have written', () => {
  it.each([
    ['a key of a recipe', 'recipes/zlib/recipe.yaml', '"\\e]0;owned\\a\\N\\u202e": 1\n'],
    ['a value of a recipe', 'recipes/zlib/recipe.yaml', 'licence: "\\e[2J\\u009b"\n'],
  ])('is escaped in the error about %s', async (_, file, text) => {
    const before = await readFile(path.join(project.folder, file), 'utf8');
    try {
      await writeFile(path.join(project.folder, file), before + text);

      const {code, stderr} = await project.ampoule(['plan']);

      expect(code).toBe(2);
      expect(stderr).toContain(file);
      expect(stderr).not.toMatch(dangerous);
    } finally {
      await writeFile(path.join(project.folder, file), before);
    }
  });

  it('is escaped in an argument, as text and as JSON', async () => {
    for (const options of [[], ['--progress=json']]) {
      const {code, stderr} = await project.ampoule(['why', attack, ...options]);

      expect(code).toBe(2);
      expect(stderr).not.toMatch(dangerous);
    }
  });

  it('is escaped in the names of an archive', async () => {
    const archive = path.join(project.folder, 'attack-install_only.tar.gz');
    await symlink('/', path.join(project.folder, attack));
    execFileSync('tar', ['-czf', archive, '-C', project.folder, attack]);

    for (const arguments_ of [
      ['inspect', archive],
      ['inspect', '--json', archive],
      ['validate', archive],
      ['validate', '--json', archive],
      ['diff', archive, archive],
    ]) {
      const {stdout, stderr} = await project.ampoule(arguments_);

      expect(stdout + stderr).not.toMatch(dangerous);
    }
  });
});
