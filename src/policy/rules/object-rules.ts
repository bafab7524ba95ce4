import type {ArchiveContents} from '../archive-contents.js';
import type {ElfFacts} from '../elf-facts.js';
import {debugFlavours, rule, type Rule, strippedFlavours, treeFlavours} from '../rule.js';
import {libraryName, programName} from './layout-rules.js';

/** Rules about debug information, object files and static libraries. */
export const objectRules: readonly Rule[] = [
  rule(
    'elf-debug-info',
    'The program and libpython carry debug information.',
    (archive) =>
      mainFiles(archive)
        .filter(({debugSections}) => !debugSections.includes('.debug_info'))
        .map(({path}) => ({path, message: 'expected a section .debug_info'})),
    debugFlavours,
  ),
  rule(
    'elf-no-debug-info',
    'Stripped archives have no debug information.',
    ({elfFiles}) =>
      elfFiles
        .filter(({debugSections}) => debugSections.length > 0)
        .map(({path, debugSections}) => ({
          path,
          message: `expected no sections ${debugSections.join(', ')}`,
        })),
    strippedFlavours,
  ),
  rule(
    'elf-plain-debug-info',
    'Debug information is not compressed: not every tool can read it.',
    ({elfFiles}) =>
      elfFiles
        .filter(({compressedSections}) => compressedSections.length > 0)
        .map(({path, compressedSections}) => ({
          path,
          message: `expected plain sections ${compressedSections.join(', ')}`,
        })),
    debugFlavours,
  ),
  rule(
    'elf-objects',
    'Every .o file is a relocatable ELF object.',
    ({members, elfFiles}) => {
      const objects = new Set(
        elfFiles.filter(({type}) => type === 'relocatable').map(({path}) => path),
      );
      return members
        .filter(({path, kind}) => kind === 'file' && path.endsWith('.o') && !objects.has(path))
        .map(({path}) => ({path, message: 'expected a relocatable ELF object'}));
    },
    treeFlavours,
  ),
  rule(
    'elf-no-bitcode',
    'No file carries LLVM bitcode, which only one version of LLVM can read.',
    ({elfFiles}) =>
      elfFiles
        .filter(({hasBitcode}) => hasBitcode)
        .map(({path}) => ({path, message: 'expected no section .llvm.lto or .llvmbc'})),
  ),
  rule('library-members', 'Static libraries hold relocatable ELF objects.', ({staticLibraries}) =>
    staticLibraries.flatMap(({path, foreignMembers}) =>
      foreignMembers.map((name) => ({
        path: `${path}(${name})`,
        message: 'expected a relocatable ELF object',
      })),
    ),
  ),
  rule('library-index', 'Static libraries have a symbol index.', ({staticLibraries}) =>
    staticLibraries
      .filter(({hasIndex}) => !hasIndex)
      .map(({path}) => ({path, message: 'expected a symbol index: ranlib'})),
  ),
  rule(
    'library-stamps',
    'Members of static libraries have neither a time nor an owner.',
    ({staticLibraries}) =>
      staticLibraries.flatMap(({path, stampedMembers}) =>
        stampedMembers.map((name) => ({
          path: `${path}(${name})`,
          message: 'expected time, uid and gid 0: ar with D',
        })),
      ),
  ),
];

/** The program and the library, if they are ELF files. */
function mainFiles(archive: ArchiveContents): readonly ElfFacts[] {
  const {prefix} = archive;
  const paths = [
    `${prefix}/bin/${programName(archive)}`,
    `${prefix}/lib/${libraryName(archive)}.so.1.0`,
  ];
  return archive.elfFiles.filter(({path}) => paths.includes(path));
}
