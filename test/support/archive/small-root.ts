import {cp, mkdir, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {filterProgram} from '../../../src/executor/local/filter-program.js';
import type {SandboxTool} from '../../../src/executor/local/sandbox-process.js';
import {prepareSandboxTool} from '../../../src/executor/local/sandbox-tool.js';
import {testImages} from '../images.js';
import type {Distribution} from './distribution.js';
import type {Finished, RunOptions} from './run.js';
import {outputOf, plainEnvironment, run} from './run.js';
import {makeScratch, removeScratch} from './unpack.js';

/** How a root is entered, beside the files that lie in it. */
export interface RootOptions extends RunOptions {
  /** Whether `/proc` is mounted; it is unless this says no. */
  readonly hasProc?: boolean;
  /** More arguments of bubblewrap: mounts. `<root>` stands for the root's folder on this machine. */
  readonly mounts?: readonly string[];
}

/** A root file system of a few files, that nothing of this machine can be seen from. */
export interface SmallRoot {
  /** The folder on this machine. */
  readonly hostPath: string;
  /** The arguments of bubblewrap, the program's name first, that run a program in the root. */
  readonly commandOf: (options: RootOptions) => readonly string[];
  /** Runs a program of the root as the root sees it, with no network but loopback. */
  readonly run: (
    program: string,
    args: readonly string[],
    options?: RootOptions,
  ) => Promise<Finished>;
}

let sandboxTool: Promise<SandboxTool> | undefined;

/** bubblewrap, of the locked image or, where the kernel refuses that one, of this machine. */
export function openSandboxTool(): Promise<SandboxTool> {
  sandboxTool ??= findSandboxTool();
  return sandboxTool;
}

async function findSandboxTool(): Promise<SandboxTool> {
  const {sandbox} = await testImages();
  const scratch = await makeScratch();
  try {
    const filterPath = path.join(scratch, 'filter');
    await writeFile(filterPath, filterProgram());
    const pipes = {names: ['jobs'], directory: path.join(scratch, 'pipes')};
    await mkdir(pipes.directory);
    const sandboxImagePath = sandbox.hostPath;
    const tool = await prepareSandboxTool({sandboxImagePath, pipes, filterPath, owner: 'test'});
    // These sandboxes run as this user.
    await tool.user?.[Symbol.asyncDispose]();
    return tool;
  } finally {
    await removeScratch(scratch);
  }
}

/**
 * Makes a root that holds the libraries of the C library that an interpreter needs, at their places on this machine,
 * and the distribution with its prefix at `prefixInRoot`. The distribution's files are hard links.
 */
export async function makeSmallRoot(
  hostPath: string,
  distribution: Distribution,
  prefixInRoot: string,
): Promise<SmallRoot> {
  for (const folder of ['proc', 'dev', 'tmp', 'root', 'etc', 'mnt']) {
    await mkdir(path.join(hostPath, folder), {recursive: true});
  }
  const prefix = path.join(hostPath, prefixInRoot);
  await mkdir(prefix, {recursive: true});
  await outputOf('cp', ['--archive', '--link', `${distribution.prefix}/.`, prefix]);
  for (const library of await librariesOf(distribution)) {
    const target = path.join(hostPath, library);
    await mkdir(path.dirname(target), {recursive: true});
    await cp(library, target, {dereference: true});
  }
  const tool = await openSandboxTool();
  const commandOf = (options: RootOptions) => [
    ...['/usr/bin/env', '-C', tool.directory, tool.command],
    ...tool.leadingArguments,
    ...['--unshare-all', '--die-with-parent', '--bind', hostPath, '/', '--dev', '/dev'],
    ...(options.hasProc === false ? [] : ['--proc', '/proc']),
    ...(options.mounts ?? []).map((word) => word.replace('<root>', hostPath)),
    ...['--chdir', options.cwd ?? '/', '--clearenv'],
    ...Object.entries({...plainEnvironment, HOME: '/root', ...options.env}).flatMap((entry) => [
      '--setenv',
      ...entry,
    ]),
    '--',
  ];
  return {
    hostPath,
    commandOf,
    run: (program, args, options = {}) => {
      const [command = '', ...rest] = commandOf(options);
      return run(command, [...rest, program, ...args]);
    },
  };
}

async function librariesOf({executable}: Distribution): Promise<readonly string[]> {
  const output = await outputOf('ldd', [executable]);
  return [...output.matchAll(/(\/\S+) \(0x/g)].flatMap(([, library]) => library ?? []);
}
