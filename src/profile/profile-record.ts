import * as v from 'valibot';
import {stringify} from 'yaml';
import {parseBuildOptions, printBuildOptions} from '../core/build-options.js';
import type {Sha256} from '../core/digest.js';
import type {Result} from '../core/errors.js';
import {toolchainKinds, type ToolchainKind} from '../core/toolchain.js';
import {seriesOf} from '../core/variant.js';
import {
  choice,
  describe,
  list,
  map,
  mustBe,
  positiveInteger,
  record,
  sha256,
  text,
  type Schema,
} from '../data/schema.js';
import {parseYamlFile} from '../data/yaml-file.js';

/** What a profile is made from. A function whose control flow these change does not fit its profile any more. */
export interface ProfileInputs {
  /** The version of CPython, `3.14.7`. */
  readonly python: string;
  /** A triple. */
  readonly target: string;
  /** The option string of the build that was trained: without `lto`. */
  readonly options: string;
  /** The digest of CPython's source. */
  readonly source: Sha256;
  /** The digests of what was applied of each patch, by file name. */
  readonly patches: Readonly<Record<string, string>>;
  /** The glibc floor, or `suite` for the glibc of the sysroot. */
  readonly glibc: string;
  readonly toolchain: ToolchainKind;
  /** The version of clang. */
  readonly llvm: string;
  /** Where the compiler puts its counters: `ir`, into LLVM's intermediate representation. */
  readonly instrumentation: 'ir';
  readonly configure: readonly string[];
}

/** A user's program by which a profile was trained. */
export interface ProfileTaskRecord {
  /** Its file name. */
  readonly name: string;
  readonly sha256: Sha256;
  /** How often its counts were added. */
  readonly weight: number;
}

/** A frozen profile: what it was made from, and which bytes it is. */
export interface ProfileRecord extends ProfileInputs {
  /** The user's programs by which it was trained, beside the training of the recipe. */
  readonly tasks?: readonly ProfileTaskRecord[];
  /** ISO day of the training. */
  readonly date: string;
  /** The digest of the compressed file. */
  readonly sha256: Sha256;
  /** The size of the compressed file, in bytes. */
  readonly size: number;
}

const trainedOptions =
  'build options in their order, with pgo and without lto, which shares the profile';

/** The schema of a `profiles/<series>/<target>/<options>.yaml`. */
export const profileSchema: Schema<ProfileRecord> = map({
  python: describe(
    text({pattern: /^3\.\d+\.\d+\w*$/, wanted: 'a version of CPython such as "3.14.7"'}),
    'The version of CPython that was trained.',
  ),
  target: describe(text(), 'The triple that it was compiled for.'),
  options: describe(
    v.pipe(
      text({pattern: /^(?:[\w-]+\+)*pgo(?:\+[\w-]+)*$/, wanted: trainedOptions}),
      v.check(areTrained, mustBe(trainedOptions)),
    ),
    'The build options that it was compiled with, without lto.',
  ),
  date: describe(
    text({pattern: /^\d{4}-\d{2}-\d{2}$/, wanted: 'a day such as 2026-11-29'}),
    'The day of the training.',
  ),
  sha256: describe(sha256(), 'The digest of the compressed file beside this one.'),
  size: describe(positiveInteger(), 'The size of that file in bytes.'),
  tasks: describe(
    v.exactOptional(
      list(
        map({
          name: describe(text(), 'Its file name.'),
          sha256: describe(sha256(), 'Its digest.'),
          weight: describe(positiveInteger(), 'How often its counts were added.'),
        }),
      ),
    ),
    "The user's programs by which it was trained, beside the training of the recipe.",
  ),
  source: describe(sha256(), "The digest of CPython's source."),
  patches: describe(
    record(text(), sha256()),
    'The patches, each with the digest of what was applied of it.',
  ),
  glibc: describe(text(), 'The glibc floor, or suite.'),
  toolchain: describe(choice(toolchainKinds), 'The compilers.'),
  llvm: describe(text(), 'The version of clang.'),
  instrumentation: describe(
    v.pipe(
      choice(['ir']),
      v.transform(() => 'ir' as const),
    ),
    'Where the counters are: ir, those of -fprofile-generate.',
  ),
  configure: describe(list(text()), 'The arguments of configure.'),
});

/** Reads the text of a record. Returns all mistakes at once, with positions in `file`. */
export function parseProfileRecord(yaml: string, file: string): Result<ProfileRecord> {
  return parseYamlFile(profileSchema, yaml, file);
}

/** The text of a record. `parseProfileRecord` reads it. */
export function renderProfileRecord(record: ProfileRecord): string {
  const {python, glibc, target, options, date, sha256, size, source, toolchain, ...rest} = record;
  const {llvm, instrumentation, configure, patches, tasks} = rest;
  const head = '# yaml-language-server: $schema=../../../schemas/profile.schema.json\n';
  const entries = {python, target, options, date, sha256, size, source, glibc, toolchain, llvm};
  const settings = {
    lineWidth: 0,
    defaultStringType: 'QUOTE_DOUBLE',
    defaultKeyType: 'PLAIN',
  } as const;
  return (
    head +
    stringify(
      {...entries, ...(tasks === undefined ? {} : {tasks}), instrumentation, configure, patches},
      settings,
    )
  );
}

/** The place of a profile below a project, without an extension: `profiles/3.14/x86_64-unknown-linux-gnu/pgo`. */
export function profilePlace({
  python,
  target,
  options,
}: Pick<ProfileInputs, 'python' | 'target' | 'options'>): string {
  return `profiles/${seriesOf(python)}/${target}/${options}`;
}

/** What follows the place of a profile in the names of its two files. */
export const profileExtensions = {profile: '.profdata.zst', record: '.yaml'} as const;

/** Whether builds look up a profile by these options. */
function areTrained(text: string): boolean {
  const options = parseBuildOptions(text);
  return options.ok && printBuildOptions(options.value) === text && !options.value.includes('lto');
}
