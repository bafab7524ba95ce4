import {chmod, mkdir, readFile, symlink, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {describe, expect, it} from 'vitest';
import {archiveCases, installCases} from '../support/archive/archives.js';
import {useDistribution} from '../support/archive/distribution.js';
import {leftOutNames} from '../support/archive/left-out-names.js';
import {hasProgram, outputOf, run} from '../support/archive/run.js';
import {unpackedCopy} from '../support/archive/unpack.js';
import {byScale} from '../support/scale.js';

const hasDebugger = await hasProgram('gdb');
const programs = path.join(import.meta.dirname, 'programs/reports');
const program = (name: string) => path.join(programs, `${name}.py`);

/** What names.py prints in Debian forky's python3.14 3.14.7-1. */
const debianNames = new URL('../fixtures/debian-names/3.14.json', import.meta.url);
/** Modules that show the names of another. */
const aliases: Readonly<Record<string, string>> = {posix: 'os', tty: 'termios'};

/** Names by module, from the JSON of `names.py`. */
function names(json: string): ReadonlyMap<string, readonly string[]> {
  return new Map(Object.entries(JSON.parse(json) as Readonly<Record<string, readonly string[]>>));
}

/** The lines of the checks that failed. */
const failedOf = (output: string) => output.split('\n').filter((line) => line.startsWith('FAIL'));

/** Each flavour, if all is to be tried. */
const cases = byScale({usual: archiveCases(), full: installCases()});

describe.each(cases)('what users reported, with %s', (_title, archives) => {
  const distribution = useDistribution(archives);
  const isAtLeast = (minor: number) => Number(archives.majorMinor.split('.')[1]) >= minor;

  /** Runs a program of checks; gives the lines of those that failed, and how it ended. */
  const checked = async (argv: readonly string[]) => {
    const {exit, stdout, stderr} = await run(argv[0] ?? '', argv.slice(1), {
      env: {PYTHONPATH: programs, PYTHONDONTWRITEBYTECODE: '1'},
      timeoutMs: 300_000,
    });
    return {failed: failedOf(stdout), exit, stderr, hasRun: stdout.includes('ok  ')};
  };
  const allRight = {failed: [], exit: 0, stderr: '', hasRun: true};

  it.each([
    ['what is typed at a prompt', 'line_editing'],
    ['the history of readline', 'history'],
    ['what others use of SQLite', 'sqlite_features'],
    ['system calls', 'system_calls'],
  ])('%s', async (_what, name) => {
    expect(await checked([distribution.executable, program(name)])).toEqual(allRight);
  });

  it('the same in a virtual environment, and without site', async () => {
    const environment = path.join(distribution.scratch, 'environment');
    const made = await distribution.call(['-m', 'venv', '--without-pip', environment]);
    expect(made).toMatchObject({exit: 0, stderr: ''});
    const python = path.join(environment, 'bin/python');
    for (const name of ['line_editing', 'history', 'sqlite_features', 'system_calls']) {
      expect(await checked([python, program(name)])).toEqual(allRight);
    }
    expect(await checked([distribution.executable, '-S', program('history')])).toEqual(allRight);
  });

  it.each([
    ['a kernel that knows no newer ones', 'ENOSYS', ['clone3']],
    // glibc itself takes EPERM from clone3() for an answer.
    ['a filter that forbids newer ones', 'EPERM', []],
    ['a file system without the fast copies', 'EOPNOTSUPP', undefined],
  ])('system calls, with %s', async (_what, error, more) => {
    const copies = ['ficlone', 'copy_file_range', 'sendfile'];
    const newer = ['getrandom', 'memfd_create', 'preadv2', 'pwritev2', 'statx', 'pidfd_open']
      .concat(['pidfd_send_signal', 'close_range', 'openat2', 'faccessat2', 'renameat2'])
      .concat(['membarrier', 'process_vm_readv', 'io_uring_setup']);
    const calls = more === undefined ? copies : [...copies, ...newer, ...more];
    const rules = calls.map(
      (name) => `${name}=${name === 'ficlone' && error === 'ENOSYS' ? 'ENOTTY' : error}`,
    );
    const {executable} = distribution;
    expect(
      await checked([
        executable,
        program('with_errors'),
        rules.join(),
        executable,
        program('system_calls'),
      ]),
    ).toEqual(allRight);
  });

  it('a library of somebody else in a folder above', async () => {
    const above = path.join(distribution.scratch, 'above');
    await mkdir(above);
    await unpackedCopy(archives.installed, path.join(above, 'private'));
    await chmod(path.join(above, 'private'), 0o700);
    const prefix = path.join(above, 'private/python');
    expect(await checked([distribution.executable, program('zip_above'), prefix, above])).toEqual(
      allRight,
    );
  });

  it('the system policy on TLS, and the provider of old algorithms that it activates', async () => {
    const policy = `
openssl_conf = init
[init]
providers = providers
ssl_conf = ssl
[providers]
default = active
legacy = active
[active]
activate = 1
[ssl]
system_default = system_default
[system_default]
MinProtocol = TLSv1.3
CipherString = DEFAULT@SECLEVEL=3
`;
    const show = `
import hashlib, ssl
context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
try:
    md4 = hashlib.new("md4", usedforsecurity=False).hexdigest()[:8]
except ValueError:
    md4 = "none"
print(context.minimum_version.name, context.security_level, md4)
`;
    const file = path.join(distribution.scratch, 'openssl.cnf');
    const answer = async (text: string) => {
      await writeFile(file, text);
      return distribution.python(show, {env: {OPENSSL_CONF: file}});
    };

    expect(await answer(policy)).toBe('TLSv1_3 3 31d6cfe0\n');
    expect(await answer(policy.replace('legacy = active\n', ''))).toBe('TLSv1_3 3 none\n');
    expect(await answer('')).toBe('TLSv1_2 2 none\n');
  });

  it('Bluetooth, MPTCP and other names of the kernel', async () => {
    const output = await distribution.python(`
import errno, fcntl, os, socket, termios
assert (errno.EFTYPE, socket.IPPROTO_MPTCP, termios.IBSHIFT) == (134, 262, 16)
assert (getattr(os, "PIDFD_NONBLOCK", 2048), getattr(fcntl, "F_DUPFD_QUERY", 1027)) == (2048, 1027)
for protocol, address in [
    (socket.BTPROTO_L2CAP, (socket.BDADDR_ANY, 0)), (socket.BTPROTO_RFCOMM, (socket.BDADDR_ANY, 1)),
    (socket.BTPROTO_HCI, (0,)), (socket.BTPROTO_SCO, socket.BDADDR_ANY.encode()),
]:
    try:
        socket.socket(socket.AF_BLUETOOTH, socket.SOCK_SEQPACKET, protocol).bind(address)
    except OSError:
        pass  # the machine has no Bluetooth
print("good")
`);
    expect(output).toBe('good\n');
  });

  it.skipIf(archives.majorMinor !== '3.14')("the names that Debian's Python has", async () => {
    const ours = names(await outputOf(distribution.executable, [program('names')]));
    const debians = names(await readFile(debianNames, 'utf8'));
    const missing = [...debians].flatMap(([module, all]) =>
      all
        .filter((name) => ours.get(module)?.includes(name) !== true)
        .map((name) => ({module, name})),
    );
    const isLeftOut = ({module, name}: {module: string; name: string}) =>
      leftOutNames.some(
        (group) =>
          (group.module === module || aliases[module] === group.module) && group.names.test(name),
      );
    expect(missing.filter((each) => !isLeftOut(each))).toEqual([]);
    for (const group of leftOutNames) {
      expect(
        missing.filter(({module, name}) => module === group.module && group.names.test(name)),
      ).not.toEqual([]);
    }
  });

  it.skipIf(!isAtLeast(14))('asyncio ps of a program whose file was replaced', async () => {
    const output = await distribution.python(`
import os, shutil, subprocess, sys
copy = os.path.join(os.path.dirname(sys.executable), "python-to-replace")
shutil.copy(sys.executable, copy)
waits = "import asyncio; print('up', flush=True); asyncio.run(asyncio.sleep(600))"
with subprocess.Popen([copy, "-c", waits], stdout=subprocess.PIPE) as process:
    process.stdout.readline()
    os.unlink(copy)
    import time
    for _ in range(600):
        done = subprocess.run([sys.executable, "-m", "asyncio", "ps", str(process.pid)], capture_output=True, text=True)
        if "Task-1" in done.stdout:
            break
        time.sleep(0.05)
    process.kill()
    print("Task-1" in done.stdout, done.stderr)
`);
    expect(output).toBe('True \n');
  });

  it('what its libraries were built to do', async () => {
    const output = await outputOf(distribution.executable, [program('libraries')], {
      env: {OPENSSL_CONF: '/dev/null'},
    });
    // SQLite's bundle for autoconf, which is upstream's source, has no grammar for it.
    const limit = 'sqlite ENABLE_UPDATE_DELETE_LIMIT\n';
    await expect(
      output.includes(limit) ? output : output.replace(/(?=sqlite HAVE_)/, limit),
    ).toMatchFileSnapshot('../fixtures/library-features.txt');
  });

  it('what uv asks to know a Python that may lie anywhere', async () => {
    const output = await distribution.python(
      'import sysconfig; print(repr(sysconfig.get_config_var("PYTHON_BUILD_STANDALONE")))',
    );
    expect(output).toBe('1\n');
  });

  it('a link into a linked folder', async () => {
    const folder = path.join(distribution.scratch, 'linked');
    const [tree, link] = [path.join(folder, 'tree'), path.join(folder, 'p')];
    const target = path.join(tree, 'bin', archives.program);
    await mkdir(folder);
    await symlink(distribution.prefix, tree);
    await symlink(target, link);

    const output = await outputOf(link, [
      '-c',
      'import sys; print(sys.prefix, sys._base_executable)',
    ]);

    expect(output).toBe(`${tree} ${target}\n`);
  });

  it('tkinter and turtle say in one line that there is no Tk', async () => {
    for (const module of ['tkinter', 'turtle']) {
      const {exit, stderr} = await distribution.call(['-c', `import ${module}`]);
      expect(exit).toBe(1);
      expect(stderr.trim().split('\n').at(-1)).toBe(
        "ModuleNotFoundError: No module named '_tkinter': this build of Python has no Tk, so that tkinter, turtle and IDLE do not work",
      );
    }
  });

  it.skipIf(!hasDebugger)('gdb shows what Python runs', async () => {
    const output = await outputOf('gdb', [
      ...['--batch', '--nx', '-iex', `add-auto-load-safe-path ${distribution.prefix}`],
      ...['-ex', 'run', '-ex', 'py-bt', '--args', distribution.executable, '-c'],
      'import os\ndef stops():\n    os.kill(os.getpid(), 5)\nstops()',
    ]);
    expect(output).toContain('  File "<string>", line 3, in stops\n  File "<string>", line 4, in');
  });
});
