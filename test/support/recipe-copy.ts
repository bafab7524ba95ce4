import {existsSync} from 'node:fs';
import {cp, mkdtemp, readdir, readFile, rm, writeFile} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {bumpRecipe, type Bump} from '../../src/builder/recipe-edit/bump.js';
import {readSuites, suitesOf} from '../../src/builder/recipe-edit/debian-suites.js';
import {
  openRecipes,
  requireSound,
  selectRecipes,
} from '../../src/builder/recipe-edit/open-recipes.js';
import {replaceRecipe} from '../../src/builder/recipe-edit/write-recipe.js';
import {DiskStore} from '../../src/store/disk-store.js';
import {startCommand, type CommandResult} from './fixture-project.js';
import type {SigningKey} from './signing-key.js';
import {noUpstream} from './upstream-hosts.js';

const root = path.resolve(import.meta.dirname, '../..');

/** A scratch copy of the real data of the project, with a store of its own. */
export interface RecipeCopy extends AsyncDisposable {
  readonly folder: string;
  /** The text of a recipe. */
  recipe(name: string): Promise<string>;
  /** Copies one more recipe. */
  add(name: string): Promise<void>;
  /** Replaces text in a recipe; it must be there. */
  edit(name: string, ...replacements: readonly (readonly [string, string])[]): Promise<void>;
  /** What lies in a folder of the copy. */
  list(folder: string): Promise<readonly string[]>;
  /** Runs `ampoule recipe ...` on it. No host of upstream's answers unless the environment says so. */
  run(words: readonly string[], environment?: NodeJS.ProcessEnv): Promise<CommandResult>;
}

/** Makes a copy of all recipes, or of some, that trusts suites signed with `key`. */
export async function copyRecipes(
  key: SigningKey,
  recipes?: readonly string[],
): Promise<RecipeCopy> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'ampoule recipes '));
  const isNeeded = (file: string): boolean => !file.endsWith('.lock.json');
  const all = ['recipes', 'licenses'];
  const some = recipes?.flatMap((recipe) => all.map((name) => `${name}/${recipe}`));
  for (const name of [...(some ?? all), 'docker']) {
    const options = {recursive: true, filter: isNeeded};
    if (existsSync(path.join(root, name))) {
      await cp(path.join(root, name), path.join(folder, name), options);
    }
  }
  const inside = (file: string): string => path.join(folder, file);
  await writeFile(inside('docker/keyrings/test.asc'), key.file.text);
  const recipe = (name: string) => readFile(inside(`recipes/${name}/recipe.yaml`), 'utf8');
  return {
    folder,
    recipe,
    add: (name) =>
      cp(path.join(root, 'recipes', name), inside(`recipes/${name}`), {recursive: true}),
    async edit(name, ...replacements) {
      await writeFile(
        inside(`recipes/${name}/recipe.yaml`),
        withReplacements(await recipe(name), ...replacements),
      );
    },
    list: (name) => readdir(inside(name)),
    run: (words, environment = {}) =>
      startCommand(
        [
          ...[process.execPath, path.join(root, 'lib/cli/main.js'), 'recipe', ...words],
          ...['--project', folder],
        ],
        {...process.env, AMPOULE_STORE: inside('store'), ...noUpstream, ...environment},
      ).result,
    [Symbol.asyncDispose]: () => rm(folder, {recursive: true, force: true}),
  };
}

/** Bumps a recipe of a copy as the command does, in this process, with suites from one mirror. */
export async function bumpHere(
  {folder}: RecipeCopy,
  mirror: string,
  [name, version]: readonly [string, string],
  date?: string,
): Promise<Bump> {
  const opened = await openRecipes(folder);
  const [reading] = requireSound(selectRecipes(opened.recipes, [name]));
  if (reading === undefined) throw new Error(name);
  const store = await DiskStore.open(path.join(folder, 'store'));
  const means = {store, onEvent: () => undefined, signal: new AbortController().signal};
  const rest = {project: folder, debianMirror: mirror, isOffline: false};
  const names = await suitesOf(opened);
  const bump = await bumpRecipe(reading, {
    ...{version, isOlderAllowed: false, means: {...means, date}},
    suites: (packages) => readSuites(names, packages, {...means, ...rest}),
  });
  await replaceRecipe(folder, name, bump);
  return bump;
}

/** The text with each replacement made once; each must be there. */
export function withReplacements(
  text: string,
  ...replacements: readonly (readonly [string, string])[]
): string {
  return replacements.reduce((edited, [from, to]) => {
    if (!edited.includes(from)) throw new Error(`the text does not hold ${from}`);
    return edited.replace(from, () => to);
  }, text);
}
