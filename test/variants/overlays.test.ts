import {cp, mkdir, readdir, readFile, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {makeCertificates, type Certificates} from '../support/archive/certificates.js';
import {outputOf} from '../support/archive/run.js';
import {startCommand} from '../support/fixture-project.js';
import {makeScratch, removeScratch, unpack} from '../support/archive/unpack.js';

const root = path.resolve(import.meta.dirname, '../..');
const examples = path.join(root, 'docs/overlays');

/** Asks a server whose authority only the company knows. */
const connect = `
import socket, ssl, sys, threading
server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
server.load_cert_chain(sys.argv[1], sys.argv[2])
listener = socket.create_server(("127.0.0.1", 0))
def serve():
    with listener.accept()[0] as accepted, server.wrap_socket(accepted, server_side=True) as connection:
        connection.sendall(b"hello")
threading.Thread(target=serve).start()
with socket.create_connection(listener.getsockname()) as plain:
    with ssl.create_default_context().wrap_socket(plain, server_hostname="localhost") as client:
        print(client.recv(5).decode())
`;

/** What tells whether the other two were laid over the project. */
const facts = `
import importlib.util, json, lzma, sqlite3, _lzma
options = [row[0] for row in sqlite3.connect(":memory:").execute("pragma compile_options")]
print(json.dumps({
    "dbm": importlib.util.find_spec("_dbm") is not None,
    "statistics": "ENABLE_STAT4" in options,
    "trees": "ENABLE_RTREE" in options,
    "xz": lzma.decompress(lzma.compress(b"x")).decode(),
}))
`;

describe('the examples of overlays, one over the other', () => {
  let scratch: string;
  let dist: string;
  let python: string;
  let certificates: Certificates;

  beforeAll(async () => {
    scratch = await makeScratch();
    dist = path.join(scratch, 'dist');
    await mkdir(path.join(scratch, 'certificates'));
    certificates = await makeCertificates(path.join(scratch, 'certificates'));
    // As the page says: the company's own certificates take the place of the example's.
    const company = path.join(scratch, 'company');
    await cp(path.join(examples, 'certificates'), company, {recursive: true});
    await writeFile(path.join(company, 'recipes/cpython/company.pem'), certificates.trusted);
    const overlays = [company, path.join(examples, 'nodbm'), path.join(examples, 'dependencies')];
    const words = ['build', '--options', 'noopt', '--output', dist, '--quiet'];
    const over = overlays.flatMap((folder) => ['--overlay', folder]);
    const build = startCommand([path.join(root, 'ampoule'), ...words, ...over], process.env);
    const {code, stderr} = await build.result;
    expect({code, stderr}).toEqual({code: 0, stderr: ''});
    const archive = (await readdir(dist)).find((name) => name.endsWith('-install_only.tar.gz'));
    await unpack(path.join(dist, archive ?? ''), path.join(scratch, 'unpacked'));
    python = path.join(scratch, 'unpacked/python/bin/python3');
  });
  afterAll(() => removeScratch(scratch));

  it('name the archives', async () => {
    const names = (await readdir(dist)).filter((name) => name.startsWith('cpython-'));

    expect(names).toHaveLength(3);
    for (const name of names) {
      expect(name).toMatch(
        /^cpython-3\.14\.\d+\+\d{8}\.acme\.nodbm\.deps-x86_64-unknown-linux-gnu-/,
      );
    }
  });

  it('are recorded with their digests', async () => {
    const file = path.join(scratch, 'unpacked/python/share/ampoule/distribution.json');
    const record = JSON.parse(await readFile(file, 'utf8')) as {
      overlays: unknown;
      components: readonly {name: string; version?: string}[];
    };
    const versions = new Map(record.components.map(({name, version}) => [name, version]));

    const digest: unknown = expect.stringMatching(/^[0-9a-f]{64}$/);
    expect(record.overlays).toEqual([
      {name: 'acme', description: expect.any(String) as unknown, sha256: digest, modules: []},
      {
        name: 'nodbm',
        description: expect.any(String) as unknown,
        sha256: digest,
        modules: ['_dbm'],
      },
      {name: 'deps', description: expect.any(String) as unknown, sha256: digest, modules: []},
    ]);
    expect(versions.get('xz')).toBe('5.8.1');
    expect(versions.has('bdb')).toBe(false);
  });

  it('leave a module out, and change two libraries', async () => {
    expect(JSON.parse(await outputOf(python, ['-c', facts]))).toEqual({
      dbm: false,
      statistics: true,
      trees: true,
      xz: 'x',
    });
  });

  it("make Python trust the company's authority, in a virtual environment too", async () => {
    const {chainPath, keyPath} = certificates;
    expect(await outputOf(python, ['-c', connect, chainPath, keyPath])).toBe('hello\n');

    const environment = path.join(scratch, 'venv');
    await outputOf(python, ['-m', 'venv', '--without-pip', environment]);
    const inside = path.join(environment, 'bin/python');
    expect(await outputOf(inside, ['-c', connect, chainPath, keyPath])).toBe('hello\n');
  });
});
