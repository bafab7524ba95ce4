import {chmod, mkdir, readdir, readFile, stat} from 'node:fs/promises';
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

const outputOf = () => path.join(project.folder, 'dist');

const build = (...options: string[]) =>
  project.ampoule(['build', '--output', outputOf(), '--jobs', '2', ...options]);

/** The message that the command ended with; nothing may stand on standard output. */
async function failureOf(running: ReturnType<typeof build>, code: number): Promise<string> {
  const result = await running;
  expect(result).toMatchObject({code, stdout: ''});
  return result.stderr.slice(result.stderr.indexOf('ampoule: '));
}

/** Nothing half-written: no archive, no stage's record of the failed thing, no scratch besides what the message names. */
async function published(): Promise<readonly string[]> {
  return readdir(outputOf()).catch(() => []);
}

describe('bad input ends with code 2 and says what was expected', () => {
  it('an unknown key of a recipe, with its line and the known keys', async () => {
    await project.edit('recipes/zlib/recipe.yaml', 'provides:', 'provide:');

    const message = await failureOf(build(), 2);

    expect(message).toMatch(/recipes\/zlib\/recipe\.yaml:\d+:1: .*"provide"/);
    expect(message).toContain('provides');
  });

  it('mistakes in two files, both at once', async () => {
    await project.edit('recipes/zlib/recipe.yaml', 'provides:', 'provide:');
    await project.edit('docker/build/image.yaml', 'suite:', 'sweet:');

    const message = await failureOf(build(), 2);

    expect(message).toContain('recipes/zlib/recipe.yaml:');
    expect(message).toContain('docker/build/image.yaml:');
  });

  it('a target file with a wrong value and an unknown key', async () => {
    await project.write('targets/pdp11-unknown-linux-gnu.yaml', 'triple: vax\nendian: middle\n');

    const message = await failureOf(build(), 2);

    expect(message).toMatch(
      /targets\/pdp11-unknown-linux-gnu\.yaml:1:9: "triple" must be a triple/,
    );
    expect(message).toMatch(/targets\/pdp11-unknown-linux-gnu\.yaml:2:1: unknown key "endian"/);
  });

  it('a cyclic dependency, with the cycle', async () => {
    await project.edit('recipes/zlib/recipe.yaml', 'provides:', 'depends: [zlib]\nprovides:');

    const message = await failureOf(build(), 2);

    expect(message).toMatch(
      /recipes\/zlib\/recipe\.yaml:\d+:11: cyclic dependency: zlib -> zlib$/m,
    );
  });

  it.each([
    ['an unknown Python', ['--python', '2.7'], /unknown Python "2\.7".*3\.14 \(3\.14\.7\)/],
    [
      'an unknown target',
      ['--target', 'pdp11'],
      /unknown target "pdp11".*x86_64-unknown-linux-gnu/,
    ],
    [
      'a glibc that is no version',
      ['--glibc', 'old'],
      /--glibc: expected .*2\.17, or "suite".*"old"/,
    ],
    ['a glibc before the oldest', ['--glibc', '2.1'], /--glibc: 2\.1 is too old.*2\.14/],
    ['a glibc newer than the sysroot', ['--glibc', '2.42'], /--glibc: 2\.42 is newer .*2\.41/],
    ['a floor that the suite cannot give', ['--glibc', '2.17'], /--glibc: 2\.17.*2\.41.*bullseye/s],
    ['an unknown build option', ['--options', 'fast'], /--options.*fast.*noopt/s],
    ['an unknown option', ['--frobnicate'], /unknown option '--frobnicate'/],
    ['a job count of zero', ['--jobs', '0'], /--jobs: expected a number.*"0"/],
    ['a release tag that is no day', ['--release-tag', '20260231'], /YYYYMMDD.*"20260231"/],
  ])('%s', async (_title, options, wanted) => {
    expect(await failureOf(build(...options), 2)).toMatch(wanted);
  });

  it('a Python that no audit knows', async () => {
    const audit = project.ampoule(['audit', 'cpython-2.7']);

    expect(await failureOf(audit, 2)).toMatch(/unknown Python "cpython-2\.7"/);
  });

  it('an unknown command', async () => {
    expect(await failureOf(project.ampoule(['frobnicate']), 2)).toContain('frobnicate');
  });

  it('an output folder that cannot be made', async () => {
    const message = await failureOf(build('--output', '/sys/dist'), 2);

    expect(message).toMatch(/--output: \/sys\/dist cannot be written to/);
  });
});

describe('a failed build ends with code 1 and leaves nothing half-written', () => {
  it('wrong bytes from every place, with the expected and the found sha256', async () => {
    const wrong = 'f'.repeat(64);
    const recipe = 'recipes/zlib/recipe.yaml';
    const pinned = /sha256: (\w{64})/.exec(await readText(recipe))?.[1] ?? '';
    await project.edit(recipe, pinned, wrong);

    const message = await failureOf(build(), 1);

    expect(message).toContain(wrong);
    expect(message).toContain(pinned);
    expect(await readdir(path.join(project.store, 'v1/sources'))).not.toContain(wrong);
    expect(await published()).toEqual([]);
  });

  it('a failing script, with its last lines, its log and what to do next', async () => {
    await project.edit(
      'recipes/zlib/recipe.yaml',
      'echo building zlib',
      'echo no such header >&2; exit 3',
    );

    const message = await failureOf(build(), 1);

    expect(message).toContain(`Stage ${fixtureStages.zlib} failed: exit code 3`);
    expect(message).toContain('  | no such header');
    const log = /The whole log is (.*)/.exec(message)?.[1] ?? '';
    expect((await stat(log)).isFile()).toBe(true);
    expect(message).toMatch(/^Next: /m);
    expect(await published()).toEqual([]);
  });

  it('a kernel that refuses user namespaces, with the settings to look at', async () => {
    const message = await failureOf(
      project.ampoule(['build', '--output', outputOf()], {}, [
        ...['unshare', '--user', '--map-root-user', 'sh', '-c'],
        'echo 0 >/proc/sys/user/max_user_namespaces && exec "$0" "$@"',
      ]),
      1,
    );

    expect(message).toContain('The sandbox cannot be started');
    expect(message).toContain('user.max_user_namespaces');
    expect(message).toContain('ampoule doctor');
  });

  it('a read-only output folder, before anything is built', async () => {
    await mkdir(outputOf());
    await chmod(outputOf(), 0o500);
    // Root may write everywhere, so there the folder lies on a read-only file system.
    const folder = process.getuid?.() === 0 ? '/sys/kernel' : outputOf();

    const message = await failureOf(build('--output', folder), 2);

    expect(message).toContain('cannot be written to');
  });
});

function readText(file: string): Promise<string> {
  return readFile(path.join(project.folder, file), 'utf8');
}
