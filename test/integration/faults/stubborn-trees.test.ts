import {execFileSync} from 'node:child_process';
import {
  access,
  mkdir,
  mkdtemp,
  readdir,
  readlink,
  rename,
  symlink,
  writeFile,
} from 'node:fs/promises';
import path from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {pathToFileURL} from 'node:url';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {removeTree} from '../../../src/files/remove-tree.js';
import {
  leftovers,
  makeFaultProject,
  type FaultProject,
} from '../../support/faults/fault-project.js';
import {seenProcesses} from '../../support/faults/processes.js';
import type {CommandResult} from '../../support/fixture-project.js';

const removal = pathToFileURL(
  path.resolve(import.meta.dirname, '../../../lib/files/remove-tree.js'),
).href;

/** A process that may do no more than others with its own files. */
const withoutOverride: readonly string[] =
  process.getuid?.() === 0
    ? ['setpriv', '--bounding-set=-dac_override,-dac_read_search', '--']
    : [];

/** Shell text that makes a path of 5,600 bytes below the present folder: two halves, one moved into the other. */
const makeDeep = [
  'p=$(printf "%0100d" 0); for i in 1 2 3; do p=$p/$p; done',
  'p=$p/$p/$p; mkdir -p "a/$p" "b/$p"; echo deep >"b/$p/file"; here=$PWD; cd "a/$p"; mv "$here/b" .',
].join('; ');
const misread = "$(printf 'a\\377b')";

let project: FaultProject;
/** Has the image of the stages. */
let store: string;

beforeAll(async () => {
  project = await makeFaultProject();
  store = await project.newStore();
  expect((await build('')).code).toBe(0);
});

afterAll(async () => {
  // Some of it is more than Node can remove.
  await removeTree(project.folder);
  await project[Symbol.asyncDispose]();
});

/** Builds with this in the first stages, which is the same build as long as it ends well. */
function build(prologue: string, options?: object): Promise<CommandResult> {
  const given = {store, output: path.join(store, 'dist'), prologue, stageSeconds: 0};
  return project.build({...given, ...(options !== undefined && {options: {...options}})});
}

describe('a tree', () => {
  it('of folders without permissions, long paths and names that are no UTF-8 is removed by its owner', async () => {
    const folder = await mkdtemp(path.join(project.folder, 'tree '));
    const part = path.join(...Array.from({length: 28}, () => 'd'.repeat(100)));
    await mkdir(path.join(folder, 'top', part), {recursive: true});
    await mkdir(path.join(folder, 'below', part), {recursive: true});
    await rename(path.join(folder, 'below'), path.join(folder, 'top', part, 'below'));
    await mkdir(path.join(folder, 'top/closed/inner'), {recursive: true});
    await writeFile(path.join(folder, 'top/closed/inner/file'), '');
    await writeFile(path.join(folder, 'kept'), '');
    await symlink('../../kept', path.join(folder, 'top/closed/link'));
    await writeFile(Buffer.from(`${folder}/top/closed/\xff`, 'latin1'), '');
    execFileSync('chmod', ['0000', path.join(folder, 'top/closed/inner')]);
    execFileSync('chmod', ['0555', path.join(folder, 'top/closed'), path.join(folder, 'top')]);

    const script = `const {removeTree} = await import('${removal}'); await removeTree(process.argv[1])`;
    const node = [process.execPath, '--input-type=module', '--eval', script];
    execFileSync('env', [...withoutOverride, ...node, path.join(folder, 'top')], {stdio: 'pipe'});

    await expect(access(path.join(folder, 'top'))).rejects.toThrow('ENOENT');
    await access(path.join(folder, 'kept'));
  });
});

/** Whether a builder on this store has a file with this name open. */
async function isRead(store: string, name: string): Promise<boolean> {
  for (const {pid, command} of await seenProcesses()) {
    if (!command.includes(JSON.stringify(store))) continue;
    const folder = `/proc/${pid}/fd`;
    for (const descriptor of await readdir(folder).catch(() => [])) {
      const file = await readlink(path.join(folder, descriptor)).catch(() => '');
      if (path.basename(file) === name) return true;
    }
  }
  return false;
}

describe('what a stage leaves in its /build', () => {
  it('and cannot be removed by simple means, hinders neither this build nor the next, nor `store gc`', async () => {
    const mess = `(cd /build; mkdir closed; touch "${misread}" closed/x; chmod 0555 closed; ${makeDeep})`;

    const failed = await build(`${mess}; exit 3`);
    const built = await build(mess);
    const next = await build(`${mess}; :`);
    const swept = await project.ampoule(['store', 'gc', '--store', store]);

    expect(failed.code, failed.stderr).toBe(1);
    for (const {code, stderr} of [built, next, swept]) {
      expect(code, stderr).toBe(0);
      expect(stderr).not.toMatch(/^left/m);
    }
    expect(await leftovers(store)).toEqual([]);
  });
});

describe('the output of a stage', () => {
  it('may have folders and files without permissions, which become usual ones', async () => {
    const {code, stderr} = await build(
      'mkdir /out/lib; for f in /src/*.bin; do touch /out/lib/no-${f##*/}; done; chmod 0000 /out/lib/*; chmod 0300 /out/lib',
    );

    expect(code, stderr).toBe(0);
  });

  it.each([
    ['a name that is no UTF-8', `touch "/out/${misread}"`, 'a\\xffb, whose name or target'],
    ['a target that is no UTF-8', `ln -s "${misread}" /out/link`, 'link, whose name or target'],
    ['a path that is too long', `(cd /out; ${makeDeep})`, 'path of more than 2048 bytes'],
    ['a pipe', 'mkfifo /out/pipe', 'pipe, which is neither a file'],
  ])('with %s is refused with the stage and the path', async (_what, prologue, message) => {
    const {code, stderr} = await build(prologue);

    expect(code).toBe(1);
    expect(stderr).toMatch(/^ampoule: Stage part\/(alpha|beta) failed: The output holds /m);
    expect(stderr).toContain(message);
  });

  it('above its limit is refused before it is read', async () => {
    const {code, stderr} = await build('dd of=/out/hole bs=1 count=0 seek=200G 2>/dev/null', {
      outputLimit: 64 * 1024 ** 3,
    });

    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^ampoule: Stage part\/(alpha|beta) failed: The output is larger than 68719476736 bytes; .* at hole/m,
    );
    expect(stderr).toContain('--output-limit');
  });

  it('below its limit and huge is given up at a signal', async () => {
    const prologue = 'dd of=/out/hole bs=1 count=0 seek=8000G 2>/dev/null';
    const running = project.start({store, prologue, stageSeconds: 0});
    await running.said('start    part/alpha');

    while (!(await isRead(store, 'hole'))) await sleep(20);
    running.kill('SIGINT');
    const {stderr, code} = await running.result;

    expect(code, stderr).toBe(130);
    // The runs that failed before are kept under their stage's name alone.
    expect((await leftovers(store)).filter((name) => name.includes('.'))).toEqual([]);
  });
});
