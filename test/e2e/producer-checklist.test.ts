import {lstatSync, readFileSync, readdirSync, realpathSync} from 'node:fs';
import path from 'node:path';
import parseSpdx from 'spdx-expression-parse';
import type {Header} from 'tar-stream';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {readDynamicSymbols, readStaticSymbols} from '../../src/elf/elf-symbols.js';
import {parseSysconfigData, recordedFlags} from '../../src/data/sysconfig-data.js';
import {archiveCases, flavoursOf, hasOption} from '../support/archive/archives.js';
import type {ArchiveSet} from '../support/archive/archives.js';
import {clientRules} from '../support/archive/client-names.js';
import {findingsOf} from '../support/archive/findings.js';
import {openElf} from '../support/archive/open-elf.js';
import {extensionsOf, readPythonJson} from '../support/archive/python-json.js';
import type {PythonJson} from '../support/archive/python-json.js';
import {outputOf} from '../support/archive/run.js';
import {makeScratch, readHeaders, removeScratch, unpack} from '../support/archive/unpack.js';

/** An archive of one flavour, with the folder that it was unpacked into. */
interface Flavour {
  readonly name: string;
  readonly file: string;
  readonly headers: readonly Header[];
  /** The folder that holds `bin` and `lib`. */
  readonly prefix: string;
}

async function unpackFlavours(scratch: string, archives: ArchiveSet): Promise<readonly Flavour[]> {
  const flavours: Flavour[] = [];
  for (const {flavour: name, file} of flavoursOf(archives)) {
    const prefix = name === 'full' ? 'python/install' : 'python';
    await unpack(file, path.join(scratch, name));
    const headers = await readHeaders(file);
    flavours.push({name, file, headers, prefix: path.join(scratch, name, prefix)});
  }
  return flavours;
}

/**
 * What all known clients of such archives together demand of their producer, one test per point: uv, mise, pipx, hatch,
 * pdm, rules_python, pyapp, PyOxidizer, PBS's own checker.
 */
describe.each(archiveCases())("the producer's checklist for %s", (_title, archives) => {
  let scratch: string;
  let flavours: readonly Flavour[];
  let full: Flavour;
  let json: PythonJson;

  beforeAll(async () => {
    scratch = await makeScratch();
    flavours = await unpackFlavours(scratch, archives);
    const [first] = flavours;
    if (first === undefined) throw new Error('no archives');
    full = first;
    json = readPythonJson(path.join(full.prefix, '..'));
  });

  afterAll(() => removeScratch(scratch));

  const executable = archives.program;
  const libraryOf = ({prefix}: Flavour) => path.join(prefix, 'lib', archives.standardLibrary);
  const sysconfigOf = (flavour: Flavour) => {
    const folder = libraryOf(flavour);
    const names = readdirSync(folder).filter((name) => name.startsWith('_sysconfigdata_'));
    expect(names).toHaveLength(1);
    return parseSysconfigData(readFileSync(path.join(folder, names[0] ?? ''), 'utf8'));
  };

  it('1: one folder at the top, PYTHON.json first, nothing that clients do not know', () => {
    for (const {headers, name} of flavours) {
      const top = new Set(headers.map((header) => header.name.split('/')[0]));
      const second = new Set(headers.map((header) => header.name.split('/')[1]));
      expect([...top]).toEqual(['python']);
      expect([...second].toSorted()).toEqual(
        name === 'full'
          ? ['PYTHON.json', 'build', 'install', 'licenses']
          : ['bin', 'include', 'lib', 'share'],
      );
    }
    expect(full.headers[0]?.name).toBe('python/PYTHON.json');
  });

  it('2: bin/python and bin/python3 are links to the same program', () => {
    for (const {headers} of flavours) {
      for (const link of ['python', 'python3']) {
        const found = headers.filter(({name}) => name.endsWith(`/bin/${link}`));
        expect(found).toMatchObject([{type: 'symlink', linkname: executable}]);
      }
      const program = headers.find(({name}) => name.endsWith(`/bin/${executable}`));
      expect(program).toMatchObject({type: 'file', mode: 0o755});
    }
  });

  it('3: plain members only, links stay inside and lead somewhere, and a strict unpacker agrees', async () => {
    for (const {file, name} of flavours) {
      const findings = await findingsOf(file);
      expect(findings.filter(({rule}) => /^(?:tar|link)-/.test(rule))).toEqual([]);
      if (name === 'full') continue;
      // As hatch does: PEP 706's filter refuses what points out of the folder, devices, and strange modes. 3.11.2 is
      // older than the filter.
      const program = `
import sys, tarfile
strict = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
tarfile.open(sys.argv[1]).extractall(sys.argv[2], **strict)
`;
      const target = path.join(scratch, `${name} by tarfile`);
      await outputOf(path.join(full.prefix, 'bin', executable), ['-c', program, file, target]);
    }
  });

  it('4: _sysconfigdata can be read by the strict parsers of installers', () => {
    for (const flavour of flavours) {
      const variables = sysconfigOf(flavour);
      expect(variables.get('prefix')).toBe('/install');
      expect(recordedFlags(variables).filter((flag) => refusedByPlainGcc.test(flag))).toEqual([]);
      const late = [...variables].filter(
        ([key, value]) => key !== 'CONFIG_ARGS' && /[^\s/\w.]\/install\b/.test(String(value)),
      );
      expect(late, 'installers rewrite words that begin with /install').toEqual([]);
    }
  });

  it('5: no compiled files', () => {
    for (const {headers} of flavours) {
      const names = headers.map(({name}) => name);
      expect(names.filter((name) => /__pycache__|\.py[co]$/.test(name))).toEqual([]);
    }
  });

  it('6: pkg-config files follow their own place', () => {
    for (const {prefix} of flavours) {
      const folder = path.join(prefix, 'lib/pkgconfig');
      const names = readdirSync(folder);
      expect(names).toContain(`python-${archives.majorMinor}-embed.pc`);
      for (const name of names) {
        const text = readFileSync(path.join(folder, name), 'utf8');
        expect(text).toMatch(/^prefix="\$\{pcfiledir\}\/\.\.\/\.\."$/m);
      }
    }
  });

  const strippedFiles = [archives.stripped].flatMap((file) => file ?? []);
  it.each(strippedFiles)('7: %s is install_only without debug information', () => {
    const [, installOnly, stripped] = flavours;
    if (installOnly === undefined || stripped === undefined) throw new Error('three flavours');
    const shapeOf = ({headers}: Flavour) =>
      headers.map(({name, type, mode, linkname}) => ({name, type, mode, linkname}));
    expect(shapeOf(stripped)).toEqual(shapeOf(installOnly));
    let programs = 0;
    for (const {name, type} of stripped.headers) {
      if (type !== 'file') continue;
      const member = name.replace(/^python\//, '');
      const before = path.join(installOnly.prefix, member);
      const after = path.join(stripped.prefix, member);
      const elf = openElf(after);
      const whole = openElf(before);
      if (elf === undefined || whole === undefined) {
        expect(readFileSync(after).equals(readFileSync(before)), member).toBe(true);
        continue;
      }
      programs += 1;
      const debug = elf.sections.filter((section) => section.name.startsWith('.debug'));
      expect(debug, member).toEqual([]);
      expect(readDynamicSymbols(elf), member).toEqual(readDynamicSymbols(whole));
      // Profilers and backtraces name functions by these.
      expect(readStaticSymbols(elf).length > 0, member).toBe(readStaticSymbols(whole).length > 0);
    }
    expect(programs).toBeGreaterThan(3);
  });

  it('8: names are understood by every client, with a date of eight digits and a plus that URLs escape', () => {
    for (const {file, name} of flavours) {
      const inUrl = encodeURIComponent(path.basename(file));
      expect(inUrl).toMatch(/^cpython-\d+\.\d+\.\d+(?:(?:a|b|rc)\d+)?%2B\d{8}-/);
      const isPreRelease = /[a-z]/.test(archives.python);
      for (const rule of clientRules) {
        const {client, flavours: taken, takesPreReleases, versionOf, refusesFreeThreading} = rule;
        if (!taken.includes(name) || (isPreRelease && !takesPreReleases)) continue;
        const isRefused = refusesFreeThreading === true && hasOption(archives, 'freethreaded');
        const expected = isRefused ? undefined : archives.python;
        expect(versionOf(inUrl), `${client} and ${inUrl}`).toBe(expected);
      }
    }
  });

  it('9: licences are SPDX expressions, and their texts are there and are UTF-8', () => {
    const strict = new TextDecoder('utf-8', {fatal: true});
    const extensions = extensionsOf(json).map(([, extension]) => extension);
    const expressions = [json.licenses, ...extensions.map(({licenses}) => licenses ?? [])].flat();
    for (const expression of expressions) expect(() => parseSpdx(expression)).not.toThrow();
    expect(() => parseSpdx(json.licenses.join(' OR '))).not.toThrow();
    const paths = [
      json.license_path,
      ...extensions.flatMap(({license_paths}) => license_paths ?? []),
    ];
    for (const file of paths) {
      const text = strict.decode(readFileSync(path.join(full.prefix, '..', file)));
      expect(text.length, file).toBeGreaterThan(100);
    }
    for (const {prefix} of flavours) {
      const folder = path.join(prefix, 'share/ampoule/licenses');
      const names = readdirSync(folder);
      expect(names.map((name) => `licenses/${name}`)).toEqual(expect.arrayContaining(paths));
      for (const name of names) strict.decode(readFileSync(path.join(folder, name)));
    }
  });

  it('10: Py_GIL_DISABLED and Py_DEBUG say what the interpreter is', async () => {
    const program =
      'import sys, sysconfig; print(hasattr(sys, "gettotalrefcount"), sys.abiflags, sep="|")';
    for (const flavour of flavours) {
      const variables = sysconfigOf(flavour);
      const isFreeThreaded = hasOption(archives, 'freethreaded');
      const isDebug = hasOption(archives, 'debug');
      expect(Number(variables.get('Py_GIL_DISABLED') ?? 0)).toBe(isFreeThreaded ? 1 : 0);
      expect(variables.get('Py_DEBUG')).toBe(isDebug ? 1 : 0);
      const abiFlags = `${isFreeThreaded ? 't' : ''}${isDebug ? 'd' : ''}`;
      expect(variables.get('ABIFLAGS')).toBe(abiFlags);
      const output = await outputOf(path.join(flavour.prefix, 'bin', executable), ['-c', program]);
      expect(output).toBe(`${isDebug ? 'True' : 'False'}|${abiFlags}\n`);
    }
  });

  it('11: ensurepip needs no network', async () => {
    // A proxy that is not there: whatever tries to load something fails at once.
    const nowhere = 'http://127.0.0.1:9';
    const env = {HOME: scratch, HTTP_PROXY: nowhere, HTTPS_PROXY: nowhere, ALL_PROXY: nowhere};
    for (const {prefix, name} of flavours) {
      const place = path.join(scratch, `environment of ${name}`);
      await outputOf(path.join(prefix, 'bin/python3'), ['-I', '-m', 'venv', place], {env});
      const pip = await outputOf(path.join(place, 'bin/python'), ['-m', 'pip', '--version'], {env});
      expect(pip).toContain(place);
    }
  });

  it('12: share/terminfo has no link that goes in a circle or leads out', () => {
    for (const {prefix} of flavours) {
      const folder = realpathSync(path.join(prefix, 'share/terminfo'));
      const entries = readdirSync(folder, {recursive: true, encoding: 'utf8'});
      expect(entries.length).toBeGreaterThan(1000);
      for (const entry of entries) {
        const place = path.join(folder, entry);
        if (lstatSync(place).isSymbolicLink()) {
          expect(realpathSync(place).startsWith(`${folder}/`), entry).toBe(true);
        }
      }
    }
  });
});

/** Flags that only the toolchain of the build understands, and paths that only its sandbox has. */
const refusedByPlainGcc =
  /^(?:-fuse-ld|--sysroot|-f(?:file|debug|macro)-prefix-map|-fdebug-default-version|-fstack-clash|-Wl,-z)|\/(?:deps|sysroot|build)\b/;
