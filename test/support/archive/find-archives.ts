import {readdir} from 'node:fs/promises';
import path from 'node:path';
import {readArchive} from '../../../src/archive/read-archive.js';
import {valueOrThrow} from '../../../src/core/errors.js';
import {hasInstallOnly, parseBuildOptions} from '../../../src/core/build-options.js';
import type {ArchiveSet} from './archives.js';
import type {PythonJson} from './python-json.js';

/**
 * The archives to test: every build with a full archive in the folder `AMPOULE_E2E_DIST`, or in `dist/`. The archives
 * themselves say what they are. Throws when there is none, because a suite that tests nothing must not pass.
 */
export async function findArchives(): Promise<readonly ArchiveSet[]> {
  const folder = path.resolve(process.env['AMPOULE_E2E_DIST'] ?? 'dist');
  const names = (await readdir(folder).catch(() => [])).toSorted();
  const full = names.filter((name) => name.endsWith('-full.tar.zst'));
  if (full.length === 0) {
    throw new Error(
      `No full archive in ${folder}.\n` +
        '  Build one with `npm start`, or name the folder of one: AMPOULE_E2E_DIST=<folder> npm run test:e2e',
    );
  }
  const sets: ArchiveSet[] = [];
  for (const name of full) sets.push(await readSet(path.join(folder, name), names));
  return sets;
}

async function readSet(full: string, names: readonly string[]): Promise<ArchiveSet> {
  const json = await readJsonOf(full, 'python/PYTHON.json', isPythonJson);
  const {python_version: python, target_triple: targetTriple, build_options: options} = json;
  const dateTag = /\+(\d{8})-/.exec(path.basename(full))?.[1];
  if (dateTag === undefined) throw new Error(`the name of ${full} has no date`);
  const set = {
    ...{full, installed: full, python, dateTag, targetTriple, options},
    majorMinor: json.python_major_minor_version,
    program: path.basename(json.python_exe),
    standardLibrary: path.basename(json.python_paths['stdlib'] ?? ''),
    linkName: path.basename(json.python_paths['include'] ?? ''),
  };
  if (!hasInstallOnly(valueOrThrow(parseBuildOptions(options)))) return set;
  const threads = options.split('+').includes('freethreaded') ? 'freethreaded-' : '';
  const [installOnly = '', stripped = ''] = ['install_only', 'install_only_stripped'].map(
    (flavour) => `cpython-${python}+${dateTag}-${targetTriple}-${threads}${flavour}.tar.gz`,
  );
  for (const name of [installOnly, stripped]) {
    const file = path.join(path.dirname(full), name);
    if (!(await isOfThisBuild({file, full, options, names}))) return set;
  }
  const place = (name: string) => path.join(path.dirname(full), name);
  return {
    ...set,
    ...{installOnly: place(installOnly), stripped: place(stripped), installed: place(installOnly)},
  };
}

/**
 * The names of `install_only` archives do not tell the build options: of several builds in one folder, only the most
 * optimized one has them.
 */
async function isOfThisBuild(pair: {
  readonly file: string;
  readonly full: string;
  readonly options: string;
  /** All files of the folder. */
  readonly names: readonly string[];
}): Promise<boolean> {
  const {file, full, options, names} = pair;
  if (!names.includes(path.basename(file))) {
    throw new Error(`${full} has no ${path.basename(file)} beside it: build them again`);
  }
  const json = await readJsonOf(file, 'python/share/ampoule/distribution.json', hasOptions);
  const other = path.basename(full).replace(`-${options}-full`, `-${json.build_options}-full`);
  if (json.build_options === options) return true;
  if (names.includes(other)) return false;
  throw new Error(`${file} is of a build with ${json.build_options}, not of that of ${full}`);
}

async function readJsonOf<T>(
  archive: string,
  wanted: string,
  isRight: (json: unknown) => json is T,
): Promise<T> {
  for await (const member of readArchive(archive)) {
    if (member.path !== wanted) continue;
    const json: unknown = JSON.parse((await member.read(16 << 20)).toString('utf8'));
    if (isRight(json)) return json;
    break;
  }
  throw new Error(`${archive} has no ${wanted} that says what it is`);
}

function hasOptions(json: unknown): json is {readonly build_options: string} {
  return typeof json === 'object' && json !== null && 'build_options' in json;
}

function isPythonJson(json: unknown): json is PythonJson {
  return hasOptions(json) && 'python_exe' in json && 'python_paths' in json;
}
