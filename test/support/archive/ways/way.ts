import path from 'node:path';
import {expect} from 'vitest';
import type {ArchiveSet} from '../archives.js';
import type {Distribution} from '../distribution.js';
import {outputOf, run} from '../run.js';
import type {Finished, RunOptions} from '../run.js';

/** What a way to start an interpreter starts from. */
export interface Surroundings {
  /** A moved distribution that other ways use as well: it must be left as it is. */
  readonly distribution: Distribution;
  readonly pair: ArchiveSet;
  /** The name of the interpreter: `python3.14`, `python3.14td`. */
  readonly name: string;
  /** An empty folder for this way alone. */
  readonly place: string;
}

/** What the interpreter must find out about itself. Paths are compared with all links resolved. */
export interface Expected {
  /** The folder that holds `bin` and `lib`, as the interpreter sees it. */
  readonly prefix: string;
  /** The virtual environment, if it runs in one. */
  readonly environment?: string;
  /** `sys.executable` as it stands, where it must be that very text. */
  readonly executable?: string;
  /** Where `sys._base_executable` leads, below the prefix; that of the interpreter unless given. */
  readonly baseExecutable?: string;
  /** The executable is not looked at: a program that embeds the library may be anything. */
  readonly isEmbedded?: boolean;
}

/** One way to reach a distribution: how it was moved, linked or called. */
export interface Way {
  /** Goes on after "is found …". */
  readonly name: string;
  readonly needsCompiler?: boolean;
  /** Starts the interpreter with `probe` and says what it must have printed. */
  readonly start: (
    surroundings: Surroundings,
  ) => Promise<{readonly finished: Finished; readonly expected: Expected}>;
}

/** Options of `call`: how to run a program, and what it must find beyond the distribution's prefix. */
export interface CallOptions extends RunOptions {
  /** What comes before `-c` and the probe. */
  readonly args?: readonly string[];
  readonly expected?: Partial<Expected>;
}

/** Runs `program` with the probe and expects it to find the surroundings' distribution. */
export async function call(
  {distribution}: Surroundings,
  program: string,
  options: CallOptions = {},
): Promise<{readonly finished: Finished; readonly expected: Expected}> {
  const finished = await run(program, [...(options.args ?? []), '-c', probe], options);
  return {finished, expected: {prefix: distribution.prefix, ...options.expected}};
}

/** A program text that prints as JSON where the interpreter believes to be, each path also with its links resolved. */
export const probe = `
import json, os, sys, sysconfig
import _dbm, _ssl, encodings, encodings.latin_1
folder = lambda module: os.path.dirname(module.__file__)
paths = {
    **{name: getattr(sys, name) for name in ("prefix", "exec_prefix", "base_prefix", "base_exec_prefix")},
    "executable": sys.executable, "base_executable": sys._base_executable or "",
    "os": folder(os), "encodings": os.path.dirname(folder(encodings)), "_dbm": folder(_dbm),
    **{f"sysconfig {key}": value for key, value in sysconfig.get_paths().items()},
    **{f"sysconfig {key}": sysconfig.get_config_var(key) for key in ("LIBDIR", "INCLUDEPY", "LIBPL", "BINDIR", "installed_base")},
}
print(json.dumps({name: [path, os.path.realpath(path) if path else "", os.path.exists(path)] for name, path in paths.items()}))
`;

type Printed = Readonly<Record<string, readonly [path: string, real: string, exists: boolean]>>;

/** Asserts that the interpreter found everything, and said nothing else. */
export function expectFound(finished: Finished, expected: Expected, pair: ArchiveSet): void {
  expect(finished.stderr).toBe('');
  expect(finished.exit).toBe(0);
  const printed = JSON.parse(finished.stdout) as Printed;
  const realPaths = Object.fromEntries(
    Object.entries(printed).map(([key, [, real]]) => [key, real]),
  );
  expect(realPaths).toMatchObject(placesOf(expected, pair));
  const {executable} = expected;
  if (executable !== undefined) expect(printed['executable']?.[0]).toBe(executable);
  const missing = Object.entries(printed).filter(
    ([key, [, , exists]]) =>
      !exists && !(expected.isEmbedded === true && key.endsWith('executable')),
  );
  // A virtual environment makes the folder for headers only when a package brings some.
  expect(missing.map(([key]) => key).filter((key) => key !== 'sysconfig include')).toEqual([]);
  expect(Object.values(printed).filter(([text]) => text.startsWith('//'))).toEqual([]);
}

function placesOf(expected: Expected, {program, standardLibrary, linkName}: ArchiveSet) {
  const {prefix, environment, baseExecutable = `bin/${program}`, isEmbedded} = expected;
  const base = prefix === '/' ? '' : prefix;
  const own = environment ?? prefix;
  return {
    prefix: own,
    exec_prefix: own,
    base_prefix: prefix,
    base_exec_prefix: prefix,
    os: `${base}/lib/${standardLibrary}`,
    encodings: `${base}/lib/${standardLibrary}`,
    _dbm: `${base}/lib/${standardLibrary}/lib-dynload`,
    'sysconfig stdlib': `${base}/lib/${standardLibrary}`,
    'sysconfig purelib': `${own === '/' ? '' : own}/lib/${standardLibrary}/site-packages`,
    'sysconfig LIBDIR': `${base}/lib`,
    'sysconfig INCLUDEPY': `${base}/include/${linkName}`,
    ...(isEmbedded === true ? {} : {base_executable: `${base}/${baseExecutable}`}),
  };
}

/** Copies a distribution to `prefix`, whose parent folders are made; its files are hard links. */
export async function copyByLinks(from: Distribution, prefix: string): Promise<void> {
  await outputOf('mkdir', ['-p', path.dirname(prefix)]);
  await outputOf('cp', ['--archive', '--link', from.prefix, prefix]);
}
