import path from 'node:path';
import {fileURLToPath} from 'node:url';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {archiveCases, installCases} from '../support/archive/archives.js';
import {useDistribution} from '../support/archive/distribution.js';
import {linkArguments} from '../support/archive/embedder.js';
import {readPythonJson} from '../support/archive/python-json.js';
import {hasProgram, outputOf, run} from '../support/archive/run.js';
import {makeScratch, removeScratch, unpack} from '../support/archive/unpack.js';

const hasCompiler = await hasProgram('gcc');
const source = fileURLToPath(new URL('programs/dependency-patches.c', import.meta.url));

describe.each(installCases())('the patches of dependencies in %s', (_title, archives) => {
  const distribution = useDistribution(archives);

  const isAtLeast = (minor: number) => Number(archives.majorMinor.split('.')[1]) >= minor;

  it('no library takes settings from the current folder', async () => {
    const program = `
import ctypes, curses, dbm.ndbm, importlib, locale, os, readline, sqlite3, ssl, sys, tempfile, time, uuid
folder, decoys = tempfile.mkdtemp(dir=os.getcwd()), tempfile.mkdtemp(dir=os.getcwd())
os.chdir(decoys)
for name in "DB_CONFIG", ".editrc", ".inputrc", "openssl.cnf", "cert.pem", "terminfo", ".terminfo", "termcap", "xterm":
    with open(name, "w") as decoy:
        decoy.write("this is no setting\\n")
kernel = ctypes.CDLL(None)
opened = 0x20
events = kernel.inotify_init1(os.O_NONBLOCK)
assert kernel.inotify_add_watch(events, b".", opened) > 0
for name in sys.builtin_module_names:
    importlib.import_module(name)
with dbm.ndbm.open(f"{folder}/data", "c") as database:
    database[b"key"] = b"value"
ssl.create_default_context()
database = sqlite3.connect(f"{folder}/data.sqlite")
database.execute("create table t(a)")
database.close()
curses.setupterm("xterm", 1)
readline.parse_and_bind("bind -e")
locale.setlocale(locale.LC_ALL, "")
time.tzset()
uuid.uuid1()
try:
    print(os.read(events, 4096))
except BlockingIOError:
    print("nothing was opened")
`;

    // -P: Python itself looks for modules there.
    const finished = await distribution.call(['-P', '-c', program], {cwd: distribution.scratch});

    expect(finished).toEqual({exit: 0, stdout: 'nothing was opened\n', stderr: ''});
  });

  it.each([
    ['text', '<a>', '</a>'],
    ['an attribute', '<a b="', '"/>'],
    ['a comment', '<!--', '--><a/>'],
    ['an entity', '<!DOCTYPE a [<!ENTITY e "', '">]><a/>'],
  ])('Expat refuses half a surrogate pair of UTF-16 in %s', async (_where, before, after) => {
    const output = await distribution.python(`
from xml.parsers import expat
def parse(order, mark, middle):
    data = mark + '${before}'.encode(order) + middle + '${after}'.encode(order)
    try:
        expat.ParserCreate().Parse(data, True)
        return "accepted"
    except expat.ExpatError as error:
        return expat.errors.messages[error.code]
for order, mark, half in ("utf-16-le", b"\\xff\\xfe", b"\\x00\\xd8"), ("utf-16-be", b"\\xfe\\xff", b"\\xdb\\xff"):
    print(parse(order, mark, half + "<".encode(order)))
    print(parse(order, mark, "\\U00010000\\U0010ffff".encode(order)))
`);

    const each = 'not well-formed (invalid token)\naccepted\n';
    expect(output).toBe(each + each);
  });

  it('Expat normalizes attributes by the first declaration for their element', async () => {
    const output = await distribution.python(`
from xml.parsers import expat
names = range(100)
declared = " ".join(f"n{i} NMTOKENS #IMPLIED" for i in names)
document = f"""<!DOCTYPE d [
<!ATTLIST d a NMTOKENS #IMPLIED b CDATA #IMPLIED>
<!ATTLIST d a CDATA #IMPLIED b NMTOKENS #IMPLIED>
<!ATTLIST e b NMTOKEN #IMPLIED {declared}>
]><d a=" 1  2 " b=" 1  2 " c=" 1  2 "><e a=" 1  2 " b=" 1 "/><d b=" 1 " a=" 1 "/>
<e {" ".join(f'n{i}=" {i} "' for i in names)}/></d>"""
seen = []
parser = expat.ParserCreate()
parser.StartElementHandler = lambda name, attributes: seen.append(attributes)
parser.Parse(document, True)
assert seen.pop() == {f"n{i}": str(i) for i in names}
print(seen)
`);

    expect(output).toBe(
      "[{'a': '1 2', 'b': ' 1  2 ', 'c': ' 1  2 '}, {'a': ' 1  2 ', 'b': '1'}, {'b': ' 1 ', 'a': '1'}]\n",
    );
  });

  it.skipIf(!isAtLeast(14))('zstd has no decoders of the formats before 1.0', async () => {
    const output = await distribution.python(`
from compression import zstd
empty = zstd.compress(b"")
assert zstd.decompress(empty) == b""
for version in 0x25, 0x26, 0x27:
    try:
        print(version, zstd.decompress(bytes([version]) + b"\\xb5\\x2f\\xfd\\x00\\xc0\\x00\\x00"))
    except zstd.ZstdError:
        pass
`);

    expect(output).toBe('');
  });
});

/** Embedders link the libraries of the archive, and use more of them than Python does. */
describe.skipIf(!hasCompiler).each(archiveCases())('static libraries of %s', (_title, archives) => {
  let scratch: string;
  let program: string;

  beforeAll(async () => {
    scratch = await makeScratch();
    await unpack(archives.full, scratch);
    const folder = path.join(scratch, 'python');
    program = path.join(scratch, 'program');
    const {extensions} = readPythonJson(folder).build_info;
    const links = ['_ssl', 'zlib'].flatMap((name) => extensions[name]?.[0]?.links ?? []);
    const compile = ['-o', program, source, ...linkArguments(links), '-lpthread', '-ldl'];
    await outputOf('gcc', compile, {cwd: folder});
  });

  afterAll(() => removeScratch(scratch));

  it.each(['ChaCha20-Poly1305', 'AES-256-OCB', 'AES-256-GCM-SIV'])(
    'OpenSSL refuses an empty message of %s whose tag is forged',
    async (cipher) => {
      expect(await run(program, [cipher])).toEqual({exit: 0, stdout: '', stderr: ''});
    },
  );

  it('OpenSSL serves a raw public key to a client that restricts who may sign certificates', async () => {
    expect(await run(program, ['raw-public-key'])).toEqual({exit: 0, stdout: '', stderr: ''});
  });

  it('zlib forgets what it could not write', async () => {
    expect(await run(program, ['stalled-write'])).toEqual({exit: 0, stdout: '', stderr: ''});
  });
});
