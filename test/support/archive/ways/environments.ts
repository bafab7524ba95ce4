import {mkdir, rename, rm, symlink, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {outputOf} from '../run.js';
import type {CallOptions, Surroundings, Way} from './way.js';
import {call, copyByLinks} from './way.js';

async function makeEnvironment(python: string, folder: string, ...options: readonly string[]) {
  await outputOf(python, ['-m', 'venv', '--without-pip', ...options, folder]);
  return folder;
}

/** Calls the interpreter of an environment, which must know the environment by this very name. */
const callIn = (all: Surroundings, environment: string, options: CallOptions = {}) => {
  const executable = path.join(environment, 'bin/python');
  return call(all, executable, {
    ...options,
    expected: {environment, executable, ...options.expected},
  });
};

const simple = (name: string, ...options: readonly string[]): Way => ({
  name: `from ${name}`,
  start: async (all) =>
    callIn(
      all,
      await makeEnvironment(all.distribution.executable, path.join(all.place, 'env'), ...options),
    ),
});

/** An environment made from an environment, each in one of two manners. */
const nested = (name: string, outerOption: string, innerOption: string): Way => ({
  name: `from ${name}`,
  start: async (all) => {
    const outer = path.join(all.place, 'outer');
    await makeEnvironment(all.distribution.executable, outer, outerOption);
    const inner = path.join(all.place, 'inner');
    return callIn(all, await makeEnvironment(path.join(outer, 'bin/python'), inner, innerOption));
  },
});

/** An environment of a Python behind a link that is turned to another folder afterwards, as an upgrade does. */
const upgraded = (name: string, option: string): Way => ({
  name: `from ${name} whose Python was replaced behind a link`,
  start: async (all) => {
    const [old, prefix, current] = ['3.x.1', '3.x.2', 'current'].map((file) =>
      path.join(all.place, 'pythons', file),
    ) as [string, string, string];
    await copyByLinks(all.distribution, old);
    await symlink('3.x.1', current);
    const environment = path.join(all.place, 'env');
    await makeEnvironment(path.join(current, 'bin/python3'), environment, option);
    await rename(old, prefix);
    await rm(current);
    await symlink('3.x.2', current);
    return callIn(all, environment, {expected: {prefix}});
  },
});

/** An environment as other tools write it, by hand. */
const handmade = (name: string, lines: (all: Surroundings) => readonly string[]): Way => ({
  name: `from ${name}`,
  start: async (all) => {
    const environment = path.join(all.place, 'env');
    await mkdir(path.join(environment, 'bin'), {recursive: true});
    await mkdir(path.join(environment, 'lib', all.pair.standardLibrary, 'site-packages'), {
      recursive: true,
    });
    await symlink(all.distribution.executable, path.join(environment, 'bin/python'));
    await writeFile(path.join(environment, 'pyvenv.cfg'), `${lines(all).join('\n')}\n`);
    return callIn(all, environment);
  },
});

const home = ({distribution}: Surroundings) => `home = ${distribution.prefix}/bin`;

/** Virtual environments. */
export const waysThroughEnvironments: readonly Way[] = [
  simple('an environment with links', '--symlinks'),
  simple('an environment with copies', '--copies'),
  nested('an environment of an environment', '--symlinks', '--symlinks'),
  nested('an environment with copies of an environment with copies', '--copies', '--copies'),
  nested('an environment with links of an environment with copies', '--copies', '--symlinks'),
  nested('an environment with copies of an environment with links', '--symlinks', '--copies'),
  upgraded('an environment with links', '--symlinks'),
  upgraded('an environment with copies', '--copies'),
  handmade("an environment in virtualenv's manner", (all) => [
    home(all),
    'implementation = CPython',
    'version_info = 3.0.0.final.0',
    'virtualenv = 20.30.0',
    'include-system-site-packages = false',
    `base-prefix = ${all.distribution.prefix}`,
    `base-exec-prefix = ${all.distribution.prefix}`,
    `base-executable = ${all.distribution.executable}`,
  ]),
  handmade("an environment in uv's manner", (all) => [
    home(all),
    'implementation = CPython',
    'uv = 0.9.0',
    'include-system-site-packages = false',
    'relocatable = true',
  ]),
  handmade('an environment that does not say where home is', () => [
    'include-system-site-packages = false',
  ]),
  {
    name: 'from an environment that was moved',
    start: async (all) => {
      const environment = path.join(all.place, 'second');
      await rename(
        await makeEnvironment(all.distribution.executable, path.join(all.place, 'first')),
        environment,
      );
      return callIn(all, environment);
    },
  },
  {
    name: 'from an environment with copies that was moved',
    start: async (all) => {
      const first = path.join(all.place, 'first');
      const environment = path.join(all.place, 'second');
      await makeEnvironment(all.distribution.executable, first, '--copies');
      await rename(first, environment);
      return callIn(all, environment);
    },
  },
  {
    name: 'from an environment made by a link to the interpreter',
    start: async (all) => {
      const link = path.join(all.place, 'my-python');
      await symlink(all.distribution.executable, link);
      return callIn(all, await makeEnvironment(link, path.join(all.place, 'env')));
    },
  },
  {
    name: 'from an environment with copies made by a link to the interpreter',
    start: async (all) => {
      const link = path.join(all.place, 'my-python');
      await symlink(all.distribution.executable, link);
      return callIn(all, await makeEnvironment(link, path.join(all.place, 'env'), '--copies'));
    },
  },
  {
    name: 'from an environment that lies behind a link',
    start: async (all) => {
      await makeEnvironment(all.distribution.executable, path.join(all.place, 'env'));
      await symlink('env', path.join(all.place, 'link'));
      const executable = path.join(all.place, 'link/bin/python');
      const environment = path.join(all.place, 'env');
      return call(all, executable, {expected: {environment, executable}});
    },
  },
  {
    name: 'from an environment by PATH',
    start: async (all) => {
      const environment = path.join(all.place, 'env');
      await makeEnvironment(all.distribution.executable, environment);
      return call(all, '/usr/bin/env', {
        args: ['python'],
        env: {PATH: `${environment}/bin:/usr/bin:/bin`},
        expected: {environment, executable: path.join(environment, 'bin/python')},
      });
    },
  },
  {
    name: 'from an environment that lies in its own folder',
    start: async (all) => {
      const prefix = path.join(all.place, 'python');
      await copyByLinks(all.distribution, prefix);
      const environment = path.join(prefix, 'env');
      await makeEnvironment(path.join(prefix, 'bin/python3'), environment);
      return callIn(all, environment, {expected: {prefix}});
    },
  },
  {
    name: 'from an environment that a launcher names',
    start: async (all) => {
      const environment = path.join(all.place, 'env');
      await makeEnvironment(all.distribution.executable, environment);
      return call(all, all.distribution.executable, {
        env: {__PYVENV_LAUNCHER__: path.join(environment, 'bin/python')},
        expected: {environment, executable: path.join(environment, 'bin/python')},
      });
    },
  },
];
