import {mkdir, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {inputTree, type HostFunctionBody, type HostFunctionContext} from '../core/host-function.js';
import type {Tree} from '../core/tree-file.js';
import {memberListPaths} from './archive-script.js';
import {readBuiltTree} from './built-tree.js';
import type {BuiltTree} from './built-tree.js';
import {collectLicences} from './licences/collect-licences.js';
import {describeDistribution} from './describe-distribution.js';
import {renderDistributionJson} from './distribution-json.js';
import {DistributionError} from './distribution-error.js';
import {componentsOf} from './extension-entries.js';
import type {LinkableComponent} from './extension-entries.js';
import {worksIn} from './licences/incorporated-works.js';
import {unlicensedProblems} from './licences/unlicensed-archives.js';
import type {LicenceText} from './licences/licence-text.js';
import {licenceFileName, renderNotice, spdxProblems} from './licences/licence-text.js';
import {
  formatMemberList,
  fullMembers,
  installOnlyMembers,
  memberProblems,
  withOwnForms,
} from './members.js';
import type {TreeEntry} from './members.js';
import {distributionParameters} from './parameters.js';
import type {DistributionParameters} from './parameters.js';
import {elfFiles, maximumGlibcVersion, walkTree} from './tree.js';

/** Reads the built tree, collects licences, writes what an archive says of itself. */
export const metadataBody: HostFunctionBody<DistributionParameters, DistributionParameters> = {
  schema: distributionParameters,
  run,
};

async function run(
  parameters: DistributionParameters,
  context: HostFunctionContext,
): Promise<void> {
  const built = await readBuiltTree(context);
  const licences = await readLicences(context, parameters, built);
  const components = await linkableComponents(context, parameters);
  const licensed = new Set(licences.map(({component}) => component));
  const unlicensed = [
    ...spdxProblems(licences),
    ...unlicensedProblems(built.linkedArchives, components, licensed),
  ];
  if (unlicensed.length > 0) throw new DistributionError(unlicensed);
  const programs = elfFiles(built.tree, built.entries);
  const glibc = maximumGlibcVersion(built.tree, programs);
  context.signal.throwIfAborted();
  const usedBy = usersOfComponents(built, components);
  const toolchainDigest = context.digests.get('toolchain');
  const {profileMatch} = built;
  const files = new Map(
    metadataFiles({
      ...{parameters, licences, maximumGlibcVersion: glibc},
      ...{usedBy, toolchainDigest, profileMatch},
    }),
  );
  files.set('python/PYTHON.json', '');
  const entries = overlay(built.entries, [...files.keys()]);
  const {pythonJson, exclusions} = describeDistribution({
    ...built,
    parameters,
    entries,
    maximumGlibcVersion: glibc,
    components,
  });
  files.set('python/PYTHON.json', pythonJson);
  const full = checked('full', fullMembers(entries));
  const installOnly = checked('install_only', installOnlyMembers(entries, exclusions));
  files.set(memberListPaths.full, formatMemberList(full));
  files.set(
    memberListPaths.installOnly,
    formatMemberList(withOwnForms(installOnly, built.entries)),
  );
  const isElf = new Set(programs);
  files.set(
    memberListPaths.programs,
    formatMemberList(installOnly.filter((member) => isElf.has(member.path))),
  );
  await writeFiles(context.outputPath, files);
  context.log(
    `${built.expected.length} extension modules, ${licences.length} licences, glibc ${glibc ?? 'none'}; ` +
      `full: ${full.length} files, install_only: ${installOnly.length} files`,
  );
}

function readLicences(
  context: HostFunctionContext,
  parameters: DistributionParameters,
  {runtime, tree, entries, parts}: BuiltTree,
): Promise<readonly LicenceText[]> {
  const objects = [...parts.values()].flatMap(({usedObjects}) => usedObjects);
  return collectLicences({
    parameters,
    runtime,
    cpython: tree,
    cpythonEntries: entries,
    works: worksIn(objects, runtime.version),
    dependencies: dependencyTrees(context, parameters),
  });
}

/** Component to the owners that it was linked for: `core` and extension modules. */
function usersOfComponents(
  {parts, runtime}: BuiltTree,
  components: readonly LinkableComponent[],
): ReadonlyMap<string, readonly string[]> {
  const users = new Map<string, string[]>();
  for (const [owner, part] of parts) {
    const works = [
      ...componentsOf(part, components),
      ...worksIn(part.usedObjects, runtime.version),
    ];
    for (const {name} of works) users.set(name, [...(users.get(name) ?? []), owner]);
  }
  return users;
}

function dependencyTrees(
  context: HostFunctionContext,
  {components}: DistributionParameters,
): ReadonlyMap<string, Tree> {
  return new Map(components.map(({name}) => [name, inputTree(context, `dependency/${name}`)]));
}

async function linkableComponents(
  context: HostFunctionContext,
  {components}: DistributionParameters,
): Promise<readonly LinkableComponent[]> {
  return Promise.all(
    components.map(async ({name, spdx}) => {
      const entries = await walkTree(inputTree(context, `dependency/${name}`).hostPath);
      const staticLibraries = entries.flatMap(
        (entry) => /^lib\/lib(.+)\.a$/.exec(entry.path)?.[1] ?? [],
      );
      return {name, spdx, staticLibraries};
    }),
  );
}

function metadataFiles(
  facts: Parameters<typeof renderDistributionJson>[0],
): readonly (readonly [string, string])[] {
  const {parameters, licences} = facts;
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
    [`${share}/distribution.json`, renderDistributionJson(facts)],
  ];
}

/** The entries of the artifact that go into an archive, plus the files of this stage. */
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
