import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {loadProfiles} from '../../../src/builder/load-profiles.js';
import {readProfileFiles, writeProfileFiles} from '../../../src/builder/profile-files.js';
import {projectFiles} from '../../../src/builder/project-files.js';
import {projectFolder} from '../../../src/builder/project-folder.js';
import {storeLocalSource} from '../../../src/builder/store-local-source.js';
import {formatDiagnostic, valueOrThrow} from '../../../src/core/errors.js';
import {DiskSourceStore} from '../../../src/store/disk-source-store.js';
import {sampleProfileBytes, sampleProfileRecord} from '../../support/profile-record.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'ampoule-profiles-'));
});
afterEach(() => rmSync(folder, {recursive: true}));

const record = sampleProfileRecord();
const place = 'profiles/3.14/x86_64-unknown-linux-gnu/pgo';
const layer = (name: string) => path.join(folder, name);
const write = (name: string, changes: Parameters<typeof sampleProfileRecord>[0] = {}) =>
  writeProfileFiles(layer(name), sampleProfileRecord(changes), sampleProfileBytes);
const load = (...names: readonly string[]) => loadProfiles(projectFiles(names.map(layer)));
async function mistakes(...names: readonly string[]): Promise<string> {
  const result = await load(...names);
  return result.ok ? '' : result.diagnostics.map(formatDiagnostic).join('\n');
}

describe('the profiles of a project', () => {
  it('are those below profiles/, of an overlay in place of earlier ones', async () => {
    await write('base');
    await write('over', {date: '2026-12-01'});
    await write('over', {options: 'freethreaded+pgo'});

    const profiles = valueOrThrow(await load('base', 'over'));

    expect([...profiles.keys()]).toEqual([place.replace(/pgo$/, 'freethreaded+pgo'), place]);
    expect(profiles.get(place)).toEqual({
      record: {...record, date: '2026-12-01'},
      hostPath: path.join(layer('over'), `${place}.profdata.zst`),
    });
    expect([...valueOrThrow(await load('none')).keys()]).toEqual([]);
  });

  it.each(['profdata.zst', 'yaml'])('need both files: without the .%s', async (extension) => {
    await write('base');
    rmSync(path.join(layer('base'), `${place}.${extension}`));

    expect(await mistakes('base')).toBe(
      `${place}.${extension}: is missing: a profile and the record of what it was made from belong together`,
    );
  });

  it('lie where their records say', async () => {
    const [, yaml = ''] = await write('base');
    const text = readFileSync(yaml, 'utf8');
    writeFileSync(yaml, text.replace('"3.14.7"', '"3.13.9"'));

    expect(await mistakes('base')).toBe(
      `${place}.yaml: is the record of profiles/3.13/x86_64-unknown-linux-gnu/pgo: expected it there`,
    );
  });

  it('are read from elsewhere only if their bytes are those of the record', async () => {
    const [file = ''] = await write('base');
    expect(await readProfileFiles(file)).toEqual({
      record,
      hostPath: file,
      bytes: sampleProfileBytes,
    });
    writeFileSync(file, 'another');

    await expect(readProfileFiles(file)).rejects.toThrow(
      /pgo\.profdata\.zst is not the profile of .*pgo\.yaml: expected sha256 [0-9a-f]{64}, found [0-9a-f]{64}/,
    );
    await expect(readProfileFiles(path.join(folder, 'x.profdata.zst'))).rejects.toThrow(
      /^a profile is two files: ENOENT/,
    );
    await expect(readProfileFiles('pgo.yaml')).rejects.toThrow(/ends in \.profdata\.zst/);
  });
});

describe('a file of the project, as a source', () => {
  const {signal} = new AbortController();
  const source = {fileName: 'a', sha256: record.sha256, sizeBytes: record.size, locations: []};

  it('is copied into the store', async () => {
    const [file = ''] = await write('base');
    mkdirSync(layer('sources'));
    const sink = new DiskSourceStore(layer('sources'));

    await storeLocalSource(source, {kind: 'file', path: file}, sink, signal);

    expect(await sink.discardIfDamaged(source, signal)).toBeUndefined();
    expect(await sink.has(source)).toBe(true);
  });

  it.each([
    ['damaged', (file: string) => writeFileSync(file, 'x'), /is damaged: expected sha256/],
    ['missing', (file: string) => rmSync(file), /cannot be read: ENOENT.*\nNext: restore it/],
  ])('is refused if it is %s, and nothing is left', async (_what, damage, message) => {
    const [file = ''] = await write('base');
    damage(file);
    mkdirSync(layer('sources'));
    const sink = new DiskSourceStore(layer('sources'));

    await expect(
      storeLocalSource(source, {kind: 'file', path: file}, sink, signal),
    ).rejects.toThrow(message);
    expect(readdirSync(layer('sources'))).toEqual([]);
  });
});

describe("Ampoule's own profiles", () => {
  it('are what their records say, and take less than 20 MB together', async () => {
    const profiles = valueOrThrow(await loadProfiles(projectFiles([projectFolder])));

    let bytes = 0;
    for (const {hostPath} of profiles.values()) {
      const files = await readProfileFiles(hostPath);
      expect(files.bytes.length).toBe(files.record.size);
      bytes += statSync(hostPath).size;
    }
    expect(bytes).toBeLessThan(20e6);
  });
});
