import type {InittabEntry} from '../data/inittab.js';
import type {ExpectedModule} from '../data/modules-json.js';
import type {IncorporatedWork} from './licences/incorporated-works.js';
import {licenceFileName} from './licences/licence-text.js';
import type {LinkedPart} from './linkage/module-parts.js';
import {linkEntries, linkProblems} from './linkage/python-json-links.js';
import type {LinkEntry} from './linkage/python-json-links.js';
import {dependencyProblems} from './linkage/undeclared-links.js';

/** One way of building an extension module, as PYTHON.json has it. */
export interface ExtensionEntry {
  readonly in_core: boolean;
  readonly init_fn: string;
  readonly license_paths?: readonly string[];
  readonly license_public_domain?: true;
  readonly licenses?: readonly string[];
  readonly links: readonly LinkEntry[];
  readonly objs: readonly string[];
  readonly required: boolean;
  readonly shared_lib?: string;
  readonly variant: 'default';
}

/** The link-related part of a component. */
export interface LinkableComponent {
  readonly name: string;
  readonly spdx: string;
  /** The static libraries in its artifact, without `lib` and `.a`. */
  readonly staticLibraries: readonly string[];
}

/** The inputs of the extension entries. */
export interface ExtensionInputs {
  readonly expected: readonly ExpectedModule[];
  readonly inittab: readonly InittabEntry[];
  /** By owner: `core` and each extension module that has objects. */
  readonly parts: ReadonlyMap<string, LinkedPart>;
  readonly components: readonly LinkableComponent[];
  /** The incorporated works in a module's objects. */
  readonly worksOf: (part: LinkedPart) => readonly IncorporatedWork[];
  /** Whether the archive contains a path relative to `python/`. */
  readonly hasPath: (path: string) => boolean;
  /** `install/lib/python3.14/lib-dynload` */
  readonly dynamicLoadDirectory: string;
  /** `.cpython-314-x86_64-linux-gnu.so` */
  readonly extensionSuffix: string;
}

/** SPDX ids of public domain dedications. */
const publicDomainLicences: readonly string[] = ['blessing', 'LicenseRef-public-domain'];

/**
 * The extension modules of the distribution by name, from what the build actually linked. Every entry is a list because
 * the format allows variants. `problems` has one line for each difference between expectation and build: modules,
 * libraries, missing paths.
 */
export function describeExtensions(inputs: ExtensionInputs): {
  readonly extensions: Readonly<Record<string, readonly [ExtensionEntry]>>;
  readonly problems: readonly string[];
} {
  const builtin = new Map(inputs.inittab.map((entry) => [entry.name, entry]));
  const required = new Set(inputs.expected.flatMap((m) => (m.required ? [m.name] : [])));
  const problems: string[] = [];
  const extensions: Record<string, readonly [ExtensionEntry]> = {};
  for (const module of inputs.expected) {
    const part = inputs.parts.get(module.name);
    const entry = describeExtension(inputs, module, builtin.get(module.name));
    extensions[module.name] = [entry];
    problems.push(
      ...extensionProblems(inputs, {module, entry, isBuiltin: builtin.has(module.name)}),
      ...dependencyProblems(module, part, required),
    );
  }
  const names = new Set(inputs.expected.map(({name}) => name));
  for (const name of new Set([...builtin.keys(), ...inputs.parts.keys()])) {
    if (!names.has(name) && name !== 'core') {
      problems.push(`extension module ${name}: it was built but not expected`);
    }
  }
  return {extensions, problems};
}

function describeExtension(
  inputs: ExtensionInputs,
  module: ExpectedModule,
  inittabEntry: InittabEntry | undefined,
): ExtensionEntry {
  const part = inputs.parts.get(module.name);
  const isShared = module.linkage === 'shared';
  const initFunction = isShared ? `PyInit_${module.name}` : inittabEntry?.initFunction;
  return {
    in_core: module.linkage === 'core',
    init_fn: initFunction ?? 'NULL',
    ...licenceFields(inputs, part),
    links: linkEntries(part, module.libraries),
    objs: (part?.objects ?? []).map((object) => `build/${object}`),
    required: module.required,
    ...(isShared
      ? {shared_lib: `${inputs.dynamicLoadDirectory}/${module.name}${inputs.extensionSuffix}`}
      : {}),
    variant: 'default',
  };
}

/** The licences of the bundled libraries that a module is linked with, and of the works in its objects. */
function licenceFields(
  {components, worksOf}: ExtensionInputs,
  part: LinkedPart | undefined,
): Pick<ExtensionEntry, 'licenses' | 'license_paths' | 'license_public_domain'> {
  if (part === undefined) return {};
  const works = [...componentsOf(part, components), ...worksOf(part)];
  if (works.length === 0) return {};
  const isPublicDomain = works.every(({spdx}) => publicDomainLicences.includes(spdx));
  return {
    licenses: [...new Set(works.map(({spdx}) => spdx))],
    license_paths: works.map(({name}) => `licenses/${licenceFileName(name)}`),
    ...(isPublicDomain ? {license_public_domain: true} : {}),
  };
}

/** The components whose static libraries a part is linked with. */
export function componentsOf(
  {libraries}: LinkedPart,
  components: readonly LinkableComponent[],
): readonly LinkableComponent[] {
  return components.filter(({staticLibraries}) =>
    staticLibraries.some((library) => libraries.includes(library)),
  );
}

function extensionProblems(
  inputs: ExtensionInputs,
  facts: {
    readonly module: ExpectedModule;
    readonly entry: ExtensionEntry;
    readonly isBuiltin: boolean;
  },
): readonly string[] {
  const {module, entry, isBuiltin} = facts;
  const owner = `extension module ${module.name}`;
  const problems = [...linkProblems(owner, entry.links, inputs.hasPath)];
  if (module.linkage === 'shared' ? isBuiltin : !isBuiltin) {
    const got = isBuiltin ? 'built into the interpreter' : 'not built into the interpreter';
    problems.push(`${owner}: expected linkage ${module.linkage}, it is ${got}`);
  }
  if (module.linkage !== 'core' && entry.objs.length === 0) {
    problems.push(`${owner}: the Makefile has no link rule with objects for it`);
  }
  if (entry.shared_lib !== undefined && !inputs.hasPath(entry.shared_lib)) {
    problems.push(`${owner}: ${entry.shared_lib} is not in the built tree`);
  }
  return problems;
}
