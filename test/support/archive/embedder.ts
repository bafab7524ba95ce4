import {readFile, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import type {Extension, Link} from './python-json.js';
import {readPythonJson} from './python-json.js';
import {outputOf} from './run.js';

/** A program with an interpreter of its own inside. */
export interface Embedder {
  readonly executable: string;
  /** The modules in its table of built-in ones. */
  readonly modules: readonly string[];
  /** The static libraries that it was linked with. */
  readonly libraries: readonly string[];
}

/** What to link. */
export interface EmbedderOptions {
  /** `python/` of an unpacked full archive. The program is put beside the interpreter in it. */
  readonly folder: string;
  readonly name: string;
  readonly compiler: string;
  /** Extension modules to build in, beside those that the interpreter does not start without. */
  readonly modules: readonly string[];
}

const mainProgram = fileURLToPath(new URL('../../e2e/programs/embed.c', import.meta.url));

/**
 * Links an interpreter as an embedder does: out of nothing but the archive, told by PYTHON.json's `build_info`, with a
 * compiler of the machine and a table of built-in modules of its own.
 */
export async function linkEmbedder(options: EmbedderOptions): Promise<Embedder> {
  const {folder, name} = options;
  const json = readPythonJson(folder);
  const {core, extensions, inittab_cflags, inittab_object, inittab_source} = json.build_info;
  const chosen = Object.entries(extensions).flatMap(([module, [variant]]) => {
    if (variant === undefined || variant.shared_lib !== undefined) return [];
    const isWanted = variant.required || variant.in_core || options.modules.includes(module);
    return isWanted ? [[module, variant] as const] : [];
  });
  const inittab = path.join(folder, `${name}-inittab.c`);
  const config = await readFile(path.join(folder, inittab_source), 'utf8');
  await writeFile(inittab, rewriteInittab(config, new Map(chosen)));
  const include = `-I${json.python_paths['include'] ?? ''}`;
  const compile = async (source: string, object: string, flags: readonly string[]) =>
    outputOf(options.compiler, [...flags, include, '-c', source, '-o', object], {cwd: folder});
  await compile(inittab, `${name}-inittab.o`, inittab_cflags);
  await compile(mainProgram, `${name}-main.o`, []);
  const variants = chosen.map(([, variant]) => variant);
  const objects = [...core.objs, ...variants.flatMap(({objs}) => objs)];
  const links = [...variants.flatMap((variant) => variant.links), ...core.links];
  const executable = path.join(folder, 'install/bin', name);
  await outputOf(
    options.compiler,
    [
      ...['-rdynamic', '-no-pie', '-o', executable, `${name}-main.o`, `${name}-inittab.o`],
      ...objects.filter((object) => object !== inittab_object),
      ...linkArguments(links),
    ],
    {cwd: folder},
  );
  return {
    executable,
    modules: chosen.map(([module]) => module),
    libraries: [...new Set(links.flatMap((link) => link.path_static ?? []))],
  };
}

/** The libraries of some links, as a linker that reads each only once wants them. */
export function linkArguments(links: readonly Link[]): readonly string[] {
  return [
    '-Wl,--start-group',
    ...new Set(links.flatMap((link) => link.path_static ?? [])),
    '-Wl,--end-group',
    ...new Set(links.flatMap((link) => (link.system === true ? [`-l${link.name}`] : []))),
  ];
}

/** The archive's own source, with other modules in its table. */
function rewriteInittab(config: string, modules: ReadonlyMap<string, Extension>): string {
  const functions = [...modules.values()].flatMap(({init_fn}) =>
    init_fn === 'NULL' ? [] : [`extern PyObject* ${init_fn}(void);`],
  );
  const entries = [...modules].map(([name, {init_fn}]) => `    {"${name}", ${init_fn}},`);
  const table = ['struct _inittab _PyImport_Inittab[] = {', ...entries, '    {0, 0}', '};'];
  const start = config.indexOf('struct _inittab _PyImport_Inittab[]');
  const end = config.indexOf('};', start) + 2;
  if (start === -1) throw new Error('the source of the inittab has no table');
  return `${config.slice(0, start)}${[...functions, ...table].join('\n')}${config.slice(end)}`;
}
