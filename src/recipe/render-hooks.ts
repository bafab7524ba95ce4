import {InternalError} from '../core/errors.js';
import type {Variant} from '../core/variant.js';
import {select} from '../data/condition.js';
import type {HookBuild, Recipe} from './recipe.js';
import {applyPatch, expectations, showConfigureLog, unpackSource} from './render.js';
import {quote, quoteAll} from './shell.js';

/** The rendered stage of a recipe that is built by hooks. */
export interface HookScript {
  /** For `/bin/sh` in `/build`. The source is in `/build/source`; hooks do the rest. */
  readonly script: string;
  /** Patch files of the recipe, expected at `/src/patches/<file>`. */
  readonly patches: readonly string[];
  /** Hooks and the files that they use, from beside the recipe, expected at `/src/<file>`. */
  readonly files: readonly string[];
}

/** Renders a recipe that is built by hooks, for installation in `prefix`. Evaluates all conditions. */
export function renderHookScript(recipe: Recipe, prefix: string, context: Variant): HookScript {
  const {make, install} = hooksOf(recipe);
  return renderBuild(recipe, {prefix, context, hooks: [...make, ...install]});
}

/** The same for the interpreter that is trained: built by the hooks `instrument`. */
export function renderInstrumentScript(
  recipe: Recipe,
  prefix: string,
  context: Variant,
): HookScript {
  return renderBuild(recipe, {prefix, context, hooks: hooksOf(recipe).instrument});
}

/** Renders the training: for `/bin/sh` in `/build`, with the instrumented interpreter in `/in`. */
export function renderTrainScript(recipe: Recipe, context: Variant): HookScript {
  const build = hooksOf(recipe);
  const train = select(build.train, context);
  return {
    script: `${['set -eu', ...train.map(call)].join('\n')}\n`,
    patches: [],
    files: [...train, ...select(build.files, context)],
  };
}

/** Renders what takes the place of the training: unpacks a frozen profile, which lies in `/src`, into `/out`. */
export function renderThawScript(recipe: Recipe, fileName: string, context: Variant): HookScript {
  const lines = [
    'set -eu',
    `zstd -dqo /out/python.profdata ${quote(`/src/${fileName}`)}`,
    '. /src/list-functions.sh',
    'list_functions /out/python.profdata >/out/functions.tsv',
  ];
  return {
    script: `${lines.join('\n')}\n`,
    patches: [],
    files: select(hooksOf(recipe).files, context),
  };
}

/** The arguments of configure after `--build --host --prefix`. */
export function configureArguments(recipe: Recipe, context: Variant): readonly string[] {
  return select(hooksOf(recipe).configure, context);
}

function renderBuild(
  recipe: Recipe,
  settings: {prefix: string; context: Variant; hooks: HookBuild['make']},
): HookScript {
  const {prefix, context} = settings;
  const build = hooksOf(recipe);
  const patches = select(recipe.patches, context);
  const prepare = select(build.prepare, context);
  const hooks = select(settings.hooks, context);
  const sections = [
    'set -eu',
    unpackSource(recipe, context, 'source'),
    ...patches.map(context.ownTree === undefined ? applyPatch : applyToOwnTree),
    ...prepare.map(call),
    `./configure --build="$BUILD_TRIPLE" --host="$HOST_TRIPLE" ${quote(`--prefix=${prefix}`)} ` +
      quoteAll(configureArguments(recipe, context)),
    showConfigureLog,
    expectations(build.expect, context),
    ...hooks.map(call),
  ];
  const files = [...prepare, ...hooks, ...select(build.files, context)];
  return {script: `${sections.filter((section) => section !== '').join('\n')}\n`, patches, files};
}

/** Applies a patch to a developer's own tree, which may have changed where the patch does. */
function applyToOwnTree(file: string): string {
  const patch = quote(`/src/patches/${file}`);
  return [
    `${applyPatch(file)} || {`,
    `  echo 'error: ${file} does not apply to this tree. What it is for:'`,
    `  sed '/^---/,$d; s/^/  /' ${patch}`,
    `  echo 'Next: adapt recipes/cpython/${file} in a copy of the folder of Ampoule, and name that with --project;'`,
    "  echo '  or, if the tree has the change already, remove the patch from the recipe there.'",
    '  exit 1',
    '} >&2',
  ].join('\n');
}

function call(file: string): string {
  return `. ${quote(`/src/${file}`)}`;
}

function hooksOf({name, build}: Recipe): HookBuild {
  if (build?.system === 'hooks') return build;
  throw new InternalError(`recipe ${name} is not built by hooks`);
}
