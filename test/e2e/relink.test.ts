import {readFileSync} from 'node:fs';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {archiveCases} from '../support/archive/archives.js';
import {hasProgram, outputOf} from '../support/archive/run.js';
import {makeScratch, removeScratch, unpack} from '../support/archive/unpack.js';

const hasCompiler = await hasProgram('gcc');

interface Link {
  readonly name: string;
  readonly path_static?: string;
}

/** What a program that links its own interpreter reads of PYTHON.json. */
interface BuildInfo {
  readonly inittab_object: string;
  readonly inittab_source: string;
  readonly inittab_cflags: readonly string[];
  readonly core: {readonly objs: readonly string[]; readonly links: readonly Link[]};
  readonly extensions: Readonly<
    Record<
      string,
      readonly {
        readonly objs: readonly string[];
        readonly links: readonly Link[];
        readonly shared_lib?: string;
      }[]
    >
  >;
}

/** Takes all that PYTHON.json lists, as PyOxidizer does, with the objects of the archive and the machine's compiler. */
describe.skipIf(!hasCompiler).each(archiveCases())(
  'an interpreter linked from %s',
  (_title, pair) => {
    let scratch: string;
    let folder: string;

    beforeAll(async () => {
      scratch = await makeScratch();
      await unpack(pair.full, scratch);
      folder = path.join(scratch, 'python');
    });

    afterAll(() => removeScratch(scratch));

    it('has every built-in module that PYTHON.json describes, with an inittab of its own', async () => {
      const {build_info: info} = JSON.parse(
        readFileSync(path.join(folder, 'PYTHON.json'), 'utf8'),
      ) as {readonly build_info: BuildInfo};
      const builtin = Object.entries(info.extensions).filter(
        ([, [extension]]) => extension?.shared_lib === undefined,
      );
      const variants = builtin.flatMap(([, extension]) => extension);
      const links = [...info.core.links, ...variants.flatMap((variant) => variant.links)];
      const include = `-I${path.join(folder, 'install/include', `python${pair.majorMinor}`)}`;
      const gcc = (args: readonly string[]) => outputOf('gcc', args, {cwd: folder});

      const embed = fileURLToPath(new URL('programs/embed.c', import.meta.url));
      await gcc([...info.inittab_cflags, include, '-c', info.inittab_source, '-o', 'inittab.o']);
      await gcc([include, '-c', embed, '-o', 'embed.o']);
      const objects = [...info.core.objs, ...variants.flatMap((variant) => variant.objs)];
      await gcc([
        ...['-rdynamic', '-no-pie', '-o', 'linked', 'embed.o', 'inittab.o'],
        ...new Set(objects.filter((object) => object !== info.inittab_object)),
        '-Wl,--start-group',
        ...new Set(links.flatMap((link) => link.path_static ?? [])),
        '-Wl,--end-group',
        ...new Set(links.flatMap(({name, path_static}) => (path_static ? [] : [`-l${name}`]))),
      ]);

      const names = builtin.map(([name]) => name);
      const program = `
import importlib, sys
for name in ${JSON.stringify(names)}:
    assert name in sys.builtin_module_names, name
    importlib.import_module(name)
import ssl; ssl.create_default_context()
print(len(sys.builtin_module_names))
`;
      const output = await outputOf(path.join(folder, 'linked'), [program], {
        cwd: scratch,
        env: {PYTHONHOME: path.join(folder, 'install')},
      });
      expect(output).toBe(`${names.length}\n`);
    });
  },
);
