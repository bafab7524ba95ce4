import {existsSync} from 'node:fs';
import {lstat, mkdir, readdir, readFile, writeFile} from 'node:fs/promises';
import path from 'node:path';
import * as v from 'valibot';
import {compareCodeUnits} from '../core/digest.js';
import {inputPath, type HostFunctionBody, type HostFunctionContext} from '../core/host-function.js';
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
  const suite = inputPath(context, 'suite');
  const libraries = await cutLibraries(suite, parameters);
  const symbols = floorSymbols(libraries);
  const files = new Map([
    ...libraries.flatMap(libraryFiles),
    ...(await linkerScripts(path.join(suite, 'usr/lib', multiarch), libraries)),
    ...(await changedHeaders(suite, symbols)),
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

async function cutLibraries(
  suite: string,
  {floor, multiarch, loader}: GlibcFloorParameters,
): Promise<readonly StubLibrary[]> {
  const folder = path.join(suite, 'lib', multiarch);
  const hasOptional = existsSync(path.join(folder, optionalSoname));
  const present = [...sonames, ...(hasOptional ? [optionalSoname] : []), loader];
  return Promise.all(
    present.map(async (soname) =>
      cutAtFloor(readElf(elfBytesOf(await readFile(path.join(folder, soname)))), floor),
    ),
  );
}

function libraryFiles(library: StubLibrary): readonly (readonly [string, string])[] {
  const {assembly, versionScript} = renderStubLibrary(library);
  return [
    [`libraries/${library.soname}.s`, assembly],
    [`libraries/${library.soname}.map`, versionScript],
  ];
}

/** `libc.so` and, if libmvec exists, `libm.so` are texts; the other names without a version are links. */
async function linkerScripts(
  folder: string,
  libraries: readonly StubLibrary[],
): Promise<readonly (readonly [string, string])[]> {
  const stubs = new Set(libraries.map(({soname}) => soname));
  const isKept = (file: string): boolean =>
    stubs.has(path.posix.basename(file)) || file.endsWith('_nonshared.a');
  const scripts: (readonly [string, string])[] = [];
  for (const name of ['libc.so', 'libm.so']) {
    const file = path.join(folder, name);
    if ((await lstat(file)).isSymbolicLink()) continue;
    const script = await readFile(file, 'utf8');
    scripts.push([`scripts/${name}`, keepInLinkerScript(script, isKept)]);
  }
  return scripts;
}

async function changedHeaders(
  suite: string,
  symbols: FloorSymbols,
): Promise<readonly (readonly [string, string])[]> {
  const folder = path.join(suite, 'usr/include');
  const names = (await readdir(folder, {recursive: true}))
    .filter((name) => name.endsWith('.h'))
    .sort(compareCodeUnits);
  const changed: (readonly [string, string])[] = [];
  for (const name of names) {
    // Latin-1 preserves every byte.
    const text = await readFile(path.join(folder, name), 'latin1');
    const result = cutHeader(text, symbols);
    if (result !== text) changed.push([`include/${name}`, result]);
  }
  return changed;
}
