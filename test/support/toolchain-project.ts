import {cp, mkdir, readFile, writeFile} from 'node:fs/promises';
import path from 'node:path';
import type {FixtureProject} from './fixture-project.js';

/** The recipes of the toolchain's stages, in the order in which they are built. */
export const toolNames = ['cmake', 'binutils', 'gcc', 'llvm'] as const;

/** The shell script of each recipe that is not to be the usual one. */
export type ToolScripts = Partial<Readonly<Record<(typeof toolNames)[number], string>>>;

/** Gives a project a toolchain of the tiny image: each tool is a file that is named after it, unless its script is given. */
export async function addToolchain(project: FixtureProject, scripts: ToolScripts): Promise<void> {
  const {folder} = project;
  for (const image of ['bootstrap', 'base']) {
    await cp(path.join(folder, 'docker/build'), path.join(folder, 'docker', image), {
      recursive: true,
    });
    await project.edit(`docker/${image}/image.yaml`, 'name: build', `name: ${image}`);
  }
  const zlib = await readFile(path.join(folder, 'recipes/zlib/recipe.yaml'), 'utf8');
  for (const name of toolNames) {
    const recipe = path.join(folder, 'recipes', name);
    await mkdir(recipe);
    const text = zlib.replaceAll('zlib', name).replace(/^provides:[^]*/m, '');
    await writeFile(path.join(recipe, 'recipe.yaml'), text);
    const script = scripts[name] ?? `mkdir /out/bin; echo ${name} >/out/bin/${name}\n`;
    await writeFile(path.join(recipe, 'build.sh'), script);
  }
}
