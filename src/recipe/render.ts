import {InternalError} from '../core/errors.js';
import type {LibraryParts} from '../core/variant.js';
import {select, type Conditional} from '../data/condition.js';
import {compileEnvironment} from './environment.js';
import type {AutotoolsBuild, ExpectedAnswer, Recipe, ScriptBuild} from './recipe.js';
import {selectSource} from './select-source.js';
import {quote, quoteAll} from './shell.js';

/** The rendered stage of a recipe. With the digests of the source and of `/deps`, this is the complete key input. */
export interface BuildScript {
  /** For `/bin/sh` in `/build`. Writes the artifact to `/out`, which is merged into `/deps`. */
  readonly script: string;
  /** The complete environment, except for what the executor adds. */
  readonly environment: Readonly<Record<string, string>>;
  /** Patch files of `recipes/<name>/`, expected at `/src/patches/<file>`. */
  readonly patches: readonly string[];
  /** Licence texts of `licenses/<name>/`, expected at `/src/licenses/<file>`. */
  readonly licenseTexts: readonly string[];
}

/** Renders the stage of a recipe with a `build:` block. Evaluates all conditions. */
export function renderBuildScript(recipe: Recipe, context: LibraryParts): BuildScript {
  const {build} = recipe;
  if (build === undefined || build.system === 'hooks') {
    throw new InternalError(`recipe ${recipe.name} has no "build": its stage has its own renderer`);
  }
  const {sourceDateEpoch} = selectSource(recipe, context.sourceSet);
  const patches = select(recipe.patches, context);
  const licenseTexts = select(recipe.license.texts, context).map(({file}) => file);
  const sections = [
    'set -eu',
    unpackSource(recipe, context, recipe.name),
    ...patches.map(applyPatch),
    licenses(recipe, context, licenseTexts),
    ...select(build.prepare, context),
    ...(build.directory === '.' ? [] : [`cd ${quote(build.directory)}`]),
    ...(build.system === 'autotools'
      ? autotoolsSteps(build, context)
      : scriptSteps(build, context)),
    tidy(build, context),
    handOver(recipe),
  ];
  return {
    script: `${sections
      .map((section) => section.trimEnd())
      .filter((section) => section !== '')
      .join('\n')}\n`,
    environment: compileEnvironment(context, {
      part: 'dependency',
      sourceDateEpoch,
      cflags: select(build.cflags, context),
      cppflags: select(build.cppflags, context),
    }),
    patches,
    licenseTexts,
  };
}

/** The stage that tries what a recipe built: its script and environment. The artifact is empty. */
export function renderTestScript(
  recipe: Recipe,
  context: LibraryParts,
): Pick<BuildScript, 'script' | 'environment'> {
  const {sourceDateEpoch} = selectSource(recipe, context.sourceSet);
  const lines = select(recipe.test, context).map((text) => text.trimEnd());
  return {
    script: `${['set -eu', ...lines].join('\n')}\n`,
    environment: compileEnvironment(context, {part: 'dependency', sourceDateEpoch}),
  };
}

/** Whether a recipe is built by the stage of a dependency. */
export function isLibrary({build}: Recipe): boolean {
  return build !== undefined && build.system !== 'hooks';
}

/** Unpacks the source into a folder of `/build` and changes to it. */
export function unpackSource(recipe: Recipe, context: LibraryParts, folder: string): string {
  const {source} = selectSource(recipe, context.sourceSet);
  const {directory} = recipe.pins[context.sourceSet];
  const root = `/build/${folder}`;
  return [
    `mkdir ${quote(root)}`,
    // These options keep tar from restoring modes and owners of the archive, which it would do as root.
    `tar --no-same-owner -xf ${quote(`/src/${source.fileName}`)} -C ${quote(root)} --strip-components=1`,
    `cd ${quote(directory === '.' ? root : `${root}/${directory}`)}`,
  ].join('\n');
}

/** Applies a patch exactly, in the source's folder. */
export function applyPatch(file: string): string {
  return `patch -p1 --fuzz=0 --no-backup-if-mismatch -i ${quote(`/src/patches/${file}`)}`;
}

function licenses(recipe: Recipe, context: LibraryParts, texts: readonly string[]): string {
  const files = [
    ...select(recipe.license.files, context),
    ...texts.map((file) => `/src/licenses/${file}`),
  ];
  const target = `/build/staging/deps/share/licenses/${recipe.name}`;
  return [
    `mkdir -p ${quote(target)}`,
    `for file in ${quoteAll(files)}; do`,
    '  if [ ! -f "$file" ]; then',
    `    echo "recipe ${recipe.name}: the licence file $file is not in the source tree" >&2`,
    '    exit 1',
    '  fi',
    `  cp "$file" ${quote(`${target}/`)}`,
    'done',
  ].join('\n');
}

/** The work folder goes when the stage has succeeded; its log stays. */
export const showConfigureLog = "echo '== config.log'; cat config.log";

function autotoolsSteps(build: AutotoolsBuild, context: LibraryParts): readonly string[] {
  const configure = [
    build.program,
    '--build="$BUILD_TRIPLE" --host="$HOST_TRIPLE" --prefix=/deps',
    quoteAll(select(build.configure, context)),
  ];
  return [
    configure.join(' ').trimEnd(),
    showConfigureLog,
    expectations(build.expect, context),
    ['make', ...select(build.make, context).map(quote)].join(' '),
    ['make', ...select(build.install, context).map(quote), 'DESTDIR=/build/staging'].join(' '),
  ];
}

function scriptSteps(build: ScriptBuild, context: LibraryParts): readonly string[] {
  return [
    ...select(build.configure, context),
    expectations(build.expect, context),
    ...select(build.make, context),
    ...select(build.install, context),
  ];
}

const notDefined = '(not defined)';

/** Compares all answers before failing, so that one run shows all differences. The last one for a name counts. */
export function expectations(
  expect: readonly Conditional<ExpectedAnswer>[],
  context: LibraryParts,
): string {
  const given = select(expect, context);
  const lastOf = new Map(given.map((answer) => [`${answer.file}\n${answer.name}`, answer]));
  const answers = given.filter((answer) => lastOf.get(`${answer.file}\n${answer.name}`) === answer);
  if (answers.length === 0) return '';
  return [
    'unexpected=0',
    'expect() {',
    '  pattern="^(#[[:space:]]*define[[:space:]]+)?$2([[:space:]]*=[[:space:]]*|[[:space:]]+|\\$)"',
    '  if [ ! -f "$1" ]; then',
    "    got='(no such file)'",
    '  elif grep -Eq "$pattern" "$1"; then',
    `    got=$(sed -nE "s/$pattern//p" "$1" | tail -n 1 | sed -E "s/^(['\\"])(.*)\\1\\$/\\2/")`,
    '  else',
    `    got='${notDefined}'`,
    '  fi',
    '  if [ "$got" != "$3" ]; then',
    '    echo "unexpected answer of configure: $2 in $1: expected $3, found $got" >&2',
    '    unexpected=1',
    '  fi',
    '}',
    ...answers.map(
      ({file, name, value}) => `expect ${quote(file)} ${name} ${quote(value ?? notDefined)}`,
    ),
    'if [ "$unexpected" != 0 ]; then exit 1; fi',
  ].join('\n');
}

/** Programs, manuals, libtool and CMake files: nothing downstream needs them, and they contain paths of this build. */
function tidy(build: AutotoolsBuild | ScriptBuild, context: LibraryParts): string {
  return [
    'cd /build/staging/deps',
    ...select(build.tidy, context).map((lines) => lines.trimEnd()),
    'rm -rf bin sbin lib/cmake share/aclocal share/doc share/info share/locale share/man',
    "find . -name '*.la' -delete",
    'find . -depth -mindepth 1 -type d -empty -delete',
  ].join('\n');
}

function handOver(recipe: Recipe): string {
  return [
    ...recipe.provides.static.map(
      (library) =>
        `if [ ! -f lib/lib${library}.a ]; then echo "recipe ${recipe.name}: lib/lib${library}.a was not built" >&2; exit 1; fi`,
    ),
    'if grep -rF /build/ .; then',
    `  echo "recipe ${recipe.name}: these files name the build directory" >&2`,
    '  exit 1',
    'fi',
    'mv -- * /out/',
    'cd /build/staging',
    'rmdir deps',
    'stray=$(find . ! -type d)',
    'if [ -n "$stray" ]; then',
    `  echo "recipe ${recipe.name}: installed outside the prefix /deps:" >&2`,
    '  echo "$stray" >&2',
    '  exit 1',
    'fi',
  ].join('\n');
}
