import {lstat, mkdir, mkdtemp, readdir, readFile, readlink, rm} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {ArchiveError} from '../../../src/archive/archive-error.js';
import {unpackArchive} from '../../../src/archive/unpack-archive.js';
import {makeArchive, symlinkMember, type FixtureMember} from '../../support/make-archive.js';

let scratch: string;
let folder: string;

beforeEach(async () => {
  scratch = await mkdtemp(path.join(os.tmpdir(), 'ampoule-unpack-'));
  folder = path.join(scratch, 'deep/folder');
  await mkdir(folder, {recursive: true});
});

afterEach(() => rm(scratch, {recursive: true, force: true}));

const unpack = async (...members: readonly FixtureMember[]) =>
  unpackArchive(await makeArchive(path.join(scratch, 'a.tar.gz'), members), folder);

const hardlinkMember = (name: string, target: string): FixtureMember => [
  name,
  '',
  {name, type: 'link', linkname: target},
];

describe('unpacking an archive', () => {
  it('writes files, folders and links, with the right to execute and no other mode', async () => {
    const members = await unpack(
      ['python/bin/', '', {name: '', type: 'directory'}],
      ['python/bin/python3.14', '#!/bin/sh\n', {name: '', mode: 0o6755}],
      ['python/lib/big', Buffer.alloc(3 << 20, 7)],
      symlinkMember('python/bin/python3', 'python3.14'),
      symlinkMember('python/lib/up', '../bin/python3'),
      hardlinkMember('python/bin/python', 'python/bin/python3.14'),
    );

    const inFolder = (name: string) => path.join(folder, 'python', name);
    expect([...members].toSorted()).toEqual([
      'python/bin/python',
      'python/bin/python3',
      'python/bin/python3.14',
      'python/lib/big',
      'python/lib/up',
    ]);
    // The rest is up to the umask.
    expect((await lstat(inFolder('bin/python3.14'))).mode & 0o7100).toBe(0o100);
    expect((await readFile(inFolder('lib/big'))).length).toBe(3 << 20);
    expect(await readlink(inFolder('bin/python3'))).toBe('python3.14');
    expect(await readFile(inFolder('lib/up'), 'utf8')).toBe('#!/bin/sh\n');
    expect(await readFile(inFolder('bin/python'), 'utf8')).toBe('#!/bin/sh\n');
  });

  it('takes only what is wanted', async () => {
    const archive = await makeArchive(path.join(scratch, 'a.tar.gz'), [
      ['python/a', 'a'],
      ['python/b', 'b'],
    ]);

    await unpackArchive(archive, folder, (member) => member !== 'python/a');

    expect(await readdir(path.join(folder, 'python'))).toEqual(['b']);
  });

  const file = (name: string): FixtureMember => [name, 'evil'];
  it.each<readonly [string, readonly FixtureMember[]]>([
    ['a path that climbs', [file('python/../../evil')]],
    ['an absolute path', [file('/tmp/evil')]],
    ['a link to an absolute path', [symlinkMember('python/x', '/etc')]],
    ['a link that climbs out', [symlinkMember('python/x', '../../evil')]],
    [
      'a link that climbs out by way of another link',
      [symlinkMember('python/a/b/up', '..'), symlinkMember('python/x', 'a/b/up/../../..')],
    ],
    ['a file below a link', [symlinkMember('python/x', 'y'), file('python/x/evil')]],
    ['a link below a link', [symlinkMember('python/x', 'y'), symlinkMember('python/x/z', 'y')]],
    ['a file that stands twice', [file('python/x'), file('python/x')]],
    ['a link over a file', [file('python/x'), symlinkMember('python/x', 'y')]],
    ['a hard link out', [hardlinkMember('python/x', '../../evil')]],
    ['a hard link to what is not in it', [hardlinkMember('python/x', 'python/y')]],
    [
      'a hard link to a link',
      [symlinkMember('python/y', 'z'), hardlinkMember('python/x', 'python/y')],
    ],
    ['a device', [['python/null', '', {name: '', type: 'character-device'}]]],
    ['a pipe', [['python/pipe', '', {name: '', type: 'fifo'}]]],
  ])('refuses %s, and writes nothing outside', async (_title, members) => {
    await expect(unpack(...members)).rejects.toThrow(ArchiveError);

    expect(await readdir(scratch)).toEqual(['a.tar.gz', 'deep']);
    expect(await readdir(path.join(scratch, 'deep'))).toEqual(['folder']);
  });
});
