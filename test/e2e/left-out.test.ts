import {readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {readDynamic} from '../../src/elf/elf-dynamic.js';
import {archiveCases} from '../support/archive/archives.js';
import {distributionAt, type Distribution} from '../support/archive/distribution.js';
import {openElf} from '../support/archive/open-elf.js';
import {makeScratch, removeScratch, unpack} from '../support/archive/unpack.js';

/** Writes a catalogue of one German message as msgfmt does, and asks the C library for it. */
const translate = `
import locale, os, struct, sys
folder = sys.argv[1]
texts = {b"": b"Content-Type: text/plain; charset=UTF-8\\n", b"vial": "Ampülle".encode()}
keys, values = list(texts), list(texts.values())
offset = 28 + 16 * len(texts)
table = b""
for text in keys + values:
    table += struct.pack("<2I", len(text), offset)
    offset += len(text) + 1
header = struct.pack("<7I", 0x950412DE, 0, len(texts), 28, 28 + 8 * len(texts), 0, 0)
place = os.path.join(folder, "de", "LC_MESSAGES")
os.makedirs(place)
with open(os.path.join(place, "ampoule.mo"), "wb") as stream:
    stream.write(header + table + b"".join(text + b"\\0" for text in keys + values))
locale.setlocale(locale.LC_ALL, "")
assert locale.bindtextdomain("ampoule", folder) == folder
assert locale.bind_textdomain_codeset("ampoule", "UTF-8") == "UTF-8"
assert locale.textdomain("ampoule") == "ampoule"
print(locale.gettext("vial"), locale.dgettext("ampoule", "vial"), locale.gettext("unknown"))
`;

/** GPL libraries have no place in an interpreter that others embed, and nis is gone from CPython and from systems. */
const leftOut = ['_gdbm', 'nis'];

describe.each(archiveCases())('what is left out of %s', (_title, pair) => {
  let scratch: string;
  let distribution: Distribution;
  /** All files of the full archive. */
  let files: readonly string[];

  beforeAll(async () => {
    scratch = await makeScratch();
    await unpack(pair.full, scratch);
    distribution = distributionAt(path.join(scratch, 'python/install'), pair);
    files = readdirSync(scratch, {recursive: true, withFileTypes: true})
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name));
  });

  afterAll(() => removeScratch(scratch));

  it('libintl: locale.gettext reads catalogues with what the C library has', async () => {
    const folder = path.join(scratch, 'catalogues');

    const {exit, stdout, stderr} = await distribution.call(['-c', translate, folder], {
      env: {LANGUAGE: 'de'},
    });

    expect({exit, stderr}).toEqual({exit: 0, stderr: ''});
    expect(stdout).toBe('Ampülle Ampülle unknown\n');
  });

  it('libintl: no file is one, asks for one, or has its functions', () => {
    const isOne = files.filter((file) => /^libintl\b/.test(path.basename(file)));
    const hasElf = files.filter((file) => /\.(so(\.[\d.]+)?|o|a)$|\/bin\//.test(file));
    const asks = hasElf.filter((file) => neededBy(file).some((name) => name.includes('intl')));
    // The C library has a header of that name, and debug information names headers.
    const has = hasElf.filter((file) => /libintl(?!\.h)/.test(readFileSync(file, 'latin1')));
    const recorded = files
      .filter((file) => /\/(Makefile|_sysconfigdata\w*\.py|PYTHON\.json|\w+\.pc)$/.test(file))
      .filter((file) => /-lintl|"intl"/.test(readFileSync(file, 'utf8')));

    expect(hasElf.length).toBeGreaterThan(100);
    expect({isOne, asks, has, recorded}).toEqual({isOne: [], asks: [], has: [], recorded: []});
  });

  it.each(leftOut)('%s: no module, no file, no library of that name', async (name) => {
    const program = `
import importlib.util, sys
print(importlib.util.find_spec("${name}"), "${name}" in sys.builtin_module_names)
`;
    const inJson = JSON.parse(readFileSync(path.join(scratch, 'python/PYTHON.json'), 'utf8')) as {
      readonly build_info: {readonly extensions: Readonly<Record<string, unknown>>};
    };

    const told = await distribution.python(program);

    expect(told).toBe('None False\n');
    expect(inJson.build_info.extensions).not.toHaveProperty(name);
    const ofThatName = files.filter((file) =>
      new RegExp(`^(lib)?${name.replace(/^_/, '')}(module)?[.-]`).test(path.basename(file)),
    );
    expect(ofThatName.filter((file) => !file.endsWith('.py'))).toEqual([]);
  });

  it('_gdbm: dbm.gnu says that it is missing, and dbm does without', async () => {
    const program = `
import dbm, sys
try:
    import dbm.gnu
except ModuleNotFoundError as error:
    print(error.name)
with dbm.open(sys.argv[1], "n") as database:
    database["vial"] = "sealed"
with dbm.open(sys.argv[1]) as database:
    print(database["vial"].decode(), dbm.whichdb(sys.argv[1]))
`;
    const {exit, stdout, stderr} = await distribution.call([
      '-c',
      program,
      path.join(scratch, 'database'),
    ]);

    expect({exit, stderr}).toEqual({exit: 0, stderr: ''});
    expect(stdout).toMatch(/^_gdbm\nsealed dbm\.(sqlite3|ndbm)\n$/);
  });
});

function neededBy(file: string): readonly string[] {
  const elf = openElf(file);
  return elf === undefined ? [] : (readDynamic(elf)?.needed ?? []);
}
