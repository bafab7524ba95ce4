import {readFile} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {readComponents, type Component} from '../archive/inspect/extensions.js';
import {sizesByPart, type Part} from '../archive/inspect/parts.js';
import {readLinkedElf, type LinkedElf} from '../archive/inspect/scan.js';
import {mayBeLinkedElf} from '../archive/layout.js';
import {parseBuildOptions} from '../core/build-options.js';
import {elfBytesOf} from '../elf/elf-bytes.js';
import {compareDottedVersions} from '../elf/glibc-floor.js';
import type {ModuleDefinition} from '../setup-local/module-definition.js';
import {findAbsentModules, type AbsentModule} from './absent-modules.js';
import type {Installation, TreeLayout} from './installation.js';
import {LibraryFinder, type MissingLibrary} from './needed-libraries.js';
import {programFiles, readPresentModules, type PresentModule} from './present-modules.js';
import {readDocuments, readTreeFacts, type TreeFacts} from './tree-facts.js';
import {hasTests, treeFiles} from './tree-files.js';

/** What a tree is and holds. */
export interface TreeInspection {
  readonly layout: TreeLayout;
  readonly paths: Readonly<
    Record<'root' | 'prefix' | 'interpreter' | 'standardLibrary' | 'extensionModules', string>
  >;
  readonly facts: TreeFacts;
  /** The glibc that it needs, without what was installed into it; `undefined` when no file needs one. */
  readonly glibc: string | undefined;
  /** Bytes and number of the files that belong to Python; of a prefix with other programs, of no others. */
  readonly bytes: number;
  readonly files: number;
  readonly parts: readonly Part[];
  readonly extensions: readonly PresentModule[];
  readonly missingExtensions: readonly AbsentModule[];
  /** Libraries without which the interpreter itself does not start. */
  readonly missingLibraries: readonly MissingLibrary[];
  readonly components: readonly Component[];
  readonly elfs: readonly LinkedElf[];
  /** What the tree does not show, as sentences. */
  readonly notKnown: readonly string[];
}

/** What Ampoule knows of extension modules. */
export interface KnownModules {
  readonly definitions: readonly ModuleDefinition[];
  /** `3.13`, `3.14`: the Pythons for which `definitions` hold. */
  readonly series: readonly string[];
}

/** Collects what the files of a tree show. Nothing is executed. */
export async function inspectTree(
  tree: Installation,
  known: KnownModules,
): Promise<TreeInspection> {
  const documents = await readDocuments(tree);
  const facts = await readTreeFacts(tree, documents);
  const files = await treeFiles(tree);
  const elfs = await linkedElfs(tree, files);
  const isForeign = machineNames[elfs[0]?.machine ?? 0] !== os.machine();
  const finder = isForeign ? undefined : await LibraryFinder.open();
  const present = await readPresentModules(tree, finder);
  const isKnown = known.series.includes(tree.majorMinor);
  return {
    layout: tree.layout,
    paths: {
      ...{root: tree.rootPath, prefix: tree.prefix, interpreter: tree.executable},
      ...{standardLibrary: tree.standardLibrary, extensionModules: tree.dynamicLoad},
    },
    facts,
    glibc: elfs
      .flatMap(({glibc}) => glibc ?? [])
      .toSorted(compareDottedVersions)
      .at(-1),
    bytes: files.reduce((sum, {sizeBytes}) => sum + sizeBytes, 0),
    files: files.length,
    parts: tree.layout === 'build folder' ? [] : sizesByPart(files),
    extensions: present.modules,
    missingExtensions: findAbsentModules({
      tree,
      present: new Set(present.modules.map(({name}) => name)),
      failed: present.failed,
      definitions: isKnown ? known.definitions : [],
      context: contextOf(facts),
      isOwn: documents.distributionJson !== undefined,
      hasTests: await hasTests(tree),
    }),
    missingLibraries: (await finder?.missingFor(tree.executable)) ?? [],
    components: readComponents(documents.distributionJson),
    elfs,
    notKnown: [
      ...(tree.sysconfigProblem === undefined
        ? []
        : [`What sysconfig knows, and why modules are missing: ${tree.sysconfigProblem}.`]),
      ...(isForeign ? ['Whether libraries are missing: it was built for another machine.'] : []),
      ...(isKnown
        ? []
        : [
            `Modules that the standard library of Python ${tree.majorMinor} has beside those that its own configure names: ` +
              `Ampoule knows those of ${known.series.join(', ')}.`,
          ]),
    ],
  };
}

/** `EM_*` of the machines that Linux distributions are built for, by the kernel's names. */
const machineNames: Readonly<Record<number, string>> = {
  3: 'i686',
  21: 'ppc64le',
  22: 's390x',
  40: 'armv7l',
  62: 'x86_64',
  183: 'aarch64',
  243: 'riscv64',
};

/** The interpreter and its library first. What users have installed into the tree is left out. */
async function linkedElfs(
  tree: Installation,
  files: Awaited<ReturnType<typeof treeFiles>>,
): Promise<readonly LinkedElf[]> {
  const isInstalled = ({path: file}: {readonly path: string}) =>
    /\/(?:site|dist)-packages\//.test(file);
  const others = files.filter((file) => mayBeLinkedElf(file.path) && !isInstalled(file));
  const programs = await programFiles(tree);
  const hostPaths = new Set([...programs, ...others.map(({hostPath}) => hostPath)]);
  const elfs: LinkedElf[] = [];
  for (const hostPath of hostPaths) {
    const bytes = elfBytesOf(await readFile(hostPath));
    elfs.push(...readLinkedElf(path.relative(tree.rootPath, hostPath), bytes));
  }
  return elfs;
}

function contextOf({python, target, options}: TreeFacts) {
  const parsed = parseBuildOptions(options?.value ?? '');
  return {
    // Debian marks a version between releases with a plus.
    python: python?.value.replace('+', '') ?? '',
    target: {triple: target?.value ?? ''},
    options: parsed.ok ? parsed.value : [],
  };
}
