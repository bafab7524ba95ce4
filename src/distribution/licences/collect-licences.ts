import {compareCodeUnits} from '../../core/digest.js';
import {readInTree, resolveInTree, TreeFileError, type Tree} from '../../core/tree-file.js';
import {DistributionError, MissingLicenceError} from '../distribution-error.js';
import type {IncorporatedWork} from './incorporated-works.js';
import {sectionOf, unknownSections} from './incorporated-works.js';
import {joinLicenceFiles} from './licence-text.js';
import type {LicenceText} from './licence-text.js';
import type {TreeEntry} from '../members.js';
import type {DistributionParameters} from '../parameters.js';
import type {RuntimeFacts} from '../runtime-facts.js';
import {walkTree} from '../tree.js';

/** Where the licence texts are. */
export interface LicenceInputs {
  readonly parameters: DistributionParameters;
  readonly runtime: RuntimeFacts;
  readonly cpython: Tree;
  /** The files of the cpython artifact, relative to it. */
  readonly cpythonEntries: readonly TreeEntry[];
  /** The works incorporated into CPython that its objects contain. */
  readonly works: readonly IncorporatedWork[];
  /** The dependencies' artifacts by name. */
  readonly dependencies: ReadonlyMap<string, Tree>;
}

/** The documentation's list of licences for incorporated software. */
const incorporatedList = 'meta/licenses/license.rst';

/**
 * The licence texts of everything in the distribution, by component name: CPython and the works incorporated into it,
 * pip and what else is installed, the dependencies, the compiler's runtime. Throws `MissingLicenceError`.
 */
export async function collectLicences(inputs: LicenceInputs): Promise<readonly LicenceText[]> {
  const licences = [
    ...pythonLicences(inputs),
    ...wheelLicences(inputs),
    ...(await Promise.all(
      inputs.parameters.components.map(async ({name, version, spdx}) => ({
        component: name,
        version,
        spdx,
        text: await dependencyText(inputs, name),
      })),
    )),
    ...inputs.parameters.runtimePieces.map(({name, version, spdx, text}) => {
      if (text.trim() === '') throw new MissingLicenceError(name, 'a text in the parameters');
      return {component: name, version, spdx, text};
    }),
  ];
  return licences.toSorted((left, right) => compareCodeUnits(left.component, right.component));
}

/** CPython's own licence, its list of the works inside it, and the terms of those that were compiled. */
function pythonLicences(inputs: LicenceInputs): readonly LicenceText[] {
  const {parameters, runtime, works} = inputs;
  const own = `python/${runtime.paths['stdlib'] ?? 'install/lib'}/LICENSE.txt`;
  const list = textOf(inputs, 'cpython-incorporated', [incorporatedList]);
  const unknown = unknownSections(list);
  if (unknown.length > 0) {
    throw new DistributionError(
      unknown.map(
        (title) =>
          `${incorporatedList} has a section "${title}", of which incorporated-works.ts knows nothing`,
      ),
    );
  }
  const compiled = works.map((work) => ({
    component: work.name,
    version: '',
    spdx: work.spdx,
    text: workText(inputs, work, list),
  }));
  return [
    {
      component: 'cpython',
      version: parameters.python,
      spdx: 'Python-2.0 AND CNRI-Python',
      text: textOf(inputs, 'cpython', [own]),
    },
    {component: 'cpython-incorporated', version: '', spdx: undefined, text: list},
    ...compiled,
  ];
}

function workText(inputs: LicenceInputs, {name, text}: IncorporatedWork, list: string): string {
  if ('file' in text) return textOf(inputs, name, [`meta/licenses/${text.file}`]);
  const section = sectionOf(list, text.section);
  if (section === undefined) {
    throw new MissingLicenceError(name, `the section "${text.section}" in ${incorporatedList}`);
  }
  return section;
}

/** The licences of what is installed in `site-packages`: pip, and setuptools up to 3.11. */
function wheelLicences(inputs: LicenceInputs): readonly LicenceText[] {
  const files = inputs.cpythonEntries.map((entry) => entry.path);
  const versions = new Map([['pip', '']]);
  for (const file of files) {
    const [, name, version] = distributionInfo.exec(file) ?? [];
    if (name !== undefined && version !== undefined) versions.set(name, version);
  }
  return [...versions].map(([component, version]) => {
    const texts = files.filter(
      (file) => distributionInfo.exec(file)?.[1] === component && wheelLicence.test(file),
    );
    return {component, version, spdx: undefined, text: textOf(inputs, component, texts)};
  });
}

const distributionInfo = /\/site-packages\/([^/-]+)-([^/]+)\.dist-info\//;

/** Wheels of before 2024 have their licence beside the metadata. */
const wheelLicence = /\.dist-info\/(?:licenses\/.*LICENSE|LICENSE[^/]*$)|\/COPYING$/;

function textOf(inputs: LicenceInputs, component: string, files: readonly string[]): string {
  const known = new Set(inputs.cpythonEntries.map((entry) => entry.path));
  const missing = files.find((file) => !known.has(file));
  if (files.length === 0 || missing !== undefined) {
    const wanted = missing ?? 'licence files in its dist-info';
    throw new MissingLicenceError(component, `${wanted} in the cpython artifact`);
  }
  const read = files.map((file) => ({
    name: file.replace(/^.*\.dist-info\/(?:licenses\/)?/, ''),
    content: readInTree(inputs.cpython, file),
  }));
  return joinLicenceFiles(read);
}

async function dependencyText(inputs: LicenceInputs, name: string): Promise<string> {
  const artifact = inputs.dependencies.get(name);
  const folder = `share/licenses/${name}`;
  const wanted = `files in ${folder}/ of the artifact of dependency/${name}`;
  if (artifact === undefined) throw new MissingLicenceError(name, wanted);
  const entries = await walkIfPresent(artifact, folder);
  if (entries.length === 0) throw new MissingLicenceError(name, wanted);
  const files = entries.map((entry) => ({
    name: entry.path,
    content: readInTree(artifact, `${folder}/${entry.path}`),
  }));
  if (files.every(({content}) => content.length === 0)) throw new MissingLicenceError(name, wanted);
  return joinLicenceFiles(files);
}

async function walkIfPresent(tree: Tree, folder: string): Promise<readonly TreeEntry[]> {
  let hostPath: string;
  try {
    hostPath = resolveInTree(tree, folder);
  } catch (error) {
    if (error instanceof TreeFileError && error.isMissing) return [];
    throw error;
  }
  return walkTree(hostPath);
}
