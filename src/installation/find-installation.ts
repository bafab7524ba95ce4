import {open, readFile, realpath, stat} from 'node:fs/promises';
import path from 'node:path';
import {InputError} from '../core/errors.js';
import {parseSysconfigData, type SysconfigVariables} from '../data/sysconfig-data.js';
import type {Installation, TreeLayout} from './installation.js';
import {readableNames} from './tree-files.js';

/** Whether a path that a user named is a tree, or the interpreter of one, rather than an archive. */
export async function isTree(given: string): Promise<boolean> {
  const found = await stat(given).catch(() => undefined);
  if (found?.isFile() !== true) return found?.isDirectory() === true;
  await using file = await open(given);
  const {buffer, bytesRead} = await file.read(Buffer.alloc(4), 0, 4, 0);
  return bytesRead === 4 && buffer.toString('latin1') === '\x7fELF';
}

/**
 * Finds the Python in a folder, or that of an interpreter. Nothing is executed.
 * @throws InputError that says what was expected and what was found.
 */
export async function findInstallation(given: string): Promise<Installation> {
  const rootPath = path.resolve(given);
  const isFolder = (await stat(rootPath)).isDirectory();
  const folder = isFolder ? rootPath : await folderOfProgram(rootPath);
  await refuseEnvironment(given, isFolder ? rootPath : path.dirname(path.dirname(rootPath)));
  await refuseEnvironment(given, folder);
  if (await hasFile(folder, 'pybuilddir.txt')) return findInBuildFolder(folder);
  const layout: TreeLayout = (await hasFile(folder, 'PYTHON.json')) ? 'full archive' : 'prefix';
  const prefix = layout === 'full archive' ? path.join(folder, 'install') : folder;
  const libraries = await standardLibrariesIn(prefix);
  const program = isFolder ? undefined : path.basename(await realpath(rootPath));
  const version = /^python(\d+\.\d+t?)d?$/.exec(program ?? '')?.[1];
  const named = libraries.filter(({name}) => program === undefined || name === version);
  const [library, another] = named;
  if (library === undefined) throw new InputError([await noPython(given, folder, program)]);
  if (another !== undefined) {
    const versions = named.map(({name}) => name);
    throw new InputError([
      `${given} holds several Pythons: ${versions.join(', ')}.\n` +
        `Next: name the interpreter of one, ${path.join(given, `bin/python${versions[0] ?? ''}`)}.`,
    ]);
  }
  const executable =
    program === undefined
      ? await interpreterIn(given, prefix, library.name)
      : await realpath(rootPath);
  const abiFlags = /^python[\d.]+([a-z]*)$/.exec(path.basename(executable))?.[1] ?? '';
  const sysconfig = await readSysconfig(library.hostPath, abiFlags);
  const majorMinor = library.name.replace('t', '');
  return {
    ...{layout, rootPath: folder, prefix, executable, majorMinor, ...sysconfig},
    standardLibrary: library.hostPath,
    dynamicLoad: path.join(library.hostPath, 'lib-dynload'),
    // Not LIBPL itself, which is where the files were installed at first.
    configuration: path.join(
      library.hostPath,
      path.basename(String(sysconfig.sysconfig.get('LIBPL') ?? 'config')),
    ),
  };
}

/** `bin/python3.14` of `/opt/python` gives `/opt/python`, `python` of a build folder that folder. */
async function folderOfProgram(program: string): Promise<string> {
  const folder = path.dirname(await realpath(program));
  return path.basename(folder) === 'bin' ? path.dirname(folder) : folder;
}

async function refuseEnvironment(given: string, folder: string): Promise<void> {
  const text = await readFile(path.join(folder, 'pyvenv.cfg'), 'utf8').catch(() => undefined);
  if (text === undefined) return;
  const home = /^home\s*=\s*(.+?)\s*$/m.exec(text)?.[1];
  const base = home === undefined ? undefined : home.replace(/\/bin\/?$/, '') || '/';
  throw new InputError([
    `${given} is a virtual environment: it has no interpreter and no standard library of its own.\n` +
      (base === undefined
        ? `${path.join(folder, 'pyvenv.cfg')} does not name its base (home = …).`
        : `Next: name its base, ${base}.`),
  ]);
}

/** The standard libraries below a prefix, by version: `3.14`, `3.14t`. Some systems have `lib64`. */
async function standardLibrariesIn(prefix: string): Promise<readonly NamedFolder[]> {
  const found = new Map<string, string>();
  for (const folder of ['lib', 'lib64']) {
    for (const entry of await readableNames(prefix, folder)) {
      const name = /^python(3\.\d+t?)$/.exec(entry)?.[1];
      const hostPath = path.join(prefix, folder, entry);
      if (name === undefined || found.has(name) || !(await hasFile(hostPath, 'os.py'))) continue;
      found.set(name, hostPath);
    }
  }
  return [...found].map(([name, hostPath]) => ({name, hostPath}));
}

interface NamedFolder {
  readonly name: string;
  readonly hostPath: string;
}

async function interpreterIn(given: string, prefix: string, version: string): Promise<string> {
  const bin = path.join(prefix, 'bin');
  for (const suffix of ['', 'd']) {
    const program = path.join(bin, `python${version}${suffix}`);
    const real = await realpath(program).catch(() => undefined);
    if (real !== undefined) return real;
  }
  throw new InputError([
    `${given} has the standard library of Python ${version}, but no interpreter: expected bin/python${version}.\n` +
      `Found in ${bin}: ${await listOf(bin)}.`,
  ]);
}

/** A message that says which folder it might have been. */
async function noPython(
  given: string,
  folder: string,
  program: string | undefined,
): Promise<string> {
  if (program !== undefined) {
    return (
      `${given} is a program, but not the interpreter of an installed Python: expected bin/pythonX.Y ` +
      `in a folder with lib/pythonX.Y/os.py.`
    );
  }
  if (await hasFile(folder, 'Makefile.pre'))
    return incomplete(folder, 'there is no pybuilddir.txt');
  if (await hasFile(folder, 'Include/patchlevel.h')) {
    return `${given} is a source tree of CPython without a build in it. Next: name the folder in which it was configured and made.`;
  }
  const expected = `${given} holds no Python: expected lib/pythonX.Y/os.py and bin/pythonX.Y, or PYTHON.json, or a build folder of CPython with pybuilddir.txt.`;
  const below = path.join(folder, 'python');
  const isBelow =
    (await standardLibrariesIn(below)).length > 0 || (await hasFile(below, 'PYTHON.json'));
  if (isBelow) return `${expected}\nNext: name ${path.join(given, 'python')}, which does.`;
  return `${expected}\nFound: ${await listOf(folder)}.`;
}

async function findInBuildFolder(folder: string): Promise<Installation> {
  const platform = path.join(
    folder,
    (await readFile(path.join(folder, 'pybuilddir.txt'), 'utf8')).trim(),
  );
  const abiFlags = /^_sysconfigdata_([a-z]*)_/.exec(
    (await readableNames(platform)).find((name) => name.startsWith('_sysconfigdata_')) ?? '',
  )?.[1];
  const sysconfig = await readSysconfig(platform, abiFlags ?? '');
  const read = (name: string) => String(sysconfig.sysconfig.get(name) ?? '');
  const executable = path.join(folder, read('BUILDPYTHON') || 'python');
  const majorMinor = read('VERSION');
  // A folder that was moved together with its sources still has the relative path.
  const sources = [path.resolve(folder, read('srcdir')), read('abs_srcdir')];
  const places = sources.map((source) => path.join(source, 'Lib'));
  let standardLibrary: string | undefined;
  for (const place of places) if (await hasFile(place, 'os.py')) standardLibrary ??= place;
  const lacking = [
    ...(sysconfig.sysconfig.size === 0 ? [sysconfig.sysconfigProblem ?? ''] : []),
    ...((await hasFile(executable, '')) ? [] : [`there is no interpreter ${executable}`]),
    ...(standardLibrary === undefined ? [`there is no os.py in ${places.join(' or ')}`] : []),
  ];
  if (standardLibrary === undefined || lacking.length > 0) {
    throw new InputError([incomplete(folder, lacking.join('; '))]);
  }
  return {
    ...{layout: 'build folder', rootPath: folder, prefix: folder, executable, standardLibrary},
    ...{dynamicLoad: platform, configuration: path.join(folder, 'Modules'), majorMinor},
    ...sysconfig,
  };
}

function incomplete(folder: string, problem: string): string {
  return (
    `${folder} is a build folder of CPython that is not complete: ${problem}.\n` +
    'Next: run make in it until it succeeds.'
  );
}

/** Reads `_sysconfigdata_<abi flags>_*.py` of a folder. */
async function readSysconfig(
  folder: string,
  abiFlags: string,
): Promise<Pick<Installation, 'sysconfig' | 'sysconfigProblem'>> {
  const none: SysconfigVariables = new Map();
  const start = `_sysconfigdata_${abiFlags}_`;
  const name = (await readableNames(folder)).find(
    (each) => each.startsWith(start) && each.endsWith('.py'),
  );
  if (name === undefined) {
    return {sysconfig: none, sysconfigProblem: `there is no ${start}*.py in ${folder}`};
  }
  const file = path.join(folder, name);
  try {
    return {sysconfig: parseSysconfigData(await readFile(file, 'utf8'))};
  } catch (error) {
    return {sysconfig: none, sysconfigProblem: `${file}: ${(error as Error).message}`};
  }
}

async function hasFile(folder: string, name: string): Promise<boolean> {
  return stat(path.join(folder, name)).then(
    (found) => found.isFile(),
    () => false,
  );
}

async function listOf(folder: string): Promise<string> {
  const names = await readableNames(folder);
  if (names.length === 0) return 'nothing';
  return names.length > 8 ? `${names.slice(0, 8).join(', ')}, …` : names.join(', ');
}
