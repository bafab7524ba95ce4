import {chmod, link, mkdir, symlink, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {outputOf, plainEnvironment} from '../run.js';
import type {Surroundings, Way} from './way.js';
import {call, copyByLinks} from './way.js';

const systemPath = plainEnvironment['PATH'] ?? '';

/** `env` looks a program up as a shell does, and gives it its bare name as argv[0]. */
const byEnv = (all: Surroundings, folder: string, cwd: string) =>
  call(all, '/usr/bin/env', {
    args: [all.name],
    cwd,
    env: {PATH: `${folder}:${systemPath}`},
    expected: {executable: all.distribution.executable},
  });

/** Called with an argv[0] that is not the program's path: sys.executable must still name a Python that is this one. */
const withArgv0 = (name: string, argv0: string): Way => ({
  name: `with ${name} as argv[0]`,
  start: (all) =>
    call(all, all.distribution.executable, {
      argv0,
      cwd: '/',
      expected: {executable: all.distribution.executable},
    }),
});

/** A folder that looks like the prefix of another Python of this version, whose library must not be taken. */
async function makeOtherPython({place, pair}: Surroundings): Promise<string> {
  const {program, standardLibrary} = pair;
  const prefix = path.join(place, 'other');
  await mkdir(path.join(prefix, 'lib', standardLibrary, 'lib-dynload'), {recursive: true});
  await mkdir(path.join(prefix, 'bin'));
  const os = path.join(prefix, 'lib', standardLibrary, 'os.py');
  await writeFile(os, 'raise SystemExit("wrong library")\n');
  await writeFile(path.join(prefix, 'bin', program), '#!/bin/sh\necho wrong program\n');
  await chmod(path.join(prefix, 'bin', program), 0o755);
  return prefix;
}

async function loaderOf(executable: string): Promise<string> {
  const [loader] = /\S*\/ld-\S+/.exec(await outputOf('ldd', [executable])) ?? [];
  if (loader === undefined) throw new Error(`ldd names no dynamic loader for ${executable}`);
  return loader;
}

const namedWays: readonly Way[] = [
  {
    name: 'by its whole path',
    start: (all) =>
      call(all, all.distribution.executable, {expected: {executable: all.distribution.executable}}),
  },
  {
    name: 'by a relative path',
    start: (all) => call(all, `./bin/${all.name}`, {cwd: all.distribution.prefix}),
  },
  {
    name: 'by a path that goes down and up again',
    start: (all) => call(all, `${all.distribution.prefix}/lib/../bin/${all.name}`),
  },
  {
    name: 'by PATH',
    start: (all) => byEnv(all, path.join(all.distribution.prefix, 'bin'), '/'),
  },
  {
    name: 'by PATH from the prefix of another Python',
    start: async (all) => {
      const other = await makeOtherPython(all);
      return byEnv(all, path.join(all.distribution.prefix, 'bin'), other);
    },
  },
  {
    name: 'by PATH from the bin folder of another Python',
    start: async (all) => {
      const other = await makeOtherPython(all);
      return byEnv(all, path.join(all.distribution.prefix, 'bin'), path.join(other, 'bin'));
    },
  },
  {
    name: 'by a relative folder in PATH',
    start: (all) => byEnv(all, 'bin', all.distribution.prefix),
  },
  {
    name: 'from a folder that is removed',
    start: async (all) => {
      const script = 'cd "$1"; rmdir "$1"; exec "$2" -c "$4"';
      const args = ['-c', script, 'sh', all.place, all.distribution.executable];
      return call(all, '/bin/sh', {args});
    },
  },
  {
    name: 'by PATH from a folder that may not be entered',
    start: async (all) => {
      const script = 'cd "$1"; chmod 0 "$1"; PATH="$2:$PATH" exec "$3" -c "$5"';
      const bin = path.join(all.distribution.prefix, 'bin');
      const args = ['-c', script, 'sh', all.place, bin, all.name];
      const called = await call(all, '/bin/sh', {args});
      await chmod(all.place, 0o755);
      return called;
    },
  },
];

const linkedWays: readonly Way[] = [
  {
    name: 'by a link from elsewhere',
    start: async (all) => {
      const link = path.join(all.place, all.name);
      await symlink(all.distribution.executable, link);
      return call(all, link, {expected: {executable: link}});
    },
  },
  {
    name: 'by a relative link with another name',
    start: async (all) => {
      const link = path.join(all.place, 'some-python');
      await symlink(path.relative(all.place, all.distribution.executable), link);
      return call(all, link);
    },
  },
  {
    name: 'by a chain of links',
    start: async (all) => {
      await mkdir(path.join(all.place, 'bin'));
      await symlink(all.distribution.prefix, path.join(all.place, 'current'));
      await symlink('current/bin/python3', path.join(all.place, 'first'));
      await symlink('../first', path.join(all.place, 'bin/second'));
      return call(all, path.join(all.place, 'bin/second'));
    },
  },
  {
    name: 'by a link in the prefix of another Python',
    start: async (all) => {
      const other = await makeOtherPython(all);
      await symlink(all.distribution.executable, path.join(other, 'bin/python-of-mine'));
      return call(all, path.join(other, 'bin/python-of-mine'));
    },
  },
  {
    name: 'by a link to its folder',
    start: async (all) => {
      const link = path.join(all.place, 'current');
      await symlink(all.distribution.prefix, link);
      const executable = path.join(link, 'bin/python3');
      return call(all, executable, {expected: {executable}});
    },
  },
  {
    name: 'by a link to a folder above it',
    start: async (all) => {
      await symlink(path.dirname(all.distribution.prefix), path.join(all.place, 'above'));
      const folder = path.basename(all.distribution.prefix);
      return call(all, path.join(all.place, 'above', folder, 'bin/python3'));
    },
  },
  {
    name: 'by a link to its bin folder',
    start: async (all) => {
      await symlink(path.join(all.distribution.prefix, 'bin'), path.join(all.place, 'bin'));
      return call(all, path.join(all.place, 'bin/python3'));
    },
  },
  {
    name: 'by another name for the same file',
    start: async (all) => {
      const prefix = path.join(all.place, 'python');
      await copyByLinks(all.distribution, prefix);
      await link(path.join(prefix, 'bin', all.name), path.join(prefix, 'bin/hard-link'));
      return call(all, path.join(prefix, 'bin/hard-link'), {
        expected: {prefix, baseExecutable: 'bin/hard-link'},
      });
    },
  },
  {
    name: 'in a forest of links to files that lie elsewhere under other names',
    start: async (all) => {
      const script = `set -eu; cd "$1"; mkdir files forest; cp -al "$2/." files; cd forest; i=0
        (cd ../files; find . -type d) | xargs -d '\\n' mkdir -p
        (cd ../files; find . -type f) | while read -r file; do
          i=$((i + 1)); mv "../files/$file" "../files/blob$i"; ln -s "$1/files/blob$i" "$file"
        done
        (cd ../files; tar -c $(find bin lib -maxdepth 1 -type l)) | tar -x`;
      await outputOf('/bin/sh', ['-c', script, 'sh', all.place, all.distribution.prefix]);
      const prefix = path.join(all.place, 'forest');
      return call(all, path.join(prefix, 'bin/python3'), {expected: {prefix, isEmbedded: true}});
    },
  },
];

const oddWays: readonly Way[] = [
  withArgv0('/dev/null', '/dev/null'),
  withArgv0('nothing', ''),
  withArgv0('a name that PATH does not have', 'no-such-program'),
  withArgv0('the name of a program in PATH', 'sh'),
  withArgv0('a path that does not exist', '/no/such/place/python3'),
  withArgv0('the name of a login shell', '-python3'),
  {
    name: 'through the dynamic loader',
    start: async (all) => {
      const {executable} = all.distribution;
      return call(all, await loaderOf(executable), {args: [executable], expected: {executable}});
    },
  },
  {
    name: 'through the dynamic loader with another argv[0]',
    start: async (all) => {
      const {executable} = all.distribution;
      return call(all, await loaderOf(executable), {
        args: ['--argv0', '/no/such/place/python3', executable],
        expected: {executable},
      });
    },
  },
  {
    name: 'by an open file',
    start: (all) => {
      const {executable} = all.distribution;
      const text = `import os, sys; os.execve(os.open(${JSON.stringify(executable)}, os.O_RDONLY), ["python3", *sys.argv[1:]], os.environ)`;
      return call(all, executable, {args: ['-c', text], expected: {executable}});
    },
  },
  {
    name: 'by /proc/self/fd',
    start: (all) => {
      const {executable} = all.distribution;
      return call(all, '/bin/sh', {
        args: ['-c', 'exec 5<"$1"; shift; exec /proc/self/fd/5 "$@"', 'sh', executable],
      });
    },
  },
];

/** Ways to name one and the same installation. */
export const waysToCall: readonly Way[] = [...namedWays, ...linkedWays, ...oddWays];
