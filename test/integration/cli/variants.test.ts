import {readFile} from 'node:fs/promises';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {
  makeFixtureProject,
  startCommand,
  type CommandResult,
  type FixtureProject,
} from '../../support/fixture-project.js';

const main = path.resolve(import.meta.dirname, '../../../lib/cli/main.js');

let project: FixtureProject;

beforeEach(async () => {
  project = await makeFixtureProject('images');
});

afterEach(() => project[Symbol.asyncDispose]());

const build = (...options: string[]) =>
  project.ampoule(['build', '--output', path.join(project.folder, 'dist'), ...options]);

/** What of `plan --json` is looked at. */
interface PlanJson {
  readonly distributions: readonly {readonly python: string; readonly options: string}[];
  readonly archives: readonly {readonly fileName: string}[];
  readonly stages: readonly {readonly stage: string}[];
}

const failZlib = () =>
  project.edit('recipes/zlib/recipe.yaml', 'echo building zlib', 'echo kept >config.log; exit 3');

/** Runs a command line that an error printed, as a person would paste it. */
function paste(command: string, rest: string): Promise<CommandResult> {
  const line = `exec "$0" "$1" ${command.replace(/^ampoule /, '')} ${rest}`;
  return startCommand(['sh', '-c', line, process.execPath, main], {
    ...process.env,
    AMPOULE_STORE: project.store,
    AMPOULE_EXECUTOR: 'local',
  }).result;
}

/** Gives the project 3.13.9 beside its 3.14.7. */
async function addPython(): Promise<void> {
  const file = 'recipes/cpython/recipe.yaml';
  const text = await readFile(path.join(project.folder, file), 'utf8');
  const [entry = ''] = /^ -\n(?: {2}.*\n)+/m.exec(text) ?? [];
  const older = entry.replaceAll('3.14.7', '3.13.9').replaceAll('3.14', '3.13');
  await project.edit(file, entry, older + entry);
}

describe('the commands that an error names to go on with', () => {
  it("open the sandbox of the stage that failed, whatever the plan's floor", async () => {
    await failZlib();
    const {code, stderr} = await build('--glibc', 'suite');

    const [, shell = ''] = /or (ampoule shell .*)$/m.exec(stderr) ?? [];
    const opened = await paste(shell, '-- cat /build/zlib/config.log');

    expect(code).toBe(1);
    expect(shell).toContain(' --glibc suite ');
    expect(opened).toMatchObject({code: 0, stdout: 'kept\n'});
  });

  it('mean the variant of the stage alone, not all that were asked for', async () => {
    await addPython();
    await failZlib();

    const {stderr} = await build('--python', 'cpython-3.13,3.14', '--glibc', 'suite');

    const [, shell = ''] = /or (ampoule shell .*)$/m.exec(stderr) ?? [];
    expect(shell).toMatch(/^ampoule shell \S+ --python 3\.13 --glibc suite --sources debian /);
    expect((await paste(shell, '-- cat /build/zlib/config.log')).stdout).toBe('kept\n');
  });
});

describe('a list of Pythons', () => {
  it('is built as one graph: what they share runs once', async () => {
    await addPython();
    await failZlib();

    const {code, stderr} = await build('--python', '3.13,3.14', '--progress', 'plain');

    const started = [...stderr.matchAll(/^start {4}(\S+)/gm)].map(([, stage = '']) => stage);
    expect(code).toBe(1);
    expect(started.filter((stage) => stage.startsWith('dependency/zlib/'))).toHaveLength(1);
    expect(new Set(started).size).toBe(started.length);
  });

  it('is one plan with the archives of all', async () => {
    await addPython();

    const plan = await project.ampoule(['plan', '3.13,3.14', '--json']);
    const alone = await project.ampoule(['plan', '3.13', '--json']);

    const both = JSON.parse(plan.stdout) as PlanJson;
    const one = JSON.parse(alone.stdout) as PlanJson;
    expect(both.distributions.map(({python}) => python)).toEqual(['3.13.9', '3.14.7']);
    expect(both.archives.map(({fileName}) => fileName.split('+')[0])).toEqual([
      ...Array<string>(3).fill('cpython-3.13.9'),
      ...Array<string>(3).fill('cpython-3.14.7'),
    ]);
    expect(both).not.toHaveProperty('python');
    expect(one).toMatchObject({python: '3.13.9', options: 'noopt', distributions: [{}]});
    expect(one.stages.every(({stage}) => both.stages.some((other) => other.stage === stage))).toBe(
      true,
    );
  });

  it('and of options is their product; a debug build has a full archive alone', async () => {
    await addPython();

    const plan = await project.ampoule(['plan', '3.13,3.14', '--options', 'noopt,debug', '--json']);

    const {archives, distributions, stages} = JSON.parse(plan.stdout) as PlanJson;
    expect(distributions.map(({python, options}) => `${python} ${options}`)).toEqual([
      '3.13.9 noopt',
      '3.13.9 debug',
      '3.14.7 noopt',
      '3.14.7 debug',
    ]);
    expect(archives).toHaveLength(8);
    expect(new Set(archives.map(({fileName}) => fileName)).size).toBe(8);
    expect(stages.filter(({stage}) => /^(?:dependency|setup-files)\//.test(stage))).toHaveLength(3);
    expect(stages.filter(({stage}) => /^(?:setup-local|cpython)\//.test(stage))).toHaveLength(8);
  });

  it('is fetched as one', async () => {
    await addPython();

    const {code, stdout} = await project.ampoule(['fetch', '3.13,3.14', '--json']);

    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      distributions: [{python: '3.13.9'}, {python: '3.14.7'}],
    });
  });

  it('leaves a short name to what all of them share, and lists what it may be otherwise', async () => {
    await addPython();
    const why = (stage: string) => project.ampoule(['why', stage, '--python', '3.13,3.14']);

    expect((await why('zlib')).stdout).toMatch(/^dependency\/zlib\/\S+ would run/);
    expect((await why('cpython/3.13')).stdout).toMatch(/^cpython\/3\.13-\S+ would run/);
    const {code, stderr} = await why('cpython');
    expect(code).toBe(2);
    expect(stderr).toMatch(/matches several stages.*\n {2}cpython\/3\.13-.*\n {2}cpython\/3\.14-/s);
  });

  it.each([
    ['--python', '3.13,2.7', /unknown Python "2\.7".*3\.14 \(3\.14\.7\)/],
    ['--target', 'x86_64-unknown-linux-gnu,pdp11', /unknown target "pdp11"/],
    ['--options', 'noopt,lto+fast', /unknown build option "fast".*noopt/],
    ['--options', 'noopt,lto+static', /static cannot be built: .*Expected some of .*noopt/],
    ['--python', '3.14,', /--python: "3\.14," has nothing before or after a comma/],
  ])('of %s names the word that names nothing: %s', async (option, words, message) => {
    await addPython();

    const {code, stderr} = await project.ampoule(['plan', option, words]);

    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });
});

describe('the mark of a plan', () => {
  it.each([
    ['another floor', ['--glibc', '2.41']],
    ['another source set', ['--glibc', 'suite', '--sources', 'upstream']],
  ])('is not that of %s: `store gc` keeps what both need', async (_what, options) => {
    await failZlib();
    await build('--glibc', 'suite');

    const other = await project.ampoule(['fetch', ...options]);
    const swept = await project.ampoule(['store', 'gc', '--json']);
    const opened = await project.ampoule(['shell', 'zlib', '--', 'cat', '/build/zlib/config.log']);

    expect([other.code, swept.code]).toEqual([0, 0]);
    const {removed} = JSON.parse(swept.stdout) as {removed: {kind: string}[]};
    expect(removed.filter(({kind}) => kind === 'work folder' || kind === 'log')).toEqual([]);
    expect(opened).toMatchObject({code: 0, stdout: 'kept\n'});
  });
});
