import path from 'node:path';
import {gitFolders} from '../../builder/develop/git-folders.js';
import {
  interpreterEnvironment,
  type DevelopCommand,
  type DevelopWork,
} from '../../builder/develop/tree-sandbox.js';

/** A command on the tree's interpreter, with the environment in which it runs. */
export function interpreterCommand(
  work: DevelopWork,
  argv: DevelopCommand['argv'],
): DevelopCommand {
  return {argv, environment: environmentOf(work), rootfs: work.plan.commandImage};
}

/** The tests of the tree. */
export function testCommand(work: DevelopWork, names: readonly string[]): DevelopCommand {
  return interpreterCommand(work, ['./python', '-m', 'test', ...names]);
}

/** gdb with the interpreter. */
export function debuggerCommand(
  work: DevelopWork,
  interpreterArguments: readonly string[],
): DevelopCommand {
  return interpreterCommand(work, [
    'gdb',
    // python-gdb.py, which make has put beside the interpreter, has the pretty printers.
    ...['-q', '-iex', `add-auto-load-safe-path ${work.build.path}`],
    ...['--args', './python', ...interpreterArguments],
  ]);
}

/** A shell that may write to the tree. */
export async function shellCommand(work: DevelopWork): Promise<DevelopCommand> {
  const {plan, session, tree} = work;
  const {folders, problem} = await gitFolders(tree);
  if (problem !== undefined) session.resources.onEvent({type: 'notice', message: problem});
  const {argv, environment} = interpreterCommand(work, [
    '/bin/sh',
    ...['-c', `${plan.exports}\nexec "$@"`, 'develop', '/usr/bin/bash'],
    ...['--norc', '--noprofile', ...(process.stdin.isTTY ? ['-i'] : [])],
  ]);
  return {
    argv,
    environment: {...environment, ...gitSettings(tree), PS1: '\\w \\$ ', EDITOR: 'nano'},
    rootfs: plan.commandImage,
    isTreeWritable: true,
    folders: folders.map((folder) => ({path: folder, isWritable: true})),
  };
}

/** What a person reads when a shell opens. */
export function welcome({build, tree}: DevelopWork): string {
  return (
    `${build.path}: the build folder of ${tree}; no network, your own user, both may be written to.\n` +
    '`make` builds; gdb, lldb, python3, git, less, nano and vi are there.\n'
  );
}

function environmentOf(work: DevelopWork): Readonly<Record<string, string>> {
  const {build, plan} = work;
  const {LC_ALL = '', PATH = '', TMPDIR = '', TZ = ''} = plan.stage.environment;
  return {
    PATH: `${build.path}:${PATH}`,
    HOME: path.join(build.state, 'home'),
    ...{LC_ALL, TMPDIR, TZ},
    ...interpreterEnvironment(work),
    // The tree may be read-only, and stays as it is.
    PYTHONPYCACHEPREFIX: path.join(build.state, 'pycache'),
    ...(process.env['TERM'] === undefined ? {} : {TERM: process.env['TERM']}),
  };
}

/** make in the shell takes the flags from the Makefile; git refuses a tree of another user otherwise. */
function gitSettings(tree: string): Readonly<Record<string, string>> {
  return {
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'safe.directory',
    GIT_CONFIG_VALUE_0: tree,
  };
}
