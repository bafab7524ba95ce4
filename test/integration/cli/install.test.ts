import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {startCommand, type CommandResult} from '../../support/fixture-project.js';
import {makeArchive, symlinkMember, type FixtureMember} from '../../support/make-archive.js';

const main = path.resolve(import.meta.dirname, '../../../lib/cli/main.js');

let scratch = '';
beforeEach(async () => {
  scratch = await mkdtemp(path.join(os.tmpdir(), 'ampoule install '));
});
afterEach(() => rm(scratch, {recursive: true}));

const at = (...parts: readonly string[]): string => path.join(scratch, ...parts);

function install(...words: readonly string[]): Promise<CommandResult> {
  return startCommand([process.execPath, main, 'install', ...words], process.env).result;
}

/** What an archive has of a Python: an interpreter that is the machine's, or one that never starts. */
function members(
  top: string,
  text: string,
  shebang = '#!/bin/sh\nexec python3 "$@"',
): FixtureMember[] {
  const program = `${top}/bin/python3.14`;
  return [
    [program, `${shebang}\n`, {name: program, mode: 0o755}],
    symlinkMember(`${top}/bin/python3`, 'python3.14'),
    [`${top}/share/ampoule/distribution.json`, '{}'],
    [`${top}/lib/python3.14/text`, text],
    [`${top}/lib/python3.14/site-packages/README.txt`, ''],
  ];
}

const archive = (name: string, ...given: Parameters<typeof members>) =>
  makeArchive(at(name), members(...given));

const textIn = (folder: string) => readFile(at(folder, 'lib/python3.14/text'), 'utf8');

describe('ampoule install', () => {
  it.each([
    ['absent', () => Promise.resolve()],
    ['empty', () => mkdir(at('a/b/python'), {recursive: true})],
  ])(
    'makes a Python in a folder that is %s, and prints its interpreter',
    async (_state, prepare) => {
      await prepare();

      const {code, stdout} = await install(
        await archive('one.tar.gz', 'python', 'one'),
        at('a/b/python'),
      );

      expect({code, stdout}).toEqual({code: 0, stdout: `${at('a/b/python/bin/python3')}\n`});
      expect(await textIn('a/b/python')).toBe('one');
      expect((await stat(at('a/b/python/bin/python3'))).mode & 0o111).not.toBe(0);
      expect(await readdir(at('a/b'))).toEqual(['python']);
    },
  );

  it('takes the installation of a full archive, and nothing beside it', async () => {
    const full = await makeArchive(at('full.tar.gz'), [
      ['python/PYTHON.json', '{}'],
      ['python/build/lib/libz.a', 'x'],
      ['python/licenses/LICENSE.txt', 'x'],
      ...members('python/install', 'full'),
    ]);

    expect((await install(full, at('python'))).code).toBe(0);
    expect((await readdir(at('python'))).sort()).toEqual(['bin', 'lib', 'share']);
  });

  it.each([
    ['in one step', undefined],
    ['also where the new one does not run here', '#!/nonexistent'],
    ['also where the new one does nothing', '#!/bin/true'],
  ])('replaces an earlier installation %s', async (_how, shebang) => {
    await install(await archive('one.tar.gz', 'python', 'one'), at('python'));
    await mkdir(at('python/lib/python3.14/__pycache__'));

    const second = await archive('two.tar.gz', 'python', 'two', shebang);
    const {code, stderr} = await install(second, at('python'));

    expect({code, stderr}).toEqual({code: 0, stderr: ''});
    expect(await textIn('python')).toBe('two');
    expect((await readdir(scratch)).sort()).toEqual(['one.tar.gz', 'python', 'two.tar.gz']);
  });

  it('keeps an installation that something was put into, unless it is forced', async () => {
    await install(await archive('one.tar.gz', 'python', 'one'), at('python'));
    await mkdir(at('python/etc'));
    await writeFile(at('python/etc/pip.conf'), '');
    await writeFile(at('python/bin/tool3.12'), '');
    const two = await archive('two.tar.gz', 'python', 'two');

    const {code, stderr} = await install(two, at('python'));

    expect(code).toBe(2);
    expect(stderr).toContain(
      `${at('python')} has files that would be lost: ./bin/tool3.12, ./etc/pip.conf.\n`,
    );
    expect(await textIn('python')).toBe('one');

    expect((await install(two, at('python'), '--force')).code).toBe(0);
    expect(await textIn('python')).toBe('two');
  });

  it('has no use for a folder on which something is mounted', async () => {
    const one = await archive('one.tar.gz', 'python', 'one');
    await mkdir(at('python'));
    const mounted = ['unshare', '--map-root-user', '--mount', 'sh', '-c'];
    const script = 'mount -t tmpfs none "$1" && shift && exec "$@"';
    const argv = [...mounted, script, 'sh', at('python'), process.execPath, main, 'install'];

    const {code, stderr} = await startCommand([...argv, one, at('python')], process.env).result;

    expect(code).toBe(2);
    expect(stderr).toContain(`${at('python')} is a mount point, which cannot be replaced`);
  });

  it('does not wait for an interpreter that does not end', async () => {
    await install(await archive('one.tar.gz', 'python', 'one'), at('python'));
    const slow = await archive('slow.tar.gz', 'python', 'two', '#!/bin/sh\nexec sleep 1000');
    const running = startCommand(
      [process.execPath, main, 'install', slow, at('python')],
      process.env,
    );
    while (!(await readdir(scratch)).some((name) => name.startsWith('.ampoule.'))) await sleep(10);
    await sleep(500);

    running.kill('SIGINT');

    expect((await running.result).code).toBe(130);
    expect(await textIn('python')).toBe('one');
    expect((await readdir(scratch)).sort()).toEqual(['one.tar.gz', 'python', 'slow.tar.gz']);
  });

  it('replaces what a link leads to', async () => {
    await install(await archive('one.tar.gz', 'python', 'one'), at('python-1'));
    await symlink('python-1', at('python'));

    const two = await archive('two.tar.gz', 'python', 'two');
    expect(await install(two, at('python'))).toMatchObject({code: 0, stderr: ''});

    expect(await textIn('python-1')).toBe('two');
    expect(await readlink(at('python'))).toBe('python-1');
  });

  it('refuses a link that leads nowhere', async () => {
    await symlink('missing', at('python'));

    const {code, stderr} = await install(
      await archive('one.tar.gz', 'python', 'one'),
      at('python'),
    );

    expect(code).toBe(2);
    expect(stderr).toContain('python is a link to missing, which leads nowhere. Next: ');
  });

  it.each<[string, FixtureMember[]]>([
    ['in a link to a folder', [...members('real', 'x'), symlinkMember('python', 'real')]],
    ['that is a folder', [['python/bin/python3/text', 'x']]],
  ])('refuses an archive with an interpreter %s', async (_what, content) => {
    const {code, stderr} = await install(
      await makeArchive(at('one.tar.gz'), content),
      at('python'),
    );

    expect(code).toBe(2);
    expect(stderr).toContain('expected an archive of a Python');
  });

  it('keeps an installation with packages of its own, unless it is forced', async () => {
    const one = await archive('one.tar.gz', 'python', 'one');
    await install(one, at('python'));
    const packages = at('python/lib/python3.14/site-packages');
    await mkdir(path.join(packages, 'requests-2.32.3.dist-info'));
    await mkdir(path.join(packages, 'requests'));
    await writeFile(path.join(packages, 'six.py'), '');
    const two = await archive('two.tar.gz', 'python', 'two');

    const {code, stderr} = await install(two, at('python'));

    expect(code).toBe(2);
    expect(stderr).toContain(`${at('python')} has packages that would be lost: requests, six.py.`);
    expect(stderr).toContain('Next: name another folder, or --force and install them again.');
    expect(await textIn('python')).toBe('one');
    expect((await readdir(scratch)).sort()).toEqual(['one.tar.gz', 'python', 'two.tar.gz']);

    expect((await install(two, at('python'), '--force')).code).toBe(0);
    expect(await textIn('python')).toBe('two');
  });

  it('touches no folder that is not its own', async () => {
    const one = await archive('one.tar.gz', 'python', 'one');
    await mkdir(at('home/documents'), {recursive: true});
    await writeFile(at('file'), '');

    const home = await install(one, at('home'));
    const file = await install(one, at('file'));

    expect([home.code, file.code]).toEqual([2, 2]);
    expect(home.stderr).toContain(
      `${at('home')} holds documents, and no share/ampoule/distribution.json.`,
    );
    expect(file.stderr).toContain(`${at('file')} is no folder`);
    expect(await readdir(at('home'))).toEqual(['documents']);
  });

  it.each<[string, readonly FixtureMember[], string]>([
    [
      'no Python',
      [['other/file', 'x']],
      'has neither python/install/bin/python3 nor python/bin/python3',
    ],
    [
      'a path that leads out',
      [...members('python', 'x'), ['../out', 'x']],
      'is a path that leads out of it',
    ],
  ])('leaves nothing of an archive with %s', async (_what, given, message) => {
    const bad = await makeArchive(at('bad.tar.gz'), given);

    const {code, stderr} = await install(bad, at('python'));

    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(await readdir(scratch)).toEqual(['bad.tar.gz']);
  });
});
