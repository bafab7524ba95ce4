import {mkdir, readdir, readFile, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {installCases} from '../support/archive/archives.js';
import type {Distribution} from '../support/archive/distribution.js';
import {unpackAndMove} from '../support/archive/distribution.js';
import {outputOf} from '../support/archive/run.js';
import {makeScratch, removeScratch} from '../support/archive/unpack.js';

/** Prints what must follow the files wherever they are. */
const whereAmI = `
import os, sys, sysconfig
print(sys.prefix)
print(sys.exec_prefix)
print(os.path.realpath(sys.executable))
print(os.path.dirname(os.__file__))
print(sysconfig.get_config_var("prefix"))
`;

describe.each(installCases())('a moved %s', (_title, pair) => {
  let scratch: string;
  let distribution: Distribution;
  let placeOfPrefix: string;

  beforeAll(async () => {
    scratch = await makeScratch();
    distribution = await unpackAndMove(scratch, pair);
    const {prefix, executable} = distribution;
    const library = path.join(prefix, 'lib', pair.standardLibrary);
    placeOfPrefix = `${[prefix, prefix, executable, library, prefix].join('\n')}\n`;
  });

  afterAll(() => removeScratch(scratch));

  const {program, linkName, standardLibrary} = pair;
  const inIt = (file: string) => path.join(distribution.prefix, file);

  it('knows where it is when it is called by its path', async () => {
    expect(await distribution.python(whereAmI)).toBe(placeOfPrefix);
  });

  it('says nothing when it starts', async () => {
    const {stderr} = await distribution.call(['-c', 'pass']);
    expect(stderr).toBe('');
  });

  it.each([...new Set(['python', 'python3', `python${pair.majorMinor}`, program])])(
    'is found as %s',
    async (link) => {
      expect(await outputOf(inIt(`bin/${link}`), ['-c', whereAmI])).toBe(placeOfPrefix);
    },
  );

  it('tells its configuration by `python -m sysconfig`', async () => {
    const output = await outputOf(distribution.executable, ['-m', 'sysconfig']);
    expect(output).toContain(`prefix = "${distribution.prefix}"`);
    expect(output).toContain(`data = "${distribution.prefix}"`);
  });

  it('names only paths of its new place in sysconfig', async () => {
    const output = await distribution.python(`
import json, sysconfig
print(json.dumps({**sysconfig.get_config_vars(), **sysconfig.get_paths()}))
`);
    const variables = JSON.parse(output) as Record<string, unknown>;
    const wrong = Object.entries(variables).filter(
      // How configure was called stays as it was.
      ([key, value]) =>
        key !== 'CONFIG_ARGS' &&
        /first place|(?:^|[\s"'=IL])\/(?:install|build|deps|out|sysroot)\b/.test(String(value)),
    );
    expect(wrong).toEqual([]);
  });

  it('names folders and files that exist in sysconfig', async () => {
    const output = await distribution.python(`
import os, sysconfig
for name in ("INCLUDEPY", "LIBDIR", "LIBPL", "BINDIR", "DESTSHARED"):
    assert os.path.isdir(sysconfig.get_config_var(name)), (name, sysconfig.get_config_var(name))
assert os.path.isfile(sysconfig.get_makefile_filename())
assert os.path.isfile(sysconfig.get_config_h_filename())
assert os.path.isfile(os.path.join(sysconfig.get_config_var("LIBDIR"), sysconfig.get_config_var("LDLIBRARY")))
for name, path in sysconfig.get_paths().items():
    assert os.path.isdir(path), (name, path)
print("ok")
`);
    expect(output).toBe('ok\n');
  });

  it('has scripts that run in the new place', async () => {
    const pip = await outputOf(inIt('bin/pip3'), ['--version']);
    expect(pip).toContain(`from ${distribution.prefix}/lib/${standardLibrary}/site-packages/pip`);
    expect(await outputOf(inIt(`bin/pip${pair.majorMinor}`), ['--version'])).toBe(pip);
    const documentation = await outputOf(inIt('bin/pydoc3'), ['json']);
    expect(documentation).toContain('JSON');
  });

  it('has a python-config that names its new place', async () => {
    const config = inIt(`bin/${program}-config`);

    expect((await outputOf(config, ['--prefix'])).trim()).toBe(distribution.prefix);
    expect(await outputOf(config, ['--includes'])).toContain(`include/${linkName}`);
    expect(await outputOf(config, ['--ldflags', '--embed'])).toContain(`-l${linkName}`);
  });

  it('has pkg-config files that follow their own place', async () => {
    const folder = inIt('lib/pkgconfig');
    const names = await readdir(folder);
    expect(names).toContain(`python-${pair.majorMinor}-embed.pc`);
    for (const file of names) {
      const text = await readFile(path.join(folder, file), 'utf8');
      expect(text).toMatch(/^prefix="\$\{pcfiledir\}\/\.\.\/\.\."$/m);
      expect(text).not.toMatch(/\/(?:install|build|deps|sysroot)\//);
    }
  });

  it('leaves LD_LIBRARY_PATH no way to replace its library', async () => {
    const decoys = path.join(scratch, 'decoys');
    await mkdir(decoys);
    await writeFile(path.join(decoys, `lib${linkName}.so.1.0`), 'no library');
    const output = await distribution.python('import ctypes, _dbm; print("fine")', {
      env: {LD_LIBRARY_PATH: decoys},
    });
    expect(output).toBe('fine\n');
  });
});
