import {InternalError} from '../core/errors.js';
import type {Variant} from '../core/variant.js';
import {select} from '../data/condition.js';
import type {Recipe} from './recipe.js';
import {applyPatch, expectations, unpackSource} from './render.js';
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
  const {build} = recipe;
  if (build?.system !== 'hooks') {
    throw new InternalError(`recipe ${recipe.name} is not built by hooks`);
  }
  const patches = select(recipe.patches, context);
  const prepare = select(build.prepare, context);
  const make = select(build.make, context);
  const install = select(build.install, context);
  const call = (file: string): string => `. ${quote(`/src/${file}`)}`;
  const sections = [
    'set -eu',
    unpackSource(recipe, context, 'source'),
    ...patches.map(applyPatch),
    ...prepare.map(call),
    `./configure --build="$BUILD_TRIPLE" --host="$HOST_TRIPLE" ${quote(`--prefix=${prefix}`)} ` +
      quoteAll(select(build.configure, context)),
    expectations(build.expect, context),
    ...[...make, ...install].map(call),
  ];
  const files = [...prepare, ...make, ...install, ...select(build.files, context)];
  return {script: `${sections.filter((section) => section !== '').join('\n')}\n`, patches, files};
}
