import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {readProfileTasks} from '../../../src/builder/profile-tasks.js';
import {sha256} from '../../../src/core/digest.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'ampoule-tasks-'));
});
afterEach(() => rmSync(folder, {recursive: true}));

function put(name: string, text: string | Buffer): string {
  writeFileSync(path.join(folder, name), text);
  return path.join(folder, name);
}

describe('the programs of a training', () => {
  it('are read with their weights', async () => {
    const [app, other] = [put('app.py', 'print(1)\n'), put('other.py', '')];

    expect(await readProfileTasks([app, `${other}=30`])).toEqual([
      {name: 'app.py', text: 'print(1)\n', sha256: sha256('print(1)\n'), weight: 1},
      {name: 'other.py', text: '', sha256: sha256(''), weight: 30},
    ]);
    expect(await readProfileTasks([])).toEqual([]);
  });

  it('are all refused with what was expected', async () => {
    const words = [
      path.join(folder, 'missing.py'),
      put('app.txt', ''),
      `${put('app.py', '')}=0`,
      put('latin.py', Buffer.from([0x23, 0xe9])),
      put('long.py', Buffer.alloc((1 << 20) + 1, 0x20)),
      put('a b.py', ''),
    ];

    const lines = await readProfileTasks(words).then(
      String,
      (error: unknown) => (error as Error).message,
    );

    expect(lines.split('\n')).toEqual([
      expect.stringContaining('missing.py: ENOENT'),
      expect.stringContaining('app.txt: expected a program of one file, <name>.py'),
      expect.stringContaining('app.py=0: expected a program of one file'),
      expect.stringContaining('latin.py: The encoded data was not valid for encoding utf-8'),
      expect.stringContaining('long.py: expected at most 1048576 bytes, found 1048577'),
      expect.stringContaining('a b.py: expected a program of one file'),
    ]);
  });
});
