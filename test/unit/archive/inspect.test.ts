import {tmpdir} from 'node:os';
import {copyFileSync, readFileSync} from 'node:fs';
import {mkdtemp, rm} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {inspectArchive} from '../../../src/archive/inspect/inspect.js';
import {makeArchive, symlinkMember} from '../../support/make-archive.js';

let scratch: string;

beforeEach(async () => {
  scratch = await mkdtemp(path.join(os.tmpdir(), 'ampoule-inspect-'));
});

afterEach(() => rm(scratch, {recursive: true, force: true}));

const pythonJson = JSON.stringify({
  python_version: '3.14.7',
  target_triple: 'x86_64-unknown-linux-gnu',
  build_options: 'noopt',
  build_info: {
    extensions: {
      zlib: [
        {
          in_core: false,
          links: [
            {name: 'z', path_static: 'build/lib/libz.a'},
            {name: 'm', system: true},
          ],
          license_paths: ['licenses/LICENSE.zlib.txt'],
          licenses: ['Zlib'],
          variant: 'default',
        },
      ],
      _imp: [{in_core: true, links: []}],
      _dbm: [{in_core: false, shared_lib: 'install/lib/python3.14/lib-dynload/_dbm.so', links: []}],
    },
  },
});

const distributionJson = JSON.stringify({
  format: 1,
  python: '3.14.7',
  target_triple: 'x86_64-unknown-linux-gnu',
  build_options: 'noopt',
  source_date_epoch: 1_700_000_000,
  components: [
    {
      name: 'zlib',
      version: '1.3.2',
      spdx: 'Zlib',
      sources: [{file_name: 'zlib.tar.gz', location: 'pool/zlib.tar.gz', sha256: '00'}],
    },
  ],
});

/** The program that runs this test: a real ELF file that needs a glibc. */
const program = readFileSync('/bin/true');

describe('inspecting a full archive', () => {
  it('tells version, target, option, date, sizes, extensions and components', async () => {
    const archive = await makeArchive(path.join(scratch, 'any-name.tar.gz'), [
      ['python/PYTHON.json', pythonJson],
      ['python/build/Modules/zlibmodule.o', '12345'],
      ['python/build/lib/libz.a', '1234567'],
      ['python/install/bin/python3.14', program, {name: '', mode: 0o755}],
      symlinkMember('python/install/bin/python3', 'python3.14'),
      ['python/install/lib/python3.14/abc.py', '123'],
      ['python/install/lib/python3.14/test/test_abc.py', '12'],
      ['python/install/share/ampoule/distribution.json', distributionJson],
      ['python/licenses/LICENSE.zlib.txt', '1'],
    ]);

    const inspection = await inspectArchive(archive, tmpdir());

    expect(inspection.facts).toEqual({
      python: {value: '3.14.7', from: 'PYTHON.json'},
      target: {value: 'x86_64-unknown-linux-gnu', from: 'PYTHON.json'},
      options: {value: 'noopt', from: 'PYTHON.json'},
      flavour: {value: 'full', from: 'members'},
      date: {value: '2023-11-14', from: 'distribution.json'},
    });
    expect(inspection).toMatchObject({files: 8, links: 1, compression: 'gzip', notKnown: []});
    expect(inspection.glibc).toMatch(/^2\.\d+/);
    const sizes = inspection.parts.map(({name, bytes}) => [name, bytes]);
    expect(sizes).toEqual([
      ['object files', 5],
      ['static libraries (build/lib)', 7],
      ['PYTHON.json and distribution.json', pythonJson.length + distributionJson.length],
      ['licences', 1],
      ['interpreter', program.length],
      ['tests', 2],
      ['standard library', 3],
    ]);
    expect(inspection.extensions.map(({name, linkage}) => [name, linkage])).toEqual([
      ['_dbm', 'shared'],
      ['_imp', 'core'],
      ['zlib', 'built in'],
    ]);
    expect(inspection.extensions[2]).toMatchObject({
      libraries: ['z'],
      components: [{name: 'zlib', version: '1.3.2'}],
      licences: ['Zlib'],
    });
    expect(inspection.components).toEqual([
      {
        name: 'zlib',
        version: '1.3.2',
        licence: 'Zlib',
        sources: [{fileName: 'zlib.tar.gz', location: 'pool/zlib.tar.gz', sha256: '00'}],
      },
    ]);
  });
});

describe("inspecting an installer's archive of another producer", () => {
  it("takes what it can from the headers and the file's name, and says what is not known", async () => {
    const made = await makeArchive(path.join(scratch, 'x'), [
      ['python/bin/python3.13', program, {name: '', mode: 0o755, mtime: new Date(0)}],
      ['python/include/python3.13/patchlevel.h', '#define PY_VERSION      "3.13.5"\n'],
      ['python/lib/python3.13/lib-dynload/_crypt.cpython-313-x86_64-linux-gnu.so', 'no ELF'],
    ]);
    const archive = path.join(
      scratch,
      'cpython-3.13.5+20250612-x86_64_v3-unknown-linux-gnu-install_only.tar.gz',
    );
    copyFileSync(made, archive);

    const {facts, extensions, notKnown} = await inspectArchive(archive, tmpdir());

    expect(facts).toMatchObject({
      python: {value: '3.13.5', from: 'patchlevel.h'},
      target: {value: 'x86_64_v3-unknown-linux-gnu', from: 'file name'},
      options: undefined,
      date: {value: '2025-06-12', from: 'file name'},
    });
    expect(extensions.map(({name, linkage}) => [name, linkage])).toEqual([['_crypt', 'shared']]);
    expect(notKnown).toHaveLength(2);
  });

  it('reads JSON of any shape without falling over', async () => {
    const archive = await makeArchive(path.join(scratch, 'x.tar.gz'), [
      ['python/PYTHON.json', '{"build_info": {"extensions": {"a": 1, "b": [null, {"links": 7}]}}}'],
      ['python/install/share/ampoule/distribution.json', '[{"components": {}}]'],
    ]);

    const {extensions, components} = await inspectArchive(archive, tmpdir());

    expect(extensions.map(({name}) => name)).toEqual(['b', 'b']);
    expect(components).toEqual([]);
  });
});
