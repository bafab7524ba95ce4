import {mkdtemp, readdir, rm, writeFile} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {validateArchive} from '../../../src/policy/validate-archive.js';
import {SampleArchive} from '../../support/policy/sample-archive.js';
import {ownTargets} from '../../support/targets.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'ampoule-policy-'));
});

afterEach(() => rm(folder, {recursive: true, force: true}));

describe('an ELF file that is too large for memory', () => {
  it('is judged like a small one, and its scratch file is gone', async () => {
    const sample = new SampleArchive('install_only');
    const filler = 'x'.repeat((2 << 20) + 5);
    sample.library.sections = {'.debug_info': filler, '.debug_str': `a\0/build/source\0`};
    sample.library.soname = 'other.so';
    const {fileName, bytes} = sample.write();
    const file = path.join(folder, fileName);
    await writeFile(file, bytes);

    const {findings} = await validateArchive({
      archivePath: file,
      scratchPath: folder,
      targets: ownTargets,
    });

    expect(findings.map(({rule, path: at}) => [rule, at])).toEqual([
      ['elf-soname', 'python/lib/libpython3.14.so.1.0'],
      ['dwarf-build-paths', 'python/lib/libpython3.14.so.1.0'],
    ]);
    expect(await readdir(folder)).toEqual([fileName]);
  });
});
