import {existsSync} from 'node:fs';
import {lstat, mkdir, readdir, readFile, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {compareCodeUnits, type JsonValue} from '../core/digest.js';
import {InternalError} from '../core/errors.js';
import type {HostFunction, HostFunctionContext} from '../core/host-function.js';
import {elfBytesOf} from './elf-bytes.js';
import {readElf} from './elf-file.js';
import {keepInLinkerScript, renderConfigSite} from './floor-texts.js';
import {floorSymbols, cutHeader} from './floor-headers.js';
import type {FloorSymbols} from './floor-headers.js';
import {renderStubLibrary} from './stub-source.js';
import {cutAtFloor} from './stub-symbols.js';
import type {StubLibrary} from './stub-symbols.js';

/** The parameters of the host function: the glibc floor and the target. */
export interface GlibcFloorParameters {
  /** `2.17` */
  readonly floor: string;
  /** The name of the suite's folders: `x86_64-linux-gnu`. */
  readonly multiarch: string;
  /** The file name of the dynamic loader. */
  readonly loader: string;
}

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

/**
 * Writes what turns the input `suite`, an unpacked sysroot, into one with an older glibc. All of it is text:
 * `libraries/<soname>.s` and `.map` for the stub libraries, `scripts/` with the linker scripts, `include/` with the
 * headers that change, and `config.site`.
 */
export const glibcFloorFunction: HostFunction = {revision: 7, run};

async function run(context: HostFunctionContext): Promise<void> {
  const parameters = parseParameters(context.parameters);
  const {floor, multiarch} = parameters;
  const suite = context.inputs.get('suite');
  if (suite === undefined) throw new InternalError('glibc-floor has no input suite');
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

function parseParameters(parameters: JsonValue): GlibcFloorParameters {
  if (typeof parameters === 'object' && parameters !== null && !Array.isArray(parameters)) {
    const {floor, multiarch, loader} = parameters as Record<string, JsonValue>;
    if (typeof floor === 'string' && typeof multiarch === 'string' && typeof loader === 'string') {
      return {floor, multiarch, loader};
    }
  }
  throw new InternalError('glibc-floor wants the parameters floor, multiarch, loader');
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
