import {mkdir, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, expect, it} from 'vitest';
import {addChecksums} from '../../../src/builder/checksums.js';
import {sha256} from '../../../src/core/digest.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'checksums-'));
});

afterEach(() => rm(folder, {recursive: true, force: true}));

const add = () =>
  addChecksums(folder, new Map([['new', sha256('new')]]), {
    mode: 0o644,
    signal: new AbortController().signal,
  });
const file = () => path.join(folder, 'SHA256SUMS');

it('keeps the lines of other files, in whichever form sha256sum takes', async () => {
  for (const name of ['new', 'one', 'two']) await writeFile(path.join(folder, name), name);
  const lines = [
    `${sha256('one').toUpperCase()}  one`,
    `${sha256('two')} *two`,
    `${sha256('gone')}  gone`,
  ];
  await writeFile(file(), `${lines.join('\n')}\n`);

  await add();

  expect(await readFile(file(), 'utf8')).toBe(
    ['new', 'one', 'two'].map((name) => `${sha256(name)}  ${name}\n`).join(''),
  );
});

it('does not replace those that it cannot read', async () => {
  await writeFile(path.join(folder, 'new'), 'new');
  // A folder: as root, permissions would not do.
  await mkdir(file());

  await expect(add()).rejects.toThrow(/SHA256SUMS has the checksums .* but cannot be read/);
});
