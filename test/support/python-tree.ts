import {mkdir, mkdtemp, rm, symlink, writeFile} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {writeElf, type ElfShape} from './policy/elf-writer.js';

/** Files of a tree by their paths: texts, ELF files, links. */
export type TreeContent = Readonly<Record<string, string | ElfShape | {readonly link: string}>>;

/** A folder with a tree in it, which is removed at the end. */
export interface TemporaryTree extends AsyncDisposable {
  readonly hostPath: string;
}

/** Writes a tree below a folder of its own. */
export async function makeTree(content: TreeContent): Promise<TemporaryTree> {
  const hostPath = await mkdtemp(path.join(os.tmpdir(), 'ampoule tree '));
  for (const [name, file] of Object.entries(content)) {
    const target = path.join(hostPath, name);
    await mkdir(path.dirname(target), {recursive: true});
    if (typeof file !== 'string' && 'link' in file) await symlink(file.link, target);
    else await writeFile(target, typeof file === 'string' ? file : writeElf(file));
  }
  return {
    hostPath,
    [Symbol.asyncDispose]: () => rm(hostPath, {recursive: true, force: true}),
  };
}

/** A `_sysconfigdata` file with these variables. */
export function sysconfigData(variables: Readonly<Record<string, string | number>>): string {
  const lines = Object.entries(variables).map(([key, value]) =>
    typeof value === 'number' ? `'${key}': ${value}` : `'${key}': '${value}'`,
  );
  return `# system configuration generated and used by the sysconfig module\nbuild_time_vars = {${lines.join(',\n ')}}\n`;
}

/** An interpreter for x86-64 with these built-in modules. */
export function interpreterShape(...builtIn: readonly string[]): ElfShape {
  return {
    kind: 'executable',
    needed: [],
    symbols: builtIn.map((name) => ({name: `PyInit_${name}`, isDefined: true})),
  };
}
