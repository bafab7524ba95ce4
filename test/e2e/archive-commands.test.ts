import {tmpdir} from 'node:os';
import {stat} from 'node:fs/promises';
import path from 'node:path';
import {createWriteStream} from 'node:fs';
import {Readable} from 'node:stream';
import {pipeline} from 'node:stream/promises';
import {createGzip} from 'node:zlib';
import {pack} from 'tar-stream';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {diffArchives, type ArchiveDifference} from '../../src/archive/diff/diff-archives.js';
import {inspectArchive} from '../../src/archive/inspect/inspect.js';
import {readArchive} from '../../src/archive/read-archive.js';
import {elfBytesOf} from '../../src/elf/elf-bytes.js';
import {readElf} from '../../src/elf/elf-file.js';
import {archiveCases, completeCases, flavoursOf} from '../support/archive/archives.js';
import {makeScratch, removeScratch} from '../support/archive/unpack.js';

let scratch: string;

beforeAll(async () => {
  scratch = await makeScratch();
});

afterAll(() => removeScratch(scratch));

const diff = (a: string, b: string): Promise<ArchiveDifference> =>
  diffArchives(a, b, {
    scratch: path.join(scratch, 'work'),
    limit: 20,
    signal: new AbortController().signal,
  });

describe.each(archiveCases())('inspect and diff of %s', (_title, pair) => {
  it.each(flavoursOf(pair))(
    'inspect says of the $flavour archive what its name says, and all of its size',
    async ({flavour, file}) => {
      const inspection = await inspectArchive(file, tmpdir());

      const {python, target, options, date, flavour: found} = inspection.facts;
      expect([python, target, options, found].map((fact) => fact?.value)).toEqual([
        pair.python,
        pair.targetTriple,
        pair.options,
        flavour,
      ]);
      expect(date?.value.replaceAll('-', '')).toBe(pair.dateTag);
      expect(inspection.archiveBytes).toBe((await stat(file)).size);
      const sum = inspection.parts.reduce((total, {bytes}) => total + bytes, 0);
      expect(sum).toBe(inspection.unpackedBytes);
      // Debian 11 has 2.31.
      expect(inspection.glibc).toMatch(/^2\.(?:[12]?\d|3[01])$/);
      const rest = inspection.parts.find(({name}) => name === 'rest');
      expect(rest?.bytes ?? 0).toBeLessThan(10_000);
    },
  );

  it('inspect names library, version and licence of extensions', async () => {
    const {extensions, components} = await inspectArchive(pair.full, tmpdir());

    expect(extensions.length).toBeGreaterThan(90);
    expect(extensions.find(({name}) => name === '_ssl')).toMatchObject({
      linkage: 'built in',
      libraries: ['ssl', 'crypto'],
      components: [{name: 'openssl', version: expect.stringMatching(/^3\.5\./)}],
      licences: ['Apache-2.0'],
    });
    expect(extensions.find(({name}) => name === '_imp')?.linkage).toBe('core');
    expect(extensions.find(({name}) => name === '_dbm')?.linkage).toBe('shared');
    // What came with CPython's own source, like HACL*, has no version that anybody tells.
    const dependencies = components.filter(({sources}) => sources.length > 0);
    expect(dependencies.filter(({version}) => version === undefined)).toEqual([]);
    expect(dependencies.length).toBeGreaterThan(12);
  });

  it('an archive does not differ from itself', async () => {
    expect(await diff(pair.installed, pair.installed)).toEqual({
      fields: [],
      onlyInA: [],
      onlyInB: [],
      changed: [],
    });
  });
});

describe.each(completeCases())('diff of the flavours of %s', (_title, pair) => {
  it('the flavours differ only in what install_only leaves out, and says of it', async () => {
    const {fields, onlyInA, onlyInB, changed} = await diff(pair.full, pair.installOnly);

    expect({fields, onlyInB}).toEqual({fields: [], onlyInB: []});
    // It names the static library of the full archive. Older Pythons have no such file.
    const details = `install/lib/${pair.standardLibrary}/build-details.json`;
    const hasDetails = Number(pair.majorMinor.split('.')[1]) >= 14;
    expect(changed.map(({path: member}) => member)).toEqual(hasDetails ? [details] : []);
    expect(onlyInA.map((member) => member.path)).toContain('PYTHON.json');
    expect(new Set(onlyInA.map(({loneFolder}) => loneFolder))).toContain('build');
  });

  it('one patched byte of the interpreter is found in its section', async () => {
    const patched = path.join(scratch, 'patched.tar.gz');
    const member = `python/bin/${pair.program}`;
    await copyPatched(pair.installOnly, patched, member);

    const difference = await diff(pair.installOnly, patched);

    expect(difference).toMatchObject({
      fields: [],
      onlyInA: [],
      onlyInB: [],
      changed: [
        {
          path: `install/bin/${pair.program}`,
          fields: [],
          content: {kind: 'elf', sections: {items: [{name: '.rodata'}], omitted: 0}},
        },
      ],
    });
  });
});

/** Copies an archive and changes one byte of a member's `.rodata`. */
async function copyPatched(from: string, to: string, patchedMember: string): Promise<void> {
  const copy = pack();
  const written = pipeline(copy, createGzip({level: 1}), createWriteStream(to));
  for await (const member of readArchive(from)) {
    const header = {
      name: member.path,
      mode: member.mode,
      mtime: new Date(member.mtimeSeconds * 1000),
      uid: member.uid,
      gid: member.gid,
      size: member.sizeBytes,
    };
    if (member.kind === 'symlink') {
      copy.entry({...header, type: 'symlink', linkname: member.linkTarget ?? ''});
      continue;
    }
    const content = await member.read(member.sizeBytes);
    if (member.path === patchedMember) {
      const rodata = readElf(elfBytesOf(content)).sections.find(({name}) => name === '.rodata');
      const at = (rodata?.offset ?? 0) + 100;
      content[at] = (content[at] ?? 0) ^ 0xff;
    }
    await pipeline(Readable.from([content]), copy.entry(header));
  }
  copy.finalize();
  await written;
}
