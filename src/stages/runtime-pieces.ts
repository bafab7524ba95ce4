import type {RuntimePiece} from '../distribution/parameters.js';
import type {Project} from './project.js';

/** What the compiler links implicitly: start files and runtime archives of the C library and the compiler. */
const pieces = [
  {
    name: 'gcc-runtime',
    /** The package of the sysroot that it comes from. */
    package: /^libgcc-\d+-dev$/,
    spdx: 'GPL-3.0-or-later WITH GCC-exception-3.1',
    texts: ['COPYING3', 'COPYING.RUNTIME'],
  },
  {name: 'glibc', package: /^libc6-dev$/, spdx: 'LGPL-2.1-or-later', texts: ['COPYING.LIB']},
] as const;

/** The runtime pieces of a sysroot, with their versions there and their texts from `licenses/`. */
export function runtimePieces(project: Project, sysroot: string): readonly RuntimePiece[] {
  const packages = project.images.get(sysroot)?.lock.packages ?? [];
  return pieces.map((piece) => ({
    name: piece.name,
    version: packages.find(({name}) => piece.package.test(name))?.version ?? '',
    spdx: piece.spdx,
    text: piece.texts.map((file) => project.licenseTexts[`${piece.name}/${file}`] ?? '').join('\n'),
  }));
}
