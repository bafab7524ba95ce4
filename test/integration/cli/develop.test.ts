import {cp, readdir, readFile, rm, stat, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {makeFixtureProject, type FixtureProject} from '../../support/fixture-project.js';
import {makeSmallTree, patchLevel, type SmallTree} from '../../support/small-tree.js';

let project: FixtureProject;
let small: SmallTree;
const root = path.resolve(import.meta.dirname, '../../..');

beforeAll(async () => {
  project = await makeFixtureProject('images');
  small = await makeSmallTree();
  await cp(
    path.join(root, 'recipes/cpython/develop.sh'),
    path.join(project.folder, 'recipes/cpython/develop.sh'),
  );
  await cp(path.join(project.folder, 'docker/build'), path.join(project.folder, 'docker/develop'), {
    recursive: true,
  });
  await project.edit('docker/develop/image.yaml', 'name: build', 'name: develop');
  // The image has not all that a dependency is made with.
  await project.edit('static-modules/all.yaml', ', libraries: {zlib: [z]}', '');
});

afterAll(async () => {
  await small[Symbol.asyncDispose]();
  await project[Symbol.asyncDispose]();
});

const develop = (...words: string[]) => project.ampoule(['develop', small.tree, ...words]);
const build = (options = 'release') => path.join(small.folder, `cpython-build-${options}`);
const compiled = (stderr: string) => stderr.match(/compiling .*$/gm) ?? [];
const inTree = async () => (await readdir(small.tree, {recursive: true})).sort();

describe('ampoule develop', () => {
  it('makes a tree in a folder beside it, then only what changed, and leaves the tree alone', async () => {
    const before = await inTree();
    const {code, stdout, stderr} = await develop();
    await small.write('Objects/one.c', 'changed\n');
    const changed = await develop();

    expect([code, stdout]).toEqual([0, `${build()}/python\n`]);
    expect(stderr).toMatch(/^configuring .*--with-openssl=\/deps/m);
    expect(compiled(stderr)).toHaveLength(2);
    expect(changed.stderr).not.toContain('configuring');
    expect(compiled(changed.stderr)).toEqual(['compiling ../cpython/Objects/one.c']);
    expect(await inTree()).toEqual(before);
  });

  it('runs a command in the folder of the options, where the tree is read-only, and ends with its code', async () => {
    const script = `pwd; id -u; touch ${small.tree}/x 2>/dev/null || echo no; exit 7`;
    const {code, stdout} = await develop('--options', 'debug', '--run', 'python', '-c', script);

    // Standard output is the command's alone.
    expect([code, stdout]).toEqual([7, `${build('debug')}\n1000\nno\n`]);
  });

  it('hands the words after --test to the tests of the tree', async () => {
    expect((await develop('--test', 'test_list', '-v')).stdout).toBe(
      './python -m test test_list -v\n',
    );
  });

  it('regenerates in the tree, with the Python of the image', async () => {
    const {code} = await develop('--regen', 'clinic');

    const made = path.join(small.tree, 'generated.txt');
    expect([code, await readFile(made, 'utf8')]).toEqual([0, 'clinic with python3\n']);
    await rm(made);
  });

  it.each(['002', '077'])('regenerates files with the umask of the user, %s', async (umask) => {
    const wrapper = ['sh', '-c', `umask ${umask}; exec "$@"`, 'sh'];
    await project.ampoule(['develop', small.tree, '--regen', 'clinic'], {}, wrapper);

    const made = path.join(small.tree, 'generated.txt');
    expect((await stat(made)).mode & 0o777).toBe(0o666 & ~parseInt(umask, 8));
    await rm(made);
  });

  it('regenerates for one at a time, also from two build folders, and says who waits', async () => {
    const makefile = await small.holdTarget('clinic');
    const regen = (folder: string) =>
      project.start([
        ...['develop', small.tree, '--build-folder', path.join(small.folder, folder)],
        ...['--regen', 'clinic'],
      ]);
    const first = regen('regen-one');
    await first.said('holding\n');
    const second = regen('regen-two');
    await second.said('which regenerates files in');
    await small.write('go', '');

    expect([(await first.result).code, (await second.result).code]).toEqual([0, 0]);
    for (const name of ['go', 'generated.txt']) await rm(path.join(small.tree, name));
    await small.write('Makefile.pre.in', makefile);
  });

  it('shows on a terminal what it waits for and why it configures', async () => {
    await develop();
    await small.write('Include/patchlevel.h', patchLevel('3.14.99'));
    await small.write(
      'configure',
      (await readFile(path.join(small.tree, 'configure'), 'utf8')) + '\n',
    );
    await using terminal = project.startOnTerminal(['develop', small.tree]);
    await terminal.ended;

    const shown = (await terminal.lines()).join('\n');
    expect(shown).toContain('no recipe has CPython 3.14.99');
    expect(shown).toContain('configuring again: changed are configure');
    await small.write('Include/patchlevel.h', patchLevel('3.14.7'));
  });

  it('recovers from a Makefile that cannot even clean', async () => {
    const folder = path.join(small.folder, 'broken');
    const words = ['--build-folder', folder];
    await develop(...words);
    await writeFile(path.join(folder, 'Makefile'), 'clean:\n\tfalse\n');
    await rm(path.join(folder, '.ampoule/inputs'));
    await writeFile(path.join(folder, 'notes.txt'), 'mine');
    const {code, stderr} = await develop(...words);

    expect([code, compiled(stderr).length]).toEqual([0, 2]);
    expect(await readdir(folder)).toContain('notes.txt');
  });

  it('configures again for another script, says what failed, and goes on from there', async () => {
    await develop();
    const script = path.join(small.tree, 'configure');
    const text = await readFile(script, 'utf8');
    await writeFile(script, `${text}exit 3\n`);
    const failed = await develop();
    await writeFile(script, text.replace('configuring', 'now configuring'));
    const repaired = await develop();

    expect([failed.code, failed.stdout]).toEqual([1, '']);
    expect(failed.stderr).toContain('configuring again: changed are configure\n');
    expect(failed.stderr).toMatch(/ampoule: making \S+ in \S+ failed with exit code 3\./);
    expect(repaired.stderr).toContain('now configuring');
    expect([repaired.code, compiled(repaired.stderr)]).toEqual([0, []]);
  });

  it('waits for another one in the same folder; both end when they are interrupted', async () => {
    const makefile = await readFile(path.join(small.tree, 'Makefile.pre.in'), 'utf8');
    await small.write(
      'Makefile.pre.in',
      makefile.replace('@echo compiling', '@echo up; sleep 1000; echo compiling'),
    );
    const words = ['develop', small.tree, '--build-folder', path.join(small.folder, 'shared')];
    const first = project.start(words);
    await first.said('up\n');
    const second = project.start(words);
    await second.said('waiting for process');
    for (const running of [first, second]) running.kill('SIGINT');

    expect([(await first.result).code, (await second.result).code]).toEqual([130, 130]);
    expect(await readdir(path.join(project.store, 'v1/tmp'))).toEqual([]);
    expect(await sleepers()).toEqual([]);
  });

  it.each([
    ['--executor docker: a tree is developed', ['--executor', 'docker']],
    ['one set of options at a time', ['--options', 'noopt,debug']],
    ['a profile belongs to one source', ['--options', 'pgo']],
  ])('refuses: %s', async (message, options) => {
    const {code, stderr} = await develop(...options);

    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
  });
});

/** The commands that still run in a sandbox of the tests. */
async function sleepers(): Promise<readonly string[]> {
  const processes = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(
    processes.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')),
  );
  return lines.filter((line) => line.includes(small.folder) && line.includes('bwrap'));
}
