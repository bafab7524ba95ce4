import {rename} from 'node:fs/promises';
import path from 'node:path';
import type {Distribution} from '../distribution.js';
import {distributionAt} from '../distribution.js';
import {outputOf} from '../run.js';
import {makeSmallRoot} from '../small-root.js';
import type {RootOptions} from '../small-root.js';
import type {Surroundings, Way} from './way.js';
import {call, copyByLinks, probe} from './way.js';

/** A distribution in a folder of this name. */
const inFolder = (what: string, folder: string): Way => ({
  name: `in a folder ${what}`,
  start: async (all) => {
    const prefix = path.join(all.place, folder, 'python');
    await copyByLinks(all.distribution, prefix);
    return call(all, path.join(prefix, 'bin/python3'), {expected: {prefix}});
  },
});

/** A path as Python writes it where it cannot decode the bytes beyond ASCII. */
const undecoded = (text: string | Buffer) =>
  [...Buffer.from(text)]
    .map((byte) => String.fromCharCode(byte < 0x80 ? byte : 0xdc00 + byte))
    .join('');

const placesOnThisMachine: readonly Way[] = [
  inFolder('with blanks in its name', ' two  blanks '),
  inFolder('with letters beyond ASCII in its name', 'Schlange – ヘビ'),
  inFolder('with a line break in its name', 'one\ntwo'),
  inFolder('with a colon in its name', 'a:b'),
  inFolder(
    'with signs of the shell and of patterns in its name',
    '$(false) \'"\\n%s*?[x]{y};&|<>#~!',
  ),
  inFolder('with a name of thousands of letters', `${'long-name-'.repeat(24)}/`.repeat(14)),
  {
    name: 'in a folder with letters beyond ASCII, in the locale C',
    start: async (all) => {
      const prefix = path.join(all.place, 'Schlange – ヘビ');
      await copyByLinks(all.distribution, prefix);
      return call(all, path.join(prefix, 'bin/python3'), {
        env: {LC_ALL: 'C', PYTHONCOERCECLOCALE: '0', PYTHONUTF8: '0'},
        expected: {prefix: undecoded(prefix)},
      });
    },
  },
  {
    name: 'in a folder whose name is no UTF-8',
    start: async (all) => {
      const script = `prefix=$1/$(printf 'caf\\351')/python; mkdir "$(dirname "$prefix")"
        cp -al "$2" "$prefix"; exec "$prefix/bin/python3" -c "$4"`;
      const args = ['-c', script, 'sh', all.place, all.distribution.prefix];
      const prefix = `${all.place}/caf${undecoded(Buffer.from([0xe9]))}/python`;
      return call(all, '/bin/sh', {args, expected: {prefix}});
    },
  },
  {
    name: 'after a second move, with the bytecode of the place before',
    start: async (all) => {
      const first = path.join(all.place, 'first');
      const prefix = path.join(all.place, 'second');
      await copyByLinks(all.distribution, first);
      await outputOf(path.join(first, 'bin/python3'), ['-c', probe]);
      await rename(first, prefix);
      return call(all, path.join(prefix, 'bin/python3'), {expected: {prefix}});
    },
  },
  {
    name: 'after a move below another Python of the same version',
    start: async (all) => {
      const outer = path.join(all.place, 'outer');
      await copyByLinks(all.distribution, outer);
      const prefix = path.join(outer, 'lib/inner');
      await copyByLinks(all.distribution, prefix);
      return call(all, path.join(prefix, 'bin/python3'), {expected: {prefix}});
    },
  },
];

/** What a way into a root of its own starts. */
interface RootWay extends RootOptions {
  readonly name: string;
  /** Where the distribution is put; the root's top is `/`. */
  readonly prefix: string;
  /** What is run, beside `-c` and the probe; the interpreter, unless given. */
  readonly command?: readonly string[];
  /** Where it is found, when that is not where it was put. */
  readonly seenAt?: string;
  readonly environment?: string;
  /** Python to run in the root before. */
  readonly prepare?: string;
}

const inRoot = (way: RootWay): Way => ({
  name: way.name,
  start: async ({distribution, name, pair, place}: Surroundings) => {
    const root = await makeSmallRoot(path.join(place, 'root'), distribution, way.prefix);
    const {executable}: Distribution = distributionAt(way.prefix, pair);
    if (way.prepare !== undefined) {
      const {exit, stderr} = await root.run(executable, ['-c', way.prepare]);
      if (exit !== 0) throw new Error(`could not prepare the root: ${stderr}`);
    }
    const [program = executable, ...args] = way.command ?? [];
    const finished = await root.run(program.replace('<name>', name), [...args, '-c', probe], way);
    const prefix = way.seenAt ?? way.prefix;
    const {environment} = way;
    return {finished, expected: {prefix, ...(environment === undefined ? {} : {environment})}};
  },
});

const makeEnvironment = (folder: string, ...options: readonly string[]) => `
import sys, venv
venv.main([*${JSON.stringify(options)}, "--without-pip", ${JSON.stringify(folder)}])
`;

/** Replaces the program by the interpreter with another argv[0], as `exec -a` of a shell does. */
const execAs = (executable: string, argv0: string) => [
  executable,
  '-c',
  `import os, sys; os.execv(${JSON.stringify(executable)}, [${JSON.stringify(argv0)}, *sys.argv[1:]])`,
];

const placesInRoots: readonly Way[] = [
  inRoot({name: 'at the top of the file system', prefix: '/'}),
  inRoot({
    name: 'at the top of the file system, by PATH',
    prefix: '/',
    env: {PATH: '/bin'},
    command: ['<name>'],
  }),
  inRoot({
    name: 'at the top of the file system, from a folder that looks like an environment',
    prefix: '/',
    cwd: '/tmp',
    prepare: 'open("/tmp/pyvenv.cfg", "w").write("home = /nowhere\\n")',
  }),
  inRoot({name: 'at the top of the file system, without /proc', prefix: '/', hasProc: false}),
  inRoot({
    name: 'from an environment of a Python at the top of the file system',
    prefix: '/',
    prepare: makeEnvironment('/root/environment'),
    command: ['/root/environment/bin/python'],
    environment: '/root/environment',
  }),
  inRoot({
    name: 'by a link at the top of the file system, from a folder that looks like an environment',
    prefix: '/opt/python',
    cwd: '/tmp',
    prepare:
      'import os; os.symlink("/opt/python/bin/python3", "/python3"); open("/tmp/pyvenv.cfg", "w").write("home = /nowhere\\n")',
    command: ['/python3'],
  }),
  inRoot({name: 'without /proc', prefix: '/opt/python', hasProc: false}),
  inRoot({
    name: 'without /proc, by PATH',
    prefix: '/opt/python',
    hasProc: false,
    env: {PATH: '/opt/python/bin'},
    command: ['<name>'],
  }),
  inRoot({
    name: 'without /proc, by a link',
    prefix: '/opt/python',
    hasProc: false,
    prepare: 'import os; os.symlink("../opt/python/bin/python", "/tmp/link")',
    command: ['/tmp/link'],
  }),
  inRoot({
    name: 'without /proc, with /dev/null as argv[0]',
    prefix: '/opt/python',
    hasProc: false,
    command: execAs('/opt/python/bin/python3', '/dev/null'),
  }),
  inRoot({
    name: 'without /proc, from an environment with copies',
    prefix: '/opt/python',
    hasProc: false,
    prepare: makeEnvironment('/root/environment', '--copies'),
    command: ['/root/environment/bin/python'],
    environment: '/root/environment',
  }),
  inRoot({
    name: 'through a bind mount',
    prefix: '/opt/python',
    mounts: ['--bind', '<root>/opt/python', '/mnt'],
    command: ['/mnt/bin/python3'],
    seenAt: '/mnt',
  }),
  inRoot({
    name: 'on a file system that is mounted read-only',
    prefix: '/opt/python',
    mounts: ['--remount-ro', '/'],
  }),
];

/** Places that an installation can be moved to. */
export const waysToPlace: readonly Way[] = [...placesOnThisMachine, ...placesInRoots];
