import {copyFile, mkdir} from 'node:fs/promises';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import {describe, expect, it} from 'vitest';
import {archiveCases} from '../support/archive/archives.js';
import {useDistribution} from '../support/archive/distribution.js';
import {hasProgram, outputOf} from '../support/archive/run.js';

const hasCompiler = await hasProgram('gcc');
const hasPkgConfig = await hasProgram('pkg-config');
const program = (name: string) => fileURLToPath(new URL(`programs/${name}`, import.meta.url));

/** Splits a shell's words, for the output of config programs, whose paths can hold quoted blanks. */
const throughShell = (command: string) => outputOf('/bin/sh', ['-euc', command]);

describe.skipIf(!hasCompiler).each(archiveCases())('gcc and %s', (_title, archives) => {
  const distribution = useDistribution(archives);

  const config = () => path.join(distribution.prefix, 'bin', `${archives.program}-config`);

  it('compile a C extension with the flags of sysconfig, as setuptools does', async () => {
    const folder = path.join(distribution.scratch, 'by sysconfig');
    await mkdir(folder);
    await copyFile(program('extension.c'), path.join(folder, 'sample.c'));

    const output = await distribution.python(
      `
import shlex, subprocess, sysconfig
v = sysconfig.get_config_var
words = lambda *names: [word for name in names for word in shlex.split(v(name) or "")]
include = "-I" + sysconfig.get_path("include")
subprocess.run([*words("CC", "CFLAGS", "CCSHARED"), include, "-c", "sample.c", "-o", "sample.o"], check=True)
subprocess.run([*words("LDSHARED", "LDFLAGS"), "sample.o", "-o", "sample" + v("EXT_SUFFIX")], check=True)
import sys; sys.path.insert(0, ".")
import sample; print(sample.greet("world"))
`,
      {cwd: folder},
    );

    expect(output).toBe('hello world\n');
  });

  it('compile a C extension with the flags of python-config', async () => {
    const library = path.join(distribution.scratch, 'sample.so');
    const flags = `$('${config()}' --includes) $('${config()}' --cflags)`;
    await throughShell(
      `eval "set -- ${flags}"; gcc -shared -fPIC "$@" -o '${library}' '${program('extension.c')}'`,
    );

    const output = await distribution.python('import sample; print(sample.greet("you"))', {
      env: {PYTHONPATH: distribution.scratch},
    });
    expect(output).toBe('hello you\n');
  });

  it('make a profiler that walks the stack by frame pointers', async () => {
    const library = path.join(distribution.scratch, 'frames.so');
    const flags = `$('${config()}' --includes) -fno-omit-frame-pointer`;
    await throughShell(
      `eval "set -- ${flags}"; gcc -shared -fPIC "$@" -o '${library}' '${program('frames.c')}' -ldl -lpthread`,
    );

    const output = await distribution.python(
      `
import frames
def nest(depth):
    # Through C, so that each level has frames of its own.
    return min([depth], key=lambda _: nest(depth - 1) if depth else found.extend(frames.walk()) or 0)
found = []
nest(50)
print(len(found) > 150, bool({"Py_RunMain", "Py_BytesMain", "main"} & set(found)))
`,
      {env: {PYTHONPATH: distribution.scratch}},
    );

    expect(output).toBe('True True\n');
  });

  it('make a program that embeds the shared library', async () => {
    const executable = path.join(distribution.scratch, 'embed');
    const library = path.join(distribution.prefix, 'lib');
    const flags = `$('${config()}' --cflags) $('${config()}' --ldflags --embed)`;
    await throughShell(
      `eval "set -- ${flags}"; gcc -o '${executable}' '${program('embed.c')}' "$@" -Wl,-rpath,'${library}'`,
    );

    const text = 'import ssl, sqlite3, _dbm, sys; print(sys.prefix)';
    expect(await outputOf(executable, [text], {cwd: '/'})).toBe(`${distribution.prefix}\n`);
    const needed = await outputOf('readelf', ['--dynamic', executable]);
    expect(needed).toContain(`[lib${archives.linkName}.so.1.0]`);
  });

  it.skipIf(!hasPkgConfig)('make such a program with the flags of pkg-config', async () => {
    const executable = path.join(distribution.scratch, 'embed-by-pkg-config');
    const library = path.join(distribution.prefix, 'lib');
    const ask = `pkg-config --cflags --libs python-${archives.majorMinor}-embed`;
    await throughShell(
      `export PKG_CONFIG_PATH='${library}/pkgconfig'; eval "set -- $(${ask})"; ` +
        `gcc -o '${executable}' '${program('embed.c')}' "$@" -Wl,-rpath,'${library}'`,
    );

    const output = await outputOf(executable, ['import sys; print(sys.prefix)'], {cwd: '/'});
    expect(output).toBe(`${distribution.prefix}\n`);
  });
});
