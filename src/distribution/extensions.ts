import type {ExpectedModule} from './expected-modules.js';
import type {InittabEntry} from './inittab.js';
import type {LinkedModule} from './linked-modules.js';
import {licenceFileName} from './licences.js';

/** A library in PYTHON.json: one of ours, or one that the system must have. */
export type LinkEntry =
  | {readonly name: string; readonly path_static: string}
  | {readonly name: string; readonly system: true};

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

/** A component as far as linking goes. */
export interface LinkableComponent {
  readonly name: string;
  readonly spdx: string;
  /** The static libraries that its artifact holds, without `lib` and `.a`. */
  readonly staticLibraries: readonly string[];
}

/** What the extension entries are made from. */
export interface ExtensionInputs {
  readonly expected: readonly ExpectedModule[];
  readonly inittab: readonly InittabEntry[];
  readonly linked: readonly LinkedModule[];
  readonly components: readonly LinkableComponent[];
  /** Whether the archive holds a path, given relative to `python/`. */
  readonly hasPath: (path: string) => boolean;
  /** `install/lib/python3.14/lib-dynload` */
  readonly dynamicLoadDirectory: string;
  /** `.cpython-314-x86_64-linux-gnu.so` */
  readonly extensionSuffix: string;
}

/** The libraries of the C library that an archive may need; every other one must be ours. */
export const systemLibraries: readonly string[] = [
  'c',
  'crypt',
  'dl',
  'm',
  'pthread',
  'rt',
  'util',
];

/** SPDX ids of texts that give a work to the public domain. */
const publicDomainLicences: readonly string[] = ['blessing', 'LicenseRef-public-domain'];

/**
 * The extension modules of the distribution, by name, from what the build really used. Every entry is a list because
 * the format allows variants. `problems` holds one line for each contradiction: modules that are expected and not
 * built or the reverse, paths that are missing, libraries of unknown origin.
 */
export function describeExtensions(inputs: ExtensionInputs): {
  readonly extensions: Readonly<Record<string, readonly [ExtensionEntry]>>;
  readonly problems: readonly string[];
} {
  const builtin = new Map(inputs.inittab.map((entry) => [entry.name, entry]));
  const linked = new Map(inputs.linked.map((module) => [module.name, module]));
  const problems: string[] = [];
  const extensions: Record<string, readonly [ExtensionEntry]> = {};
  for (const module of inputs.expected) {
    const entry = describeExtension(inputs, {
      module,
      inittabEntry: builtin.get(module.name),
      linked: linked.get(module.name),
    });
    extensions[module.name] = [entry];
    problems.push(
      ...extensionProblems(inputs, {module, entry, isBuiltin: builtin.has(module.name)}),
    );
  }
  const names = new Set(inputs.expected.map(({name}) => name));
  for (const name of new Set([...builtin.keys(), ...linked.keys()])) {
    if (!names.has(name)) problems.push(`extension module ${name}: it was built but not expected`);
  }
  return {extensions, problems};
}

/** A library by name: ours when the archive has it, else the system's. */
export function linkEntry(name: string, hasPath: (path: string) => boolean): LinkEntry {
  const pathStatic = `build/lib/lib${name}.a`;
  return hasPath(pathStatic) ? {name, path_static: pathStatic} : {name, system: true};
}

/** A line for each link that is neither ours nor part of the C library. */
export function linkProblems(owner: string, links: readonly LinkEntry[]): readonly string[] {
  return links
    .filter((link) => 'system' in link && !systemLibraries.includes(link.name))
    .map(
      ({name}) =>
        `${owner}: it is linked with -l${name}, which is neither in build/lib nor part of the C library`,
    );
}

interface ModuleFacts {
  readonly module: ExpectedModule;
  readonly inittabEntry: InittabEntry | undefined;
  readonly linked: LinkedModule | undefined;
}

function describeExtension(inputs: ExtensionInputs, facts: ModuleFacts): ExtensionEntry {
  const {module, inittabEntry, linked} = facts;
  const isShared = module.linkage === 'shared';
  const initFunction = isShared ? `PyInit_${module.name}` : inittabEntry?.initFunction;
  return {
    in_core: module.linkage === 'core',
    init_fn: initFunction ?? 'NULL',
    ...licenceFields(inputs, linked?.libraries ?? []),
    links: (linked?.libraries ?? []).map((name) => linkEntry(name, inputs.hasPath)),
    objs: (linked?.objects ?? []).map((object) => `build/${object}`),
    required: module.required,
    ...(isShared
      ? {shared_lib: `${inputs.dynamicLoadDirectory}/${module.name}${inputs.extensionSuffix}`}
      : {}),
    variant: 'default',
  };
}

/** The licences of the libraries of ours that a module is linked with. */
function licenceFields(
  inputs: ExtensionInputs,
  libraries: readonly string[],
): Pick<ExtensionEntry, 'licenses' | 'license_paths' | 'license_public_domain'> {
  const components = inputs.components.filter(({staticLibraries}) =>
    staticLibraries.some((library) => libraries.includes(library)),
  );
  if (components.length === 0) return {};
  const isPublicDomain = components.every(({spdx}) => publicDomainLicences.includes(spdx));
  return {
    licenses: [...new Set(components.map(({spdx}) => spdx))],
    license_paths: components.map(({name}) => `licenses/${licenceFileName(name)}`),
    ...(isPublicDomain ? {license_public_domain: true} : {}),
  };
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
  const problems = [...linkProblems(owner, entry.links)];
  if (module.linkage === 'shared' ? isBuiltin : !isBuiltin) {
    const got = isBuiltin ? 'built into the interpreter' : 'not built into the interpreter';
    problems.push(`${owner}: wanted linkage ${module.linkage}, it is ${got}`);
  }
  if (module.linkage !== 'core' && entry.objs.length === 0) {
    problems.push(`${owner}: the Makefile has no link rule with objects for it`);
  }
  const paths = [...entry.objs, ...(entry.shared_lib === undefined ? [] : [entry.shared_lib])];
  for (const missing of paths.filter((path) => !inputs.hasPath(path))) {
    problems.push(`${owner}: ${missing} is not in the built tree`);
  }
  return problems;
}
