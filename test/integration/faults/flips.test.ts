import {execFileSync} from 'node:child_process';
import {copyFile, open, readdir, stat} from 'node:fs/promises';
import path from 'node:path';
import {afterAll, beforeAll, expect, it} from 'vitest';
import {DiskStore} from '../../../src/store/disk-store.js';
import {verifyStore} from '../../../src/store/verify-store.js';
import {makeFaultProject, type FaultProject} from '../../support/faults/fault-project.js';
import {seededRandom, seedOr} from '../../support/faults/seeded-random.js';
import {byScale} from '../../support/scale.js';

const seed = seedOr(20261201);
const flips = byScale({usual: 63, full: 630});

let project: FaultProject;
let store: DiskStore;
let dist: string;

beforeAll(async () => {
  project = await makeFaultProject();
  store = await DiskStore.open(await project.newStore());
  dist = path.join(project.folder, 'dist');
  const {code, stderr} = await project.build({store: path.dirname(store.root), stageSeconds: 0});
  expect(code, stderr).toBe(0);
});

afterAll(() => project[Symbol.asyncDispose]());

async function filesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, {recursive: true, withFileTypes: true});
  const files = entries.filter((entry) => entry.isFile());
  return files.map(({name, parentPath}) => path.join(parentPath, name));
}

/** Turns one bit of a file; the result turns it back. */
async function flip(file: string, random: () => number): Promise<() => Promise<void>> {
  const kept = path.join(project.folder, 'kept');
  await copyFile(file, kept);
  await using handle = await open(file, 'r+');
  const at = Math.floor(random() * (await handle.stat()).size);
  const byte = Buffer.alloc(1);
  await handle.read(byte, 0, 1, at);
  byte.writeUInt8(byte.readUInt8() ^ (1 << Math.floor(random() * 8)));
  await handle.write(byte, 0, 1, at);
  return () => copyFile(kept, file);
}

async function isFound(file: string): Promise<boolean> {
  if (file.startsWith(dist)) return isFoundBySums();
  const {damages} = await verifyStore(store.layout, new AbortController().signal);
  return damages.some(({path: damaged}) => file.startsWith(damaged));
}

function isFoundBySums(): boolean {
  try {
    execFileSync('sha256sum', ['--check', '--strict', 'SHA256SUMS'], {cwd: dist, stdio: 'pipe'});
    return false;
  } catch {
    return true;
  }
}

it(`each of ${flips} bits that are turned anywhere in the store and in dist is found (AMPOULE_SEED=${seed})`, async () => {
  const random = seededRandom(seed);
  const {artifacts, logs, marks, records, sources, texts} = store.layout;
  // What a stage printed has no digest: nothing is made from it.
  const isSealed = (file: string): boolean => !file.endsWith('.log');
  const kinds = await Promise.all(
    [artifacts, logs, marks, path.dirname(records.newest), sources, texts, dist].map(filesIn),
  );
  const missed: string[] = [];
  let turned = 0;
  while (turned < flips) {
    for (const kind of kinds.map((files) => files.filter(isSealed))) {
      const file = kind[Math.floor(random() * kind.length)] ?? '';
      if ((await stat(file)).size === 0) continue;
      const undo = await flip(file, random);
      if (!(await isFound(file))) missed.push(file);
      await undo();
      turned += 1;
    }
  }

  expect(missed).toEqual([]);
  const {damages} = await verifyStore(store.layout, new AbortController().signal);
  expect(damages).toEqual([]);
});
