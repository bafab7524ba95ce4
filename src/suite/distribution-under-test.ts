import {existsSync} from 'node:fs';
import {mkdir, readFile, stat} from 'node:fs/promises';
import path from 'node:path';
import {parseJson, textAt} from '../archive/json-value.js';
import {unpackArchive} from '../archive/unpack-archive.js';
import {InputError} from '../core/errors.js';
import type {Target} from '../core/target.js';
import {sanitizerEnvironment} from '../core/sanitizer-environment.js';
import {parseBuildOptions, type BuildOptions} from '../core/build-options.js';
import type {Installation} from '../installation/installation.js';
import {environmentOf} from '../installation/tree-environment.js';
import {readDocuments, readTreeFacts} from '../installation/tree-facts.js';
import {hasTests} from '../installation/tree-files.js';

/** A distribution or another installed Python whose tests are run. */
export interface DistributionUnderTest {
  /** Absolute path of the interpreter. */
  readonly executable: string;
  /** `3.14.7` */
  readonly python: string;
  readonly target: Pick<Target, 'triple'>;
  /** Empty if they are not known. */
  readonly options: BuildOptions;
  /** The folder for the tests' files, with `home` and `tmp`. */
  readonly scratch: string;
  /** What the interpreter needs beside what every test gets. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Unpacks what the tests need of a full archive into `scratch`, an empty folder.
 * @throws InputError when the archive contains no tests, ArchiveError when it cannot be unpacked.
 */
export async function prepareDistribution(
  archive: string,
  scratch: string,
  signal: AbortSignal,
): Promise<DistributionUnderTest> {
  // Object files and static libraries are half of the archive, and no test uses them.
  const isWanted = (member: string) =>
    !member.startsWith('python/build/') || member.startsWith('python/build/Tools/');
  const members = await unpackArchive(archive, scratch, isWanted, signal);
  if (!members.has('python/PYTHON.json')) {
    throw new InputError([
      `${archive} is not a full archive: it has no PYTHON.json, and CPython's tests are in the full archive only.\n` +
        'Next: name the -full.tar.zst of the same build.',
    ]);
  }
  const facts = readFacts(archive, await readText(archive, scratch, 'python/PYTHON.json'));
  const executable = path.posix.normalize(`python/${facts.executable}`);
  if (!members.has(executable)) {
    throw new InputError([
      `${archive}: PYTHON.json names ${JSON.stringify(facts.executable)}, which is not in it`,
    ]);
  }
  await requireTests(archive, scratch, facts.stdlib);
  await makeScratch(scratch);
  const environment = sanitizerEnvironment(facts.options, (file) =>
    members.has(`python/build/${file}`) ? path.join(scratch, 'python/build', file) : undefined,
  );
  return {...facts, executable: path.join(scratch, executable), environment, scratch};
}

/**
 * Prepares tests with the interpreter of a folder; what they write goes to `scratch`, an empty folder.
 * @throws InputError when the folder contains no tests.
 */
export async function prepareInstallation(
  tree: Installation,
  scratch: string,
): Promise<DistributionUnderTest> {
  if (!(await hasTests(tree))) {
    throw new InputError([
      `${tree.rootPath} holds no tests of CPython: there is no test/libregrtest in ${tree.standardLibrary}.\n` +
        'Next: install them (Debian: libpython3-testsuite), or name the unpacked folder of a full archive.',
    ]);
  }
  const {python, target, options} = await readTreeFacts(tree, await readDocuments(tree));
  const parsed = parseBuildOptions(options?.value ?? '');
  const known = parsed.ok ? parsed.value : [];
  const sanitizers = sanitizerEnvironment(known, (name) => {
    const file = path.join(tree.rootPath, 'build', name);
    return existsSync(file) ? file : undefined;
  });
  await makeScratch(scratch);
  return {
    executable: tree.executable,
    python: python?.value ?? tree.majorMinor,
    target: {triple: target?.value ?? ''},
    options: known,
    scratch,
    environment: {...sanitizers, ...environmentOf(tree)},
  };
}

async function makeScratch(scratch: string): Promise<void> {
  for (const name of ['home', 'tmp']) await mkdir(path.join(scratch, name));
}

/** Many times the size of a PYTHON.json. */
const textBytes = 4 << 20;

async function readText(archive: string, scratch: string, member: string): Promise<string> {
  const file = path.join(scratch, member);
  const {size} = await stat(file);
  if (size <= textBytes) return readFile(file, 'utf8');
  throw new InputError([`${archive}: ${member} has ${size} bytes, more than ${textBytes}`]);
}

async function requireTests(archive: string, scratch: string, stdlib: string): Promise<void> {
  const runner = path.join(scratch, 'python', stdlib, 'test/libregrtest');
  if (
    await stat(runner).then(
      () => true,
      () => false,
    )
  )
    return;
  throw new InputError([
    `${archive} holds no tests of CPython: there is no test/libregrtest in its standard library.\n` +
      'Next: name the -full.tar.zst of the same build.',
  ]);
}

interface Facts {
  readonly executable: string;
  readonly stdlib: string;
  readonly python: string;
  readonly target: Pick<Target, 'triple'>;
  readonly options: BuildOptions;
}

/** PYTHON.json of other producers has the same keys. */
function readFacts(archive: string, text: string): Facts {
  const json = parseJson(text);
  const read = (...keys: readonly string[]): string => {
    const found = textAt(json, ...keys);
    if (found !== undefined) return found;
    throw new InputError([`${archive}: PYTHON.json lacks ${keys.join('.')}`]);
  };
  const options = parseBuildOptions(read('build_options'));
  return {
    executable: read('python_exe'),
    stdlib: read('python_paths', 'stdlib'),
    python: read('python_version'),
    target: {triple: read('target_triple')},
    options: options.ok ? options.value : [],
  };
}
