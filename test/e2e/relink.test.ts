import {mkdir, readdir, rename, stat} from 'node:fs/promises';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {readStaticSymbols} from '../../src/elf/elf-symbols.js';
import {archiveCases} from '../support/archive/archives.js';
import {openElf} from '../support/archive/open-elf.js';
import {linkArguments, linkEmbedder} from '../support/archive/embedder.js';
import type {Embedder} from '../support/archive/embedder.js';
import {extensionsOf, readPythonJson} from '../support/archive/python-json.js';
import {hasProgram, outputOf, run} from '../support/archive/run.js';
import {makeScratch, removeScratch, unpack} from '../support/archive/unpack.js';

/** The machine's compilers. */
const compilers: string[] = [];
for (const name of ['gcc', 'clang']) if (await hasProgram(name)) compilers.push(name);

const cases = archiveCases().flatMap(([title, archives]) =>
  (compilers.length === 0 ? ['gcc'] : compilers).map(
    (compiler) => [title, compiler, archives] as const,
  ),
);

/** What `ssl` and `sqlite3` of the standard library import, as far as it is compiled. */
const withTlsAndSqlite = `
  _ssl _sqlite3 _socket _collections _datetime _functools _operator _sre _stat _struct binascii itertools math
  select time array unicodedata
`
  .trim()
  .split(/\s+/);

const useTlsAndSqlite = `
import ssl, sqlite3, sys
assert {"_ssl", "_sqlite3"} <= set(sys.builtin_module_names)
context = ssl.create_default_context()
received, sent = ssl.MemoryBIO(), ssl.MemoryBIO()
try:
    context.wrap_bio(received, sent, server_hostname="example.org").do_handshake()
except ssl.SSLWantReadError:
    pass
assert sent.read()[:2] == b"\\x16\\x03"
database = sqlite3.connect(":memory:")
database.execute("create virtual table notes using fts5(body)")
database.execute("insert into notes values ('an ampoule is sealed')")
print(ssl.OPENSSL_VERSION.split()[0], database.execute("select count(*) from notes where notes match 'sealed'").fetchone())
`;

/** Takes what PYTHON.json lists, as PyOxidizer does, with the objects of the archive and the machine's compiler. */
describe.skipIf(compilers.length === 0).each(cases)(
  'interpreters linked from %s with %s',
  (_title, compiler, archives) => {
    let scratch: string;
    let folder: string;

    beforeAll(async () => {
      scratch = await makeScratch();
      await unpack(archives.full, path.join(scratch, 'first place'));
      folder = path.join(scratch, 'first place', 'python');
    });

    afterAll(() => removeScratch(scratch));

    const symbolsOf = ({executable}: Embedder) => {
      const elf = openElf(executable);
      return new Set(elf === undefined ? [] : readStaticSymbols(elf).map(({name}) => name));
    };

    it('have exactly the modules that the embedder takes, and only their libraries', async () => {
      const options = {folder, compiler};
      const small = await linkEmbedder({...options, name: 'small', modules: []});
      const large = await linkEmbedder({...options, name: 'large', modules: withTlsAndSqlite});

      const list = 'import sys; print(*sorted(sys.builtin_module_names))';
      for (const {executable, modules} of [small, large]) {
        expect(await outputOf(executable, [list])).toBe(`${modules.toSorted().join(' ')}\n`);
      }
      expect(small.libraries).toEqual([]);
      expect(large.libraries.toSorted()).toEqual(
        ['crypto', 'sqlite3', 'ssl', 'z'].map((name) => `build/lib/lib${name}.a`),
      );
      for (const symbol of ['SSL_CTX_new', 'EVP_sha256', 'sqlite3_open_v2', 'inflate']) {
        expect(symbolsOf(small).has(symbol), symbol).toBe(false);
      }
      for (const symbol of ['SSL_CTX_new', 'EVP_sha256', 'sqlite3_open_v2']) {
        expect(symbolsOf(large).has(symbol), symbol).toBe(true);
      }
      const {exit, stderr} = await run(small.executable, ['import _ssl']);
      expect([exit, stderr]).toEqual([1, expect.stringContaining("No module named '_ssl'")]);
      const sizes = await Promise.all([small, large].map(({executable}) => stat(executable)));
      expect(sizes[0]?.size).toBeLessThan(sizes[1]?.size ?? 0);
    });

    it('can have every built-in module that PYTHON.json describes', async () => {
      const modules = extensionsOf(readPythonJson(folder)).map(([name]) => name);
      const all = await linkEmbedder({folder, compiler, name: 'all', modules});

      const program = `
import importlib, sys
for name in sys.builtin_module_names:
    importlib.import_module(name)
import ssl; ssl.create_default_context()
print(len(sys.builtin_module_names))
`;
      expect(await outputOf(all.executable, [program])).toBe(`${all.modules.length}\n`);
    });

    it('can be linked from the static library', async () => {
      const json = readPythonJson(folder);
      const {core} = json.build_info;
      const builtin = extensionsOf(json).filter(([, {shared_lib}]) => shared_lib === undefined);
      const links = [...builtin.flatMap(([, extension]) => extension.links), ...core.links];
      const program = fileURLToPath(new URL('programs/embed.c', import.meta.url));
      await outputOf(
        compiler,
        [
          ...[`-I${json.python_paths['include'] ?? ''}`, program, '-rdynamic', '-no-pie'],
          ...['-o', 'install/bin/from-library', core.static_lib, ...linkArguments(links)],
        ],
        {cwd: folder},
      );

      const output = await outputOf(path.join(folder, 'install/bin/from-library'), [
        useTlsAndSqlite,
      ]);
      expect(output).toBe('OpenSSL (1,)\n');
    });

    it('are made of objects each of which belongs to the core or to one extension module', async () => {
      const json = readPythonJson(folder);
      const claimed = [
        ...json.build_info.core.objs,
        ...extensionsOf(json).flatMap(([, {objs}]) => objs),
      ];
      const files = await readdir(path.join(folder, 'build'), {recursive: true});
      const objects = files.filter((file) => file.endsWith('.o')).map((file) => `build/${file}`);

      expect(claimed).toContain(json.build_info.inittab_object);
      // Programs/ holds main programs, one of which is the interpreter's own.
      expect(claimed.toSorted()).toEqual(
        objects.filter((object) => !object.startsWith('build/Programs/')).toSorted(),
      );
    });

    it('use TLS and SQLite wherever they are moved to', async () => {
      const name = 'own-python';
      await linkEmbedder({folder, compiler, name, modules: withTlsAndSqlite});
      const moved = path.join(scratch, 'second place', 'app');
      await mkdir(path.dirname(moved));
      await rename(path.join(folder, 'install'), moved);

      const output = await outputOf(path.join(moved, 'bin', name), [useTlsAndSqlite], {cwd: '/'});

      expect(output).toBe('OpenSSL (1,)\n');
    });
  },
);
