import {readdirSync} from 'node:fs';
import {mkdir, writeFile} from 'node:fs/promises';
import path from 'node:path';
import * as v from 'valibot';
import {compareCodeUnits} from '../core/digest.js';
import {inputTree, type HostFunctionBody, type HostFunctionContext} from '../core/host-function.js';
import {
  isLinkInTree,
  readInTree,
  resolveInTree,
  TreeFileError,
  type Tree,
} from '../core/tree-file.js';
import {elfBytesOf} from './elf-bytes.js';
import {readElf} from './elf-file.js';
import {keepInLinkerScript, renderConfigSite} from './floor-texts.js';
import {floorSymbols, cutHeader} from './floor-headers.js';
import type {FloorSymbols} from './floor-headers.js';
import {renderStubLibrary} from './stub-source.js';
import {cutAtFloor} from './stub-symbols.js';
import type {StubLibrary} from './stub-symbols.js';

const schema = v.object({
  /** The glibc that the output must run on, `2.17`. */
  floor: v.string(),
  /** The name of the suite's folders: `x86_64-linux-gnu`. */
  multiarch: v.string(),
  /** The file name of the dynamic loader. */
  loader: v.string(),
});

type GlibcFloorParameters = v.InferOutput<typeof schema>;

/** The libraries of glibc that programs link against. */
const sonames: readonly string[] = [
  'libanl.so.1',
  'libc.so.6',
  'libdl.so.2',
  'libm.so.6',
  'libpthread.so.0',
  'libresolv.so.2',
  'librt.so.1',
  'libutil.so.1',
];

/** A former library of glibc with a package of its own, which a suite may lack. */
const optionalSoname = 'libcrypt.so.1';

/** Cuts the libraries and headers of an unpacked sysroot at the floor. */
export const glibcFloorBody: HostFunctionBody<GlibcFloorParameters, GlibcFloorParameters> = {
  schema,
  run,
};

async function run(parameters: GlibcFloorParameters, context: HostFunctionContext): Promise<void> {
  const {floor, multiarch} = parameters;
  const suite = inputTree(context, 'suite');
  const libraries = cutLibraries(suite, parameters);
  const symbols = floorSymbols(libraries);
  const files = new Map([
    ...libraries.flatMap(libraryFiles),
    ...linkerScripts(suite, multiarch, libraries),
    ...changedHeaders(suite, symbols),
    ['config.site', renderConfigSite(floor, symbols.missing)] as const,
  ]);
  for (const [name, text] of files) {
    context.signal.throwIfAborted();
    const hostPath = path.join(context.outputPath, name);
    await mkdir(path.dirname(hostPath), {recursive: true});
    await writeFile(hostPath, text);
  }
  const kept = libraries.reduce((sum, library) => sum + library.symbols.length, 0);
  context.log(
    `glibc ${floor}: ${kept} symbols of ${libraries.length} libraries kept, ` +
      `${symbols.missing.size} functions missing`,
  );
}

function cutLibraries(
  suite: Tree,
  {floor, multiarch, loader}: GlibcFloorParameters,
): readonly StubLibrary[] {
  const cut = (soname: string): StubLibrary => {
    const bytes = readInTree(suite, `lib/${multiarch}/${soname}`);
    return cutAtFloor(readElf(elfBytesOf(bytes)), floor);
  };
  return [...sonames.map(cut), ...ifPresent(() => cut(optionalSoname)), cut(loader)];
}

function ifPresent<T>(read: () => T): readonly T[] {
  try {
    return [read()];
  } catch (error) {
    if (error instanceof TreeFileError && error.isMissing) return [];
    throw error;
  }
}

function libraryFiles(library: StubLibrary): readonly (readonly [string, string])[] {
  const {assembly, versionScript} = renderStubLibrary(library);
  return [
    [`libraries/${library.soname}.s`, assembly],
    [`libraries/${library.soname}.map`, versionScript],
  ];
}

/** `libc.so` and, if libmvec exists, `libm.so` are texts; the other names without a version are links. */
function linkerScripts(
  suite: Tree,
  multiarch: string,
  libraries: readonly StubLibrary[],
): readonly (readonly [string, string])[] {
  const stubs = new Set(libraries.map(({soname}) => soname));
  const isKept = (file: string): boolean =>
    stubs.has(path.posix.basename(file)) || file.endsWith('_nonshared.a');
  const scripts: (readonly [string, string])[] = [];
  for (const name of ['libc.so', 'libm.so']) {
    const file = `usr/lib/${multiarch}/${name}`;
    if (isLinkInTree(suite, file)) continue;
    const script = readInTree(suite, file).toString();
    scripts.push([`scripts/${name}`, keepInLinkerScript(script, isKept)]);
  }
  return scripts;
}

function changedHeaders(
  suite: Tree,
  symbols: FloorSymbols,
): readonly (readonly [string, string])[] {
  const folder = 'usr/include';
  const hostFolder = resolveInTree(suite, folder);
  // Links to folders are not followed: the headers in them are changed in their own place.
  const names = readdirSync(hostFolder, {recursive: true, withFileTypes: true})
    .filter((entry) => !entry.isDirectory() && entry.name.endsWith('.h'))
    .map(({name, parentPath}) => path.relative(hostFolder, path.join(parentPath, name)))
    .sort(compareCodeUnits);
  const changed: (readonly [string, string])[] = [];
  for (const name of names) {
    // Latin-1 preserves every byte.
    const text = readInTree(suite, `${folder}/${name}`).toString('latin1');
    const result = cutHeader(text, symbols);
    if (result !== text) changed.push([`include/${name}`, result]);
  }
  return changed;
}
