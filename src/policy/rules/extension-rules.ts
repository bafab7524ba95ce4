import {hasSanitizer} from '../../core/build-options.js';
import type {ArchiveContents} from '../archive-contents.js';
import {modulesOfOverlays} from '../distribution-record.js';
import {expectedExtensions} from '../extension-set.js';
import type {PythonJson} from '../python-json.js';
import {type Offence, rule, type Rule, treeFlavours, expectedFound} from '../rule.js';
import {
  differs,
  extensionsOf,
  jsonRule,
  linksOf,
  missing,
  pythonJsonPath as path,
} from './json-rule.js';

/** The libraries of the C library that objects may be linked with. */
const systemLinks = ['c', 'crypt', 'dl', 'm', 'pthread', 'rt', 'util'];

/** Another one, which the runtime of a sanitizer is linked with. */
const runtimeLink = 'resolv';

/** Rules about extension modules: which exist and how they are linked. */
export const extensionRules: readonly Rule[] = [
  jsonRule(
    'json-extension-files',
    "Every extension module's objects and library are in the archive.",
    (json, archive) =>
      extensionsOf(json).flatMap(([name, {objs, shared_lib, static_lib}]) =>
        missing(archive, [...objs, shared_lib, static_lib], `extension ${name}`),
      ),
  ),
  jsonRule(
    'json-extension-objects',
    'Every extension module outside the core has objects.',
    (json) =>
      extensionsOf(json)
        .filter(([, {in_core, objs}]) => !in_core && objs.length === 0)
        .map(([name]) => ({path, message: `extension ${name}: expected its objects, found none`})),
  ),
  jsonRule(
    'json-link-files',
    'Every static library that something is linked with is in the archive.',
    (json, archive) =>
      linksOf(json).flatMap(([owner, link]) =>
        missing(archive, [link.path_static, link.path_dynamic], owner),
      ),
  ),
  jsonRule('json-link-names', 'A static library has the name of its link: lib<name>.a.', (json) =>
    linksOf(json).flatMap(([owner, {name, path_static}]) =>
      path_static === undefined || path_static === `build/lib/lib${name}.a`
        ? []
        : [{path, message: `${owner}: ${expectedFound(`build/lib/lib${name}.a`, path_static)}`}],
    ),
  ),
  jsonRule(
    'json-system-links',
    'Libraries of the system are parts of the C library.',
    (json, {identity}) => {
      const allowed = hasSanitizer(identity?.options ?? [])
        ? [...systemLinks, runtimeLink]
        : systemLinks;
      return linksOf(json)
        .filter(([, {name, system}]) => system === true && !allowed.includes(name))
        .map(([owner, {name}]) => ({
          path,
          message: `${owner}: ${expectedFound(`one of ${allowed.join(', ')}`, name)}`,
        }));
    },
  ),
  jsonRule(
    'json-link-licences',
    'What is linked with a library of ours names its licences and their texts.',
    (json) =>
      extensionsOf(json)
        .filter(
          ([, {links, licenses, license_paths}]) =>
            links.some(({path_static}) => path_static !== undefined) &&
            (licenses === undefined || license_paths === undefined),
        )
        .map(([name]) => ({
          path,
          message: `extension ${name}: expected licenses and license_paths`,
        })),
  ),
  jsonRule(
    'json-inittab',
    'The built-in modules and their functions are those of config.c.',
    (json, archive) => inittabProblems(json, archive),
  ),
  jsonRule(
    'extension-set',
    'The extension modules are those of this version, none missing and none more, but for those of overlays.',
    (json, archive) => {
      const changed = modulesOfOverlays(archive);
      const wanted = expectedExtensions(archive.majorMinor).flatMap(({name}) =>
        changed.has(name) ? [] : [name],
      );
      const got = Object.keys(json.build_info.extensions).filter((name) => !changed.has(name));
      return [
        ...wanted
          .filter((name) => !got.includes(name))
          .map((name) => ({path, message: `expected the extension module ${name}`})),
        ...got
          .filter((name) => !wanted.includes(name))
          .map((name) => ({path, message: `expected no extension module ${name}`})),
      ];
    },
  ),
  jsonRule(
    'extension-linkage',
    'Each extension module is built in, or a library of its own, as users of it expect.',
    (json, archive) => {
      const expected = new Map(
        expectedExtensions(archive.majorMinor).map(({name, isShared}) => [name, isShared]),
      );
      const changed = modulesOfOverlays(archive);
      return extensionsOf(json).flatMap(([name, {shared_lib}]): readonly Offence[] => {
        const isShared = changed.has(name) ? undefined : expected.get(name);
        if (isShared === undefined || isShared === (shared_lib !== undefined)) return [];
        const wanted = isShared ? 'a library of its own' : 'a built-in module';
        return [{path, message: `extension ${name}: expected ${wanted}`}];
      });
    },
  ),
  rule(
    'extension-files',
    'lib-dynload holds the shared extension modules and nothing else.',
    (archive) => {
      const folder = `${archive.standardLibrary}/lib-dynload/`;
      const changed = modulesOfOverlays(archive);
      const wanted = expectedExtensions(archive.majorMinor)
        .filter(
          ({name, isShared, isForTests}) =>
            isShared &&
            !changed.has(name) &&
            (treeFlavours.includes(archive.flavour) || !isForTests),
        )
        .map(({name}) => name);
      const got = archive.members.flatMap(({path}) =>
        path.startsWith(folder) && path !== `${folder}.empty` ? [path.slice(folder.length)] : [],
      );
      const names = got.map((file) => /^(\w+)\.cpython-[^/]+\.so$/.exec(file)?.[1]);
      return [
        ...wanted
          .filter((name) => !names.includes(name))
          .map((name) => ({path: `${folder}${name}.*.so`, message: 'expected it in the archive'})),
        ...got
          .filter((_file, index) => {
            const name = names[index] ?? '';
            return !wanted.includes(name) && !changed.has(name);
          })
          .map((file) => ({
            path: `${folder}${file}`,
            message: expectedFound(`only ${wanted.join(', ')}`, file),
          })),
      ];
    },
  ),
];

function inittabProblems(json: PythonJson, {contents}: ArchiveContents): readonly Offence[] {
  const source = `python/${json.build_info.inittab_source}`;
  const text = contents.get(source)?.toString('utf8');
  if (text === undefined) return [];
  const wanted = initFunctionsIn(text);
  const builtin = extensionsOf(json).filter(([, {shared_lib}]) => shared_lib === undefined);
  const named = new Set(builtin.map(([name]) => name));
  return [
    ...builtin.flatMap(([name, {init_fn}]) =>
      differs(`extension ${name}, init_fn`, wanted.get(name) ?? 'not built in', init_fn),
    ),
    ...[...wanted.keys()]
      .filter((name) => !named.has(name))
      .map((name) => ({
        path: source,
        message: `has ${name}, which PYTHON.json does not have built in`,
      })),
  ];
}

/**
 * Module to init function, from every `{"name", init},` of a config.c. A reading of its own: what judges an archive
 * shares nothing with what the build read when it wrote PYTHON.json.
 */
function initFunctionsIn(configC: string): ReadonlyMap<string, string> {
  const entries = configC.matchAll(/^\s*\{\s*"(\w+)"\s*,\s*(\w+)\s*\},/gm);
  return new Map([...entries].map(([, name = '', init = 'NULL']) => [name, init]));
}
