import {expectedExtensions} from '../extension-set.js';
import {rule, wantedGot, type Offence, type Rule} from '../rule.js';
import {extensionsOf, jsonRule} from './python-json-rules.js';

/** Which extension modules there are, and how they are linked. */
export const extensionRules: readonly Rule[] = [
  jsonRule(
    'extension-set',
    'The extension modules are those of this version, none missing and none more.',
    (json, archive) => {
      const wanted = expectedExtensions(archive.majorMinor).map(({name}) => name);
      const got = Object.keys(json.build_info.extensions);
      const path = 'python/PYTHON.json';
      return [
        ...wanted
          .filter((name) => !got.includes(name))
          .map((name) => ({path, message: `wanted the extension module ${name}`})),
        ...got
          .filter((name) => !wanted.includes(name))
          .map((name) => ({path, message: `wanted no extension module ${name}`})),
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
      return extensionsOf(json).flatMap(([name, {shared_lib}]): readonly Offence[] => {
        const isShared = expected.get(name);
        if (isShared === undefined || isShared === (shared_lib !== undefined)) return [];
        const wanted = isShared ? 'a library of its own' : 'a built-in module';
        return [{path: 'python/PYTHON.json', message: `extension ${name}: wanted ${wanted}`}];
      });
    },
  ),
  rule(
    'extension-files',
    'lib-dynload holds the shared extension modules and nothing else.',
    (archive) => {
      const folder = `${archive.standardLibrary}/lib-dynload/`;
      const wanted = expectedExtensions(archive.majorMinor)
        .filter(({isShared, isForTests}) => isShared && (archive.flavour === 'full' || !isForTests))
        .map(({name}) => name);
      const got = archive.members.flatMap(({path}) =>
        path.startsWith(folder) && path !== `${folder}.empty` ? [path.slice(folder.length)] : [],
      );
      const names = got.map((file) => /^(\w+)\.cpython-[^/]+\.so$/.exec(file)?.[1]);
      return [
        ...wanted
          .filter((name) => !names.includes(name))
          .map((name) => ({path: `${folder}${name}.*.so`, message: 'wanted it in the archive'})),
        ...got
          .filter((_file, index) => !wanted.includes(names[index] ?? ''))
          .map((file) => ({
            path: `${folder}${file}`,
            message: wantedGot(`only ${wanted.join(', ')}`, file),
          })),
      ];
    },
  ),
];
