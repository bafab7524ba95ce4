import {mkdir, mkdtemp, readFile} from 'node:fs/promises';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {archiveCases} from '../support/archive/archives.js';
import {readPythonJson} from '../support/archive/python-json.js';
import {hasProgram, outputOf} from '../support/archive/run.js';
import {makeScratch, removeScratch, unpack} from '../support/archive/unpack.js';

const hasCompiler = await hasProgram('gcc');

const pageOf = (name: string) =>
  readFile(path.resolve(import.meta.dirname, '../../docs', name), 'utf8');

/** The shell commands of a page, in order. */
function commandsOf(page: string): readonly string[] {
  return [...page.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, commands = '']) => commands);
}

/** The keys in the tables of a page, by the heading above. */
function keysOf(page: string): ReadonlyMap<string, readonly string[]> {
  return new Map(
    page.split(/^#+ /m).map((section) => {
      const [title = ''] = section.split('\n');
      return [title, [...section.matchAll(/^\| `(\w+)` \|/gm)].map(([, key = '']) => key)];
    }),
  );
}

const keysIn = (values: readonly object[]) => [
  ...new Set(values.flatMap((one) => Object.keys(one))),
];

describe.each(archiveCases())('%s and the manual', (_title, archives) => {
  let scratch: string;
  let folder: string;

  beforeAll(async () => {
    scratch = await makeScratch();
    await unpack(archives.full, scratch);
    folder = path.join(scratch, 'python');
  });
  afterAll(() => removeScratch(scratch));

  it('agree on what PYTHON.json holds', async () => {
    const documented = keysOf(await pageOf('python-json.md'));
    const json = readPythonJson(folder);
    const {core, extensions} = json.build_info;
    const modules = Object.values(extensions).flat();
    const links = [...core.links, ...modules.flatMap((module) => module.links)];

    const found = new Map([
      ['PYTHON.json', Object.keys(json)],
      ['build_info', Object.keys(json.build_info)],
      ['build_info.core', Object.keys(core)],
      ['An entry of build_info.extensions', keysIn(modules)],
      ['An entry of links', keysIn(links)],
    ]);
    for (const [title, keys] of found) {
      expect(documented.get(title), title).toEqual(expect.arrayContaining(keys));
      // These are there for other builds.
      const optional = ['shared_lib', 'path_dynamic'];
      const others = documented.get(title)?.filter((key) => !optional.includes(key)) ?? [];
      expect(keys, title).toEqual(expect.arrayContaining([...others]));
    }
  });

  it.skipIf(!hasCompiler)('agree on how programs embed it', async () => {
    const commands = commandsOf(await pageOf('embedding.md'));
    // The first unpacks the archive.
    const program = commands.slice(1).join('\n').replaceAll('3.14', archives.majorMinor);
    const place = await mkdtemp(path.join(scratch, 'page-'));
    await mkdir(path.join(place, 'python'));
    await outputOf('cp', ['--archive', '--link', `${folder}/.`, path.join(place, 'python')]);

    const output = await outputOf('/bin/sh', ['-euc', program], {cwd: place});

    const prefix = path.join(place, 'python/install');
    expect(output.split('\n')).toEqual([
      expect.stringMatching(`^shared ${prefix} OpenSSL 3`),
      expect.stringMatching(`^static ${prefix} OpenSSL 3`),
      '',
    ]);
  });
});
