import {chmod, symlink, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import {outputOf, run} from '../run.js';
import type {Surroundings, Way} from './way.js';
import {call, copyByLinks, probe} from './way.js';

const program = (name: string) =>
  fileURLToPath(new URL(`../../../e2e/programs/${name}`, import.meta.url));

const inside = ({distribution}: Surroundings) => ({prefix: distribution.prefix});

/** Compiles a program that is linked with the library. */
async function compileEmbedding(all: Surroundings, ...flags: readonly string[]): Promise<string> {
  const {prefix} = all.distribution;
  const executable = path.join(all.place, 'embed');
  const headers = `-I${prefix}/include/${all.pair.linkName}`;
  await outputOf('gcc', [
    ...['-o', executable, headers, program('embed.c')],
    ...[`-L${prefix}/lib`, `-l${all.pair.linkName}`, ...flags],
  ]);
  return executable;
}

/** Compiles a program that knows nothing of Python until it opens the library at run time. */
async function compileLoading(all: Surroundings): Promise<string> {
  const executable = path.join(all.place, 'load');
  await outputOf('gcc', ['-o', executable, program('load.c'), '-ldl']);
  return executable;
}

const embedding: readonly Way[] = [
  {
    name: 'by a program that is linked with its library',
    needsCompiler: true,
    start: async (all) => {
      const executable = await compileEmbedding(all, `-Wl,-rpath,${all.distribution.prefix}/lib`);
      const finished = await run(executable, [probe], {cwd: '/'});
      return {finished, expected: {...inside(all), isEmbedded: true}};
    },
  },
  {
    name: 'by a program that finds its library by a relative LD_LIBRARY_PATH',
    needsCompiler: true,
    start: async (all) => {
      const executable = await compileEmbedding(all);
      const finished = await run(executable, [probe], {
        cwd: all.distribution.prefix,
        env: {LD_LIBRARY_PATH: 'lib'},
      });
      return {finished, expected: {...inside(all), isEmbedded: true}};
    },
  },
  {
    name: 'by a program that finds a link to its library',
    needsCompiler: true,
    start: async (all) => {
      const library = `lib${all.pair.linkName}.so.1.0`;
      await symlink(
        path.join(all.distribution.prefix, 'lib', library),
        path.join(all.place, library),
      );
      const executable = await compileEmbedding(all, `-Wl,-rpath,${all.place}`);
      const finished = await run(executable, [probe], {cwd: '/'});
      return {finished, expected: {...inside(all), isEmbedded: true}};
    },
  },
  {
    name: 'by a program that opens its library',
    needsCompiler: true,
    start: async (all) => {
      const library = path.join(all.distribution.prefix, 'lib', `lib${all.pair.linkName}.so.1.0`);
      const finished = await run(await compileLoading(all), [library, '/', probe]);
      return {finished, expected: {...inside(all), isEmbedded: true}};
    },
  },
  {
    name: 'by a program that opens its library by a relative path and then changes folder',
    needsCompiler: true,
    start: async (all) => {
      const loading = await compileLoading(all);
      const finished = await run(loading, [`./lib${all.pair.linkName}.so.1.0`, '/', probe], {
        cwd: path.join(all.distribution.prefix, 'lib'),
      });
      return {finished, expected: {...inside(all), isEmbedded: true}};
    },
  },
];

/** Runs the probe in another process of the interpreter that `text` starts. */
const child = (name: string, text: string): Way => ({
  name,
  start: async (all) => {
    const script = path.join(all.place, 'script.py');
    await writeFile(script, `probe = ${JSON.stringify(probe)}\n${text}`);
    return {finished: await run(all.distribution.executable, [script]), expected: inside(all)};
  },
});

const spawn = (method: string) => `
import multiprocessing
if __name__ == "__main__":
    context = multiprocessing.get_context(${JSON.stringify(method)})
    process = context.Process(target=exec, args=(probe, {}))
    process.start(); process.join(); raise SystemExit(process.exitcode)
`;

const started: readonly Way[] = [
  child(
    'by the name that it has for itself',
    'import subprocess, sys; subprocess.run([sys.executable, "-c", probe], check=True)',
  ),
  child('by a process that multiprocessing spawns', spawn('spawn')),
  child("by a process of multiprocessing's fork server", spawn('forkserver')),
  {
    name: 'by a script that names it in its first line',
    start: async (all) => {
      const link = path.join(all.place, 'python');
      await symlink(all.distribution.executable, link);
      const script = path.join(all.place, 'script');
      await writeFile(script, `#!${link}\n${probe}`);
      await chmod(script, 0o755);
      return {finished: await run(script, []), expected: inside(all)};
    },
  },
  {
    name: 'by an application in a zip file',
    start: async (all) => {
      await writeFile(path.join(all.place, '__main__.py'), probe);
      const application = path.join(all.place, 'application');
      const link = path.join(all.place, 'python');
      await symlink(all.distribution.executable, link);
      await outputOf(all.distribution.executable, [
        ...['-c', 'import sys, zipfile; zipfile.main(sys.argv[1:])'],
        ...['--create', `${application}.zip`, path.join(all.place, '__main__.py')],
      ]);
      await outputOf(all.distribution.executable, [
        ...['-m', 'zipapp', `${application}.zip`, '--python', link, '--output', application],
      ]);
      return {finished: await run(application, []), expected: inside(all)};
    },
  },
  {
    name: 'where PYTHONHOME says',
    start: async (all) => {
      const prefix = path.join(all.place, 'other');
      await copyByLinks(all.distribution, prefix);
      return call(all, all.distribution.executable, {
        env: {PYTHONHOME: prefix},
        expected: {prefix, isEmbedded: true},
      });
    },
  },
  {
    name: 'in isolated mode, whatever PYTHONHOME says',
    start: (all) =>
      call(all, all.distribution.executable, {args: ['-I'], env: {PYTHONHOME: '/nowhere'}}),
  },
];

/** Programs and processes that start it. */
export const waysByPrograms: readonly Way[] = [...embedding, ...started];
