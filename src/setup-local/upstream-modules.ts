import type {Diagnostic, Result} from '../core/errors.js';
import {failure, success} from '../core/errors.js';
import {parseInittab} from '../data/inittab.js';
import {parseSetupText} from './setup-text.js';
import type {UpstreamModule} from './upstream-module.js';

/** The texts of CPython's four files that define extension modules. */
export interface UpstreamTexts {
  readonly setup: string;
  readonly bootstrap: string;
  readonly stdlib: string;
  readonly configC: string;
}

/** The files' names below `Modules/`. */
export const upstreamFileNames: Readonly<Record<keyof UpstreamTexts, string>> = {
  setup: 'Setup',
  bootstrap: 'Setup.bootstrap.in',
  stdlib: 'Setup.stdlib.in',
  configC: 'config.c.in',
};

/**
 * Every module of the four files. If several define one, the first of these counts, as in makesetup: Setup.stdlib,
 * Setup.bootstrap, Setup, config.c, a commented line of Setup. Assumes that configure runs with
 * `MODULE_BUILDTYPE=static` and enables every conditional line.
 */
export function parseUpstreamModules(
  texts: UpstreamTexts,
): Result<ReadonlyMap<string, UpstreamModule>> {
  const names = upstreamFileNames;
  const stdlib = parseSetupText(`Modules/${names.stdlib}`, texts.stdlib, 'stdlib');
  const bootstrap = parseSetupText(`Modules/${names.bootstrap}`, texts.bootstrap, 'bootstrap');
  const setup = parseSetupText(`Modules/${names.setup}`, texts.setup, 'setup');
  const core = coreModules(`Modules/${names.configC}`, texts.configC);

  const diagnostics: Diagnostic[] = [];
  const modules = new Map<string, UpstreamModule>();
  for (const {result, file} of [
    {result: stdlib, file: names.stdlib},
    {result: bootstrap, file: names.bootstrap},
    {result: setup, file: undefined},
    {result: core, file: names.configC},
  ]) {
    diagnostics.push(...result.diagnostics);
    if (result.modules.length === 0 && file !== undefined && result.diagnostics.length === 0) {
      diagnostics.push({
        file: `Modules/${file}`,
        message: 'names no module: is this the right file?',
      });
    }
  }
  const active = [stdlib, bootstrap, setup, core].flatMap((result) => result.modules);
  for (const module of [...active, ...setup.commented]) {
    if (!modules.has(module.name)) modules.set(module.name, module);
  }
  return diagnostics.length > 0 ? failure(diagnostics) : success(modules);
}

/** The modules in the table of built-in modules of `config.c.in`. */
function coreModules(
  file: string,
  text: string,
): {readonly modules: readonly UpstreamModule[]; readonly diagnostics: readonly Diagnostic[]} {
  const {entries, mistakes} = parseInittab(text);
  return {
    modules: entries.map(({name, initFunction, line}) => ({
      name,
      origin: 'config.c',
      linkage: 'core',
      words: [],
      sources: [],
      archives: [],
      initFunction,
      place: {file, line},
    })),
    diagnostics: mistakes.map((mistake) => ({file, ...mistake})),
  };
}
