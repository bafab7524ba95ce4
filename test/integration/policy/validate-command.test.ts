import {spawnSync} from 'node:child_process';
import {mkdtemp, rm, truncate, writeFile} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {pathToFileURL} from 'node:url';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {rules} from '../../../src/policy/rules.js';
import type * as threadModule from '../../../src/policy/validation-thread.js';
import {SampleArchive} from '../../support/policy/sample-archive.js';
import {ownTargets} from '../../support/targets.js';

const root = path.resolve(import.meta.dirname, '../../..');
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'ampoule-validate-'));
});

afterEach(() => rm(folder, {recursive: true, force: true}));

function ampoule(...args: readonly string[]) {
  const {status, stdout, stderr} = spawnSync(
    process.execPath,
    [path.join(root, 'lib/cli/main.js'), 'validate', ...args],
    {encoding: 'utf8'},
  );
  return {status, stdout, stderr};
}

async function write(sample: SampleArchive): Promise<string> {
  const {fileName, bytes} = sample.write();
  const file = path.join(folder, fileName);
  await writeFile(file, bytes);
  return file;
}

describe('ampoule validate', () => {
  it('ends with 0 and one line of figures for a sound archive', async () => {
    const {status, stdout, stderr} = ampoule(await write(new SampleArchive('full')));

    expect({status, stderr}).toEqual({status: 0, stderr: ''});
    expect(stdout).toMatch(/^cpython-\S+: 0 errors, 0 warnings; \d+ rules over \d+ members/);
  });

  it('ends with 1 and a line for each finding of a broken one', async () => {
    const sample = new SampleArchive('install_only');
    sample.gzip.system = 11;
    const {status, stdout} = ampoule(await write(sample));

    expect(status).toBe(1);
    expect(stdout.split('\n')[0]).toMatch(
      /^error gzip-system cpython-\S+: expected system 3, found 11$/,
    );
  });

  it('gives one JSON document', async () => {
    const sample = new SampleArchive('install_only_stripped');
    sample.gzip.mtimeSeconds = 7;
    const {status, stdout} = ampoule(await write(sample), '--json');

    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      flavour: 'install_only_stripped',
      errors: 1,
      findings: [{rule: 'gzip-no-time', severity: 'error'}],
    });
  });

  it('ends with 2 for what is no archive, and without a name', async () => {
    const file = path.join(folder, 'text');
    await writeFile(file, 'no archive');

    expect(ampoule(file)).toMatchObject({status: 2, stdout: ''});
    expect(ampoule()).toMatchObject({status: 2, stdout: ''});
  });

  it('lists the rules', () => {
    const {status, stdout} = ampoule('--rules');

    expect(status).toBe(0);
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => line.split(' ')[0]),
    ).toEqual(rules.map(({id}) => id));
  });
});

describe('the validation thread', () => {
  // A thread starts from compiled code only, as it does for the command line.
  const open = async () => {
    const compiled = pathToFileURL(path.join(root, 'lib/policy/validation-thread.js')).href;
    return (await import(compiled)) as typeof threadModule;
  };

  it('reports what the command reports', async () => {
    const {validateInThread} = await open();
    const archivePath = await write(new SampleArchive('full'));

    const report = await validateInThread(
      {archivePath, scratchPath: folder, targets: ownTargets},
      new AbortController().signal,
    );

    expect(report).toEqual(JSON.parse(ampoule(archivePath, '--json').stdout));
  });

  it('tells of an archive that cannot be read', async () => {
    const {validateInThread} = await open();
    const archivePath = await write(new SampleArchive('install_only'));
    await truncate(archivePath, 3000);

    const validating = validateInThread(
      {archivePath, scratchPath: folder, targets: ownTargets},
      new AbortController().signal,
    );

    await expect(validating).rejects.toMatchObject({code: 'E_ARCHIVE'});
  });

  it('stops when the signal says so', async () => {
    const {validateInThread} = await open();
    const archivePath = await write(new SampleArchive('full'));
    const stop = new AbortController();

    const validating = validateInThread(
      {archivePath, scratchPath: folder, targets: ownTargets},
      stop.signal,
    );
    stop.abort();

    await expect(validating).rejects.toMatchObject({code: 'ABORT_ERR'});
  });
});
