import type {BuildPath} from '../build-paths.js';
import {rule, expectedFound, type Offence, type Rule} from '../rule.js';

/** Interpreters that a script may name, because they exist wherever the archive is unpacked. */
const shebangPrograms = ['/bin/sh', '/bin/bash', '/usr/bin/env'];

/** Rules about paths of the build, which may appear in the record of the build only. */
export const textRules: readonly Rule[] = [
  rule('text-shebang', 'Scripts name no interpreter of the build.', ({shebangs}) =>
    [...shebangs]
      .filter(([, program]) => program.startsWith('/') && !shebangPrograms.includes(program))
      .map(([path, program]) => ({
        path,
        message: expectedFound(`one of ${shebangPrograms.join(', ')}`, program),
      })),
  ),
  rule('text-bin-scripts', 'Scripts in bin/ are started by /bin/sh.', ({shebangs, prefix}) =>
    [...shebangs]
      .filter(([path, program]) => path.startsWith(`${prefix}/bin/`) && program !== '/bin/sh')
      .map(([path, program]) => ({path, message: expectedFound('/bin/sh', program)})),
  ),
  pathRule(
    'text-build-paths',
    'Texts have no path of the sandbox; distribution.json has, as the record of the build.',
    ({section, path}) =>
      section === undefined && !path.endsWith('/share/ampoule/distribution.json'),
  ),
  pathRule(
    'elf-build-paths',
    'What is loaded or linked has no path of the sandbox.',
    ({section}) => section !== undefined && !isDebug(section),
  ),
  pathRule(
    'dwarf-build-paths',
    'Debug information has no path of the sandbox.',
    ({section}) => section !== undefined && isDebug(section),
  ),
];

function isDebug(section: string): boolean {
  return /^\.z?debug_/.test(section);
}

function pathRule(id: string, demand: string, isOurs: (place: BuildPath) => boolean): Rule {
  return rule(id, demand, ({buildPaths}) =>
    buildPaths.filter(isOurs).map(({path, section, text}): Offence => {
      const where = section === undefined ? '' : ` in ${section}`;
      return {path, message: `expected no path of the build, found "${text}"${where}`};
    }),
  );
}
