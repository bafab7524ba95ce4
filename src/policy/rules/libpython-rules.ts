import type {ArchiveContents} from '../archive-contents.js';
import type {ElfFacts} from '../elf-facts.js';
import {rule, type Offence, type Rule} from '../rule.js';
import {libraryName} from './layout-rules.js';
import {extensionsOf} from './json-rule.js';

const apiNames = ['Py_Initialize', 'PyList_New', 'Py_CompileString'];

/** Rules about the exports of libpython. */
export const libpythonRules: readonly Rule[] = [
  libraryRule('libpython-api', 'libpython exports the C API.', ({exported}) =>
    apiNames.filter((name) => !exported.has(name)).map((name) => `expected it to export ${name}`),
  ),
  libraryRule(
    'libpython-init-functions',
    'libpython exports the init function of each built-in extension module and of no other.',
    ({exported}, {pythonJson}) => {
      if (pythonJson?.kind !== 'valid') return [];
      return extensionsOf(pythonJson.value).flatMap(([name, {init_fn, shared_lib}]) => {
        if (init_fn === 'NULL' || exported.has(init_fn) === (shared_lib === undefined)) return [];
        const wanted = shared_lib === undefined ? 'to export' : 'not to export';
        return [`expected it ${wanted} ${init_fn} of the extension module ${name}`];
      });
    },
  ),
];

function libraryRule(
  id: string,
  demand: string,
  problems: (library: ElfFacts, archive: ArchiveContents) => readonly string[],
): Rule {
  return rule(id, demand, (archive): readonly Offence[] => {
    const path = `${archive.prefix}/lib/${libraryName(archive)}.so.1.0`;
    const library = archive.elfFiles.find((elf) => elf.path === path);
    if (library === undefined) return [];
    return problems(library, archive).map((message) => ({path, message}));
  });
}
