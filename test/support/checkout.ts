import {execFile} from 'node:child_process';
import {cp, mkdtemp, rm, symlink} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');

/** How a program ended and what it said. */
export interface Ended {
  readonly code: number | string | null | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** A copy of this checkout as git has it, with its installed packages, in a temporary folder. */
export interface Checkout extends AsyncDisposable {
  /** Holds the checkout, and is a place for other things of a test. */
  readonly folder: string;
  readonly root: string;
}

/** Copies what setting up and starting need: nothing is compiled. */
export async function copyCheckout(): Promise<Checkout> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'ampoule checkout '));
  const copy = path.join(folder, 'ampoule');
  const names = ['ampoule', 'package.json', 'package-lock.json', 'scripts', 'src', 'targets'];
  for (const name of [...names, 'tsconfig.json', 'tsconfig.build.json']) {
    const options = {recursive: true, preserveTimestamps: true};
    await cp(path.join(root, name), path.join(copy, name), options);
  }
  await symlink(path.join(root, 'node_modules'), path.join(copy, 'node_modules'));
  return {
    folder,
    root: copy,
    [Symbol.asyncDispose]: () => rm(folder, {recursive: true, force: true}),
  };
}

/** Runs a program to its end, whatever that is. */
export function runProgram(
  command: string,
  args: readonly string[],
  options: {readonly cwd?: string; readonly env?: NodeJS.ProcessEnv} = {},
): Promise<Ended> {
  const env = {...process.env, ...options.env};
  return new Promise((resolve) => {
    execFile(command, args, {...options, env}, (error, stdout, stderr) =>
      resolve({code: error === null ? 0 : error.code, stdout, stderr}),
    );
  });
}
