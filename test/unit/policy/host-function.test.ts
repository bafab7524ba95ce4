import {createHash} from 'node:crypto';
import {mkdir, mkdtemp, readdir, readFile, rm, writeFile} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {ArchiveError} from '../../../src/archive/archive-error.js';
import {validateArchiveFunction} from '../../../src/policy/host-function.js';
import {InvalidArchiveError} from '../../../src/policy/validate-archive-body.js';
import {rules} from '../../../src/policy/rules.js';
import {SampleArchive} from '../../support/policy/sample-archive.js';
import {targetToJson} from '../../../src/target/parse-target.js';
import {x86Target} from '../../support/targets.js';

let folder: string;
let lines: string[];

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'ampoule-validate-'));
  await mkdir(path.join(folder, 'archive'));
  await mkdir(path.join(folder, 'out'));
  lines = [];
});

afterEach(() => rm(folder, {recursive: true, force: true}));

async function run(fileName: string, bytes: Buffer): Promise<void> {
  await writeFile(path.join(folder, 'archive', fileName), bytes);
  await validateArchiveFunction.run(
    {fileName, target: targetToJson(x86Target)},
    {
      sources: new Map(),
      inputs: new Map([['archive', path.join(folder, 'archive')]]),
      digests: new Map(),
      outputPath: path.join(folder, 'out'),
      log: (line) => lines.push(line),
      signal: new AbortController().signal,
    },
  );
}

describe('the validation of an archive', () => {
  it('leaves a report and nothing else', async () => {
    const {fileName, bytes} = new SampleArchive('full').write();

    await run(fileName, bytes);

    expect(await readdir(path.join(folder, 'out'))).toEqual(['report.json']);
    const report: unknown = JSON.parse(
      await readFile(path.join(folder, 'out', 'report.json'), 'utf8'),
    );
    expect(report).toMatchObject({archive: fileName, flavour: 'full', errors: 0, findings: []});
  });

  it('fails for an archive with an error, logs it and names the archive and the next step', async () => {
    const sample = new SampleArchive('full');
    sample.program.rpath = '/usr/lib';
    const {fileName, bytes} = sample.write();
    const archivePath = path.join(folder, 'archive', fileName);

    const running = run(fileName, bytes);

    await expect(running).rejects.toThrow(InvalidArchiveError);
    await expect(running).rejects.toThrow(`ampoule validate '${archivePath}'`);
    expect(lines[0]).toMatch(/^error elf-search-path python\/install\/bin\/python3\.14: /);
    expect(await readdir(path.join(folder, 'out'))).toEqual([]);
  });

  it('fails for a damaged archive', async () => {
    const {fileName, bytes} = new SampleArchive('install_only').write();

    await expect(run(fileName, bytes.subarray(0, 2000))).rejects.toThrow(ArchiveError);
  });

  it('has a revision that belongs to this list of rules: raise it with every change', () => {
    const list = rules.map(({id, demand, flavours}) => [id, demand, flavours]);
    const digest = createHash('sha256').update(JSON.stringify(list)).digest('hex').slice(0, 16);

    expect([validateArchiveFunction.revision, digest]).toEqual([9, '93f03810aaf52a76']);
  });
});
