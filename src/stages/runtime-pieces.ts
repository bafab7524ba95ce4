import {hasSanitizer, type BuildOptions} from '../core/build-options.js';
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

/** What is linked with a sanitizer, from the image that it is built in. */
const sanitizerPieces = [
  {
    name: 'compiler-rt',
    package: /^libclang-rt-\d+-dev$/,
    spdx: 'Apache-2.0 WITH LLVM-exception',
    texts: ['LICENSE.TXT'],
  },
] as const;

/** The runtime pieces of a variant, with their versions in its images and their texts from `licenses/`. */
export function runtimePieces(
  project: Project,
  {sysroot, rootfs, options}: {sysroot: string; rootfs: string; options: BuildOptions},
): readonly RuntimePiece[] {
  const always = piecesOf(project, sysroot, pieces);
  return hasSanitizer(options)
    ? [...always, ...piecesOf(project, rootfs, sanitizerPieces)]
    : always;
}

function piecesOf(
  project: Project,
  image: string,
  named: typeof pieces | typeof sanitizerPieces,
): readonly RuntimePiece[] {
  const packages = project.images.get(image)?.lock.packages ?? [];
  return named.map((piece) => ({
    name: piece.name,
    version: packages.find(({name}) => piece.package.test(name))?.version ?? '',
    spdx: piece.spdx,
    text: piece.texts.map((file) => project.licenseTexts[`${piece.name}/${file}`] ?? '').join('\n'),
  }));
}
