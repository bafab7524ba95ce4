import {mkdir, readFile, writeFile} from 'node:fs/promises';
import path from 'node:path';
import type {HostFunction, HostFunctionContext} from '../core/host-function.js';
import {InternalError} from '../core/errors.js';
import type {ExpectedModule} from './expected-modules.js';
import {memberListPaths} from './archive-script.js';
import {collectLicences} from './collect-licences.js';
import {describeDistribution} from './describe-distribution.js';
import {DistributionError} from './distribution-error.js';
import type {LinkableComponent} from './extensions.js';
import {renderDistributionJson} from './distribution-json.js';
import {parseExpectedModules} from './expected-modules.js';
import {parseLinkedArchives, unlicensedProblems} from './linked-archives.js';
import type {LicenceText} from './licences.js';
import {licenceFileName, renderNotice} from './licences.js';
import {formatMemberList, fullMembers, installOnlyMembers, memberProblems} from './members.js';
import type {TreeEntry} from './members.js';
import {parseDistributionParameters} from './parameters.js';
import type {DistributionParameters} from './parameters.js';
import {parseRuntimeFacts} from './runtime-facts.js';
import type {RuntimeFacts} from './runtime-facts.js';
import {maximumGlibcVersion, walkTree} from './tree.js';

/**
 * Describes a built CPython: PYTHON.json, licence texts, `share/ampoule/`, and for each flavour the list of its members.
 *
 * Inputs: `cpython`, `setup-local`, and `dependency/<name>` for every component of the parameters
 * (`DistributionParameters`). The output is laid over the cpython artifact: it holds `python/PYTHON.json`,
 * `python/licenses/`, `python/install/share/ampoule/` and `lists/`. Throws `DistributionError` and
 * `MissingLicenceError`.
 */
export const distributionMetadataFunction: HostFunction = {revision: 1, run};

async function run(context: HostFunctionContext): Promise<void> {
  const parameters = parseDistributionParameters(context.parameters);
  const built = await readBuiltTree(context);
  const {runtime} = built;
  const licences = await collectLicences({
    parameters,
    runtime,
    cpythonPath: built.hostPath,
    cpythonEntries: built.entries,
    dependencyPaths: dependencyPaths(context, parameters),
  });
  const components = await linkableComponents(context, parameters);
  const licensed = new Set(licences.map(({component}) => component));
  const unlicensed = unlicensedProblems(built.linkedArchives, components, licensed);
  if (unlicensed.length > 0) throw new DistributionError(unlicensed);
  const glibc = maximumGlibcVersion(built.hostPath, dynamicFiles(built.entries));
  context.signal.throwIfAborted();
  const files = new Map(metadataFiles(parameters, licences, glibc));
  files.set('python/PYTHON.json', '');
  const entries = overlay(built.entries, [...files.keys()]);
  const {pythonJson, exclusions} = describeDistribution({
    parameters,
    runtime,
    expected: built.expected,
    makefile: built.makefile,
    configC: built.configC,
    entries,
    maximumGlibcVersion: glibc,
    components,
  });
  files.set('python/PYTHON.json', pythonJson);
  const full = checked('full', fullMembers(entries));
  const installOnly = checked('install_only', installOnlyMembers(entries, exclusions));
  files.set(memberListPaths.full, formatMemberList(full));
  files.set(memberListPaths.install_only, formatMemberList(installOnly));
  await writeFiles(context.outputPath, files);
  context.log(
    `${built.expected.length} extension modules, ${licences.length} licences, glibc ${glibc ?? 'none'}; ` +
      `full: ${full.length} files, install_only: ${installOnly.length} files`,
  );
}

interface BuiltTree {
  readonly hostPath: string;
  readonly entries: readonly TreeEntry[];
  readonly runtime: RuntimeFacts;
  readonly makefile: string;
  readonly configC: string;
  readonly expected: readonly ExpectedModule[];
  /** The static libraries that are linked into the interpreter. */
  readonly linkedArchives: readonly string[];
}

async function readBuiltTree(context: HostFunctionContext): Promise<BuiltTree> {
  const hostPath = inputPath(context, 'cpython');
  const setupLocal = inputPath(context, 'setup-local');
  const text = (file: string) => readText(hostPath, file);
  const runtime = parseRuntimeFacts(await text('meta/runtime.json'));
  return {
    hostPath,
    runtime,
    entries: await walkTree(hostPath),
    makefile: await text(`python/${runtime.platformConfig}/Makefile`),
    configC: await text('python/build/Modules/config.c'),
    expected: parseExpectedModules(await readText(setupLocal, 'modules.json')),
    linkedArchives: parseLinkedArchives(await text('meta/linked-members.tsv')),
  };
}

function inputPath(context: HostFunctionContext, name: string): string {
  const hostPath = context.inputs.get(name);
  if (hostPath === undefined) throw new InternalError(`distribution-metadata has no input ${name}`);
  return hostPath;
}

function dependencyPaths(
  context: HostFunctionContext,
  {components}: DistributionParameters,
): ReadonlyMap<string, string> {
  return new Map(components.map(({name}) => [name, inputPath(context, `dependency/${name}`)]));
}

async function linkableComponents(
  context: HostFunctionContext,
  {components}: DistributionParameters,
): Promise<readonly LinkableComponent[]> {
  return Promise.all(
    components.map(async ({name, spdx}) => {
      const entries = await walkTree(inputPath(context, `dependency/${name}`));
      const staticLibraries = entries.flatMap(
        (entry) => /^lib\/lib(.+)\.a$/.exec(entry.path)?.[1] ?? [],
      );
      return {name, spdx, staticLibraries};
    }),
  );
}

async function readText(directory: string, file: string): Promise<string> {
  try {
    return await readFile(path.join(directory, file), 'utf8');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    throw new DistributionError([`${file}: the artifact that was built does not hold it`]);
  }
}

/** Files that can carry symbol versions: what runs, not what an embedder links. */
function dynamicFiles(entries: readonly TreeEntry[]): readonly string[] {
  return entries
    .filter(
      (entry) =>
        entry.linkTarget === undefined &&
        /^python\/install\/(?:bin\/|.*\.so(?:\.|$))/.test(entry.path),
    )
    .map((entry) => entry.path);
}

function metadataFiles(
  parameters: DistributionParameters,
  licences: readonly LicenceText[],
  glibc: string | undefined,
): readonly (readonly [string, string])[] {
  const share = 'python/install/share/ampoule';
  return [
    ...licences.flatMap(({component, text}) => {
      const name = licenceFileName(component);
      return [
        [`python/licenses/${name}`, text],
        [`${share}/licenses/${name}`, text],
      ] as const;
    }),
    [`${share}/NOTICE`, renderNotice(parameters, licences)],
    [`${share}/distribution.json`, renderDistributionJson(parameters, licences, glibc)],
  ];
}

/** The entries of the artifact that reach an archive, with our own files added. */
function overlay(entries: readonly TreeEntry[], ours: readonly string[]): readonly TreeEntry[] {
  const present = new Set(entries.map((entry) => entry.path));
  const twice = ours.filter((file) => present.has(file));
  if (twice.length > 0) {
    throw new DistributionError(twice.map((file) => `${file}: the cpython artifact holds it too`));
  }
  const built = entries.filter((entry) => entry.path.startsWith('python/'));
  return [...built, ...ours.map((file) => ({path: file, linkTarget: undefined}))];
}

function checked(flavour: string, members: readonly TreeEntry[]): readonly TreeEntry[] {
  const problems = memberProblems(members);
  if (problems.length === 0) return members;
  throw new DistributionError(problems.map((problem) => `${flavour}: ${problem}`));
}

async function writeFiles(outputPath: string, files: ReadonlyMap<string, string>): Promise<void> {
  for (const [file, text] of files) {
    const hostPath = path.join(outputPath, file);
    await mkdir(path.dirname(hostPath), {recursive: true});
    await writeFile(hostPath, text);
  }
}
