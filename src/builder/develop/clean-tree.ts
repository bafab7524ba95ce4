import {access} from 'node:fs/promises';
import path from 'node:path';
import {InputError} from '../../core/errors.js';

/** What configure and make leave in a tree, and what make would find there in place of what it makes elsewhere. */
const leftovers = [
  'Makefile',
  'Modules/config.c',
  'Programs/python.o',
  'Python/frozen_modules/importlib._bootstrap.h',
  'config.status',
  'pyconfig.h',
  'python',
];

/** Those of some files of a tree that configure or make left there. */
export function leftoversOf(names: readonly string[]): readonly string[] {
  return leftovers.filter((name) => names.includes(name));
}

/** @throws InputError if a tree was configured or built in place. */
export async function refuseBuiltTree(tree: string): Promise<void> {
  const found: string[] = [];
  for (const name of leftovers) {
    await access(path.join(tree, name)).then(
      () => found.push(name),
      () => undefined,
    );
  }
  if (found.length === 0) return;
  throw new InputError([
    `${tree} was configured or built in place: it has ${found.join(', ')}.\n` +
      'A build outside of a tree would use these files.\n' +
      `Next: make -C ${tree} distclean; or, in a checkout, git -C ${tree} clean -fdx, which removes all untracked files.`,
  ]);
}
