import {isUtf8} from 'node:buffer';
import {lstat, readdir, readlink} from 'node:fs/promises';
import path from 'node:path';
import {BuildError, InputError} from '../../core/errors.js';
import {compareCodeUnits} from '../../core/digest.js';
import {hostCommandRunner} from '../../executor/local/host-command.js';
import {ownerName} from '../../store/owner.js';
import {leftoversOf} from '../develop/clean-tree.js';

/** A file or a link of a developer's tree. */
export type TreeEntry =
  | {readonly kind: 'file'; readonly name: string; readonly isExecutable: boolean}
  | {readonly kind: 'link'; readonly name: string; readonly target: string};

/** What git has of its own in a checkout, and what interpreters leave. */
const skipped = new Set(['.git', '__pycache__']);

/**
 * The content of a developer's tree in a fixed order. Of a checkout, the tracked files as they are now and the untracked
 * ones that `.gitignore` does not name; otherwise all files.
 * @throws InputError with everything that cannot be packed.
 */
export async function listTree(folder: string, signal: AbortSignal): Promise<readonly TreeEntry[]> {
  const isCheckout = (await lstat(path.join(folder, '.git')).catch(() => undefined)) !== undefined;
  const names = isCheckout ? await checkoutFiles(folder, signal) : await filesBelow(folder);
  const problems: string[] = [];
  const entries: TreeEntry[] = [];
  for (const name of names.sort(compareCodeUnits)) {
    const entry = await entryOf(folder, name);
    if (typeof entry === 'string') problems.push(entry);
    else if (entry !== undefined) entries.push(entry);
  }
  const left = leftoversOf(entries.map((entry) => entry.name));
  if (left.length > 0) {
    problems.push(
      `it was configured or built in place: it has ${left.join(', ')}. Next: make -C ${folder} distclean`,
    );
  }
  if (problems.length === 0) return entries;
  throw new InputError(problems.map((problem) => `--python-source: ${folder}: ${problem}`));
}

async function checkoutFiles(folder: string, signal: AbortSignal): Promise<string[]> {
  const chunks: Uint8Array[] = [];
  const errors: Uint8Array[] = [];
  const run = hostCommandRunner(await ownerName());
  // A checkout may name a program that git runs to find changed files.
  const words = ['-c', 'core.fsmonitor=false', 'ls-files', '--cached', '--others', '-z'];
  const {PATH = '/usr/bin:/bin', HOME = '/'} = process.env;
  const command = {
    ...{argv: ['git', ...words, '--exclude-standard'] as const, cwd: folder},
    environment: {PATH, HOME, LC_ALL: 'C.UTF-8', GIT_OPTIONAL_LOCKS: '0'},
    onOutput: (chunk: Uint8Array) => chunks.push(chunk),
    onErrors: (chunk: Uint8Array) => errors.push(chunk),
  };
  const exit = await run(command, signal).catch((error: unknown) => {
    throw new InputError([
      `--python-source: ${folder} is a checkout, and git cannot be started: ${(error as Error).message}\nInstall git.`,
    ]);
  });
  signal.throwIfAborted();
  if (exit.kind !== 'exited' || exit.code !== 0) {
    throw new InputError([
      `--python-source: git cannot list the files of ${folder}:\n${Buffer.concat(errors).toString().trim()}`,
    ]);
  }
  // A file with conflicts is listed once for each side.
  return [...new Set(namesIn(folder, Buffer.concat(chunks)))];
}

function namesIn(folder: string, listing: Buffer): readonly string[] {
  if (!isUtf8(listing)) throw badName(folder);
  return listing
    .toString()
    .split('\0')
    .filter((name) => name !== '');
}

async function filesBelow(folder: string, below = ''): Promise<string[]> {
  const found: string[] = [];
  for (const raw of await readdir(path.join(folder, below), {encoding: 'buffer'})) {
    if (!isUtf8(raw)) throw badName(path.join(folder, below));
    const name = path.join(below, raw.toString());
    if (skipped.has(path.basename(name))) continue;
    const stats = await lstat(path.join(folder, name));
    if (stats.isDirectory()) found.push(...(await filesBelow(folder, name)));
    else found.push(name);
  }
  return found;
}

function badName(folder: string): InputError {
  return new InputError([
    `--python-source: ${folder} has a file whose name is not UTF-8: rename it, or let .gitignore name it`,
  ]);
}

/** An entry, the problem with it, or `undefined` for a tracked file that was deleted. */
async function entryOf(folder: string, name: string): Promise<TreeEntry | string | undefined> {
  // eslint-disable-next-line no-control-regex
  if (/[\0-\x1f\x7f]/.test(name)) {
    return `${JSON.stringify(name)} has a line end or another control character in its name: rename it`;
  }
  const stats = await lstat(path.join(folder, name)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw new UnreadableTreeError(path.join(folder, name), error);
  });
  if (stats === undefined) return undefined;
  if (stats.isDirectory()) {
    return `${name} is a repository of its own (a submodule), which cannot be packed: move it out of the tree`;
  }
  if (stats.isSymbolicLink()) {
    const target = await readlink(path.join(folder, name));
    const end = path.posix.join(path.posix.dirname(name), target);
    return !path.posix.isAbsolute(target) && !/^\.\.(\/|$)/.test(end)
      ? {kind: 'link', name, target}
      : `${name} is a link that leads out of the tree, to ${target}: replace it by a file`;
  }
  if (!stats.isFile()) return `${name} is neither a file nor a link: remove it`;
  return {kind: 'file', name, isExecutable: (stats.mode & 0o100) !== 0};
}

/** A file of a tree cannot be read. */
export class UnreadableTreeError extends BuildError {
  override readonly name = 'UnreadableTreeError';
  readonly code = 'E_TREE_UNREADABLE';

  constructor(file: string, cause: NodeJS.ErrnoException) {
    const reason =
      cause.code === 'ENOENT' || cause.code === 'ERR_TREE_CHANGED'
        ? 'it was changed while it was read. Run the same command again'
        : `${cause.message}. Make it readable, or let .gitignore name it`;
    super(`--python-source: ${file} cannot be packed: ${reason}.`, {cause});
  }
}
