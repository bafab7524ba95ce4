import path from 'node:path';
import {runBeside, type DevelopCommand, type DevelopWork} from '../../builder/develop/make-tree.js';
import type {Exit} from '../../executor/executor.js';
import {developImage} from '../../stages/develop-stage.js';
import {printError} from '../print.js';
import type {Aim} from './words.js';

/** Runs what was asked for, in a tree that has been made or, for some aims, configured. */
export async function runAim(aim: Aim, work: DevelopWork): Promise<Exit> {
  if (aim.aim === 'shell' && process.stdin.isTTY && !work.isQuiet) printError(welcome(work));
  return runBeside(work, commandOf(aim, work));
}

function commandOf({aim, words}: Aim, work: DevelopWork): DevelopCommand {
  const {build, tree} = work;
  const environment = environmentOf(work);
  const [program = './python', ...rest] = words;
  switch (aim) {
    case 'make':
    case 'run':
      return {environment, argv: [program, ...rest]};
    case 'test':
      return {environment, argv: ['./python', '-m', 'test', ...words]};
    case 'regen':
      return {
        environment: {...work.plan.stage.environment, HOME: path.join(build.state, 'home')},
        argv: ['make', ...(words.length > 0 ? words : regenTargets), 'PYTHON_FOR_REGEN=python3'],
        rootfs: developImage,
        isTreeWritable: true,
      };
    case 'shell':
      return {
        // make in the shell takes the flags from the Makefile; git refuses a tree of another user otherwise.
        environment: {...environment, ...gitSettings(tree), PS1: '\\w \\$ ', EDITOR: 'nano'},
        argv: ['/usr/bin/bash', '--norc', '--noprofile', ...(process.stdin.isTTY ? ['-i'] : [])],
        rootfs: developImage,
        isTreeWritable: true,
      };
    case 'gdb':
      return {
        environment,
        // python-gdb.py, which make has put beside the interpreter, has the pretty printers.
        argv: [
          'gdb',
          ...['-q', '-iex', `add-auto-load-safe-path ${build.path}`],
          ...['--args', './python', ...words],
        ],
        rootfs: developImage,
      };
  }
}

/** What upstream has in its repository and makes from other files of it. */
const regenTargets = ['regen-all', 'clinic'];

function environmentOf({build, plan}: DevelopWork): Readonly<Record<string, string>> {
  const {LC_ALL = '', PATH = '', TMPDIR = '', TZ = ''} = plan.stage.environment;
  return {
    PATH: `${build.path}:${PATH}`,
    HOME: path.join(build.state, 'home'),
    ...{LC_ALL, TMPDIR, TZ},
    // The tree may be read-only, and stays as it is.
    PYTHONPYCACHEPREFIX: path.join(build.state, 'pycache'),
    ...(process.env['TERM'] === undefined ? {} : {TERM: process.env['TERM']}),
  };
}

function gitSettings(tree: string): Readonly<Record<string, string>> {
  return {
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'safe.directory',
    GIT_CONFIG_VALUE_0: tree,
  };
}

function welcome({build, tree}: DevelopWork): string {
  return (
    `${build.path}: the build folder of ${tree}; no network, your own user, both may be written to.\n` +
    '`make` builds; gdb, lldb, python3, git, less, nano and vi are there.\n'
  );
}
