import {sanitizerEnvironment} from '../core/sanitizer-environment.js';
import {variable, type Installation} from './installation.js';

/** What the interpreter of a tree needs of its environment: in a build folder, the way to its shared library. */
export function environmentOf(tree: Installation): Readonly<Record<string, string>> {
  const isNeeded = tree.layout === 'build folder' && variable(tree, 'RUNSHARED') !== undefined;
  const isWatched = /--with-address-sanitizer(?![\w=-])/.test(variable(tree, 'CONFIG_ARGS') ?? '');
  return {
    ...sanitizerEnvironment(isWatched ? ['asan'] : []),
    ...(isNeeded ? {LD_LIBRARY_PATH: tree.prefix} : {}),
  };
}
