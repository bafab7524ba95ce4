import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readFileSync,
  readlinkSync,
} from 'node:fs';
import path from 'node:path';
import {BuildError} from './errors.js';

/** A tree that a stage has made, and that nothing changes any more. */
export interface Tree {
  /** Absolute. */
  readonly hostPath: string;
  /** For messages: the stage, `dependency/zlib`. */
  readonly name: string;
}

/** A file of a tree cannot be read as one. */
export class TreeFileError extends BuildError {
  override readonly name = 'TreeFileError';
  readonly code = 'E_TREE_FILE';

  constructor(
    tree: Tree,
    file: string,
    problem: string,
    /** Whether there is nothing at this path, not even a link. */
    readonly isMissing: boolean,
  ) {
    super(
      `${file} in the output of ${tree.name} ${problem}\n` +
        'Expected a file of its own, or a link to one inside the output: correct the script of that stage.',
    );
  }
}

/** The number of links that Linux follows at most while it resolves a path. */
const mostLinks = 40;
/** Far above any text or library that is read as a whole. */
const mostBytes = 1 << 28;

/**
 * Finds a file or folder of a tree without leaving the tree: the target of an absolute link is looked up in the tree.
 * Returns the host path, in which no link is left.
 * @throws TreeFileError when there is none, or a link leads out.
 */
export function resolveInTree(tree: Tree, file: string): string {
  const todo = file.split('/').reverse();
  let links = 0;
  const fail = (problem: string): never => {
    throw new TreeFileError(tree, file, problem, links === 0 && problem === missing);
  };
  const done: string[] = [];
  for (let part = todo.pop(); part !== undefined; part = todo.pop()) {
    if (part === '' || part === '.') continue;
    if (part === '..') {
      if (done.pop() === undefined) fail('leads out of it');
      continue;
    }
    const hostPath = path.join(tree.hostPath, ...done, part);
    const stats =
      lstatSync(hostPath, {throwIfNoEntry: false}) ?? fail(links === 0 ? missing : dangling);
    if (!stats.isSymbolicLink()) {
      if (todo.length > 0 && !stats.isDirectory()) fail(missing);
      done.push(part);
      continue;
    }
    links += 1;
    if (links > mostLinks) fail('is a link that leads to itself');
    const target = readlinkSync(hostPath);
    if (target.startsWith('/')) done.length = 0;
    todo.push(...target.split('/').reverse());
  }
  return path.join(tree.hostPath, ...done);
}

const missing = 'is missing';
const dangling = 'is a link that leads to nothing in it';

/** Whether a path of a tree is itself a link. */
export function isLinkInTree(tree: Tree, file: string): boolean {
  const folder = resolveInTree(tree, path.posix.dirname(file));
  const found = lstatSync(path.join(folder, path.posix.basename(file)), {throwIfNoEntry: false});
  return found?.isSymbolicLink() === true;
}

/**
 * Opens a regular file of a tree for reading. Returns the file descriptor, which the caller closes.
 * @throws TreeFileError when there is none, a link leads out, or it is a device, a pipe, a socket or a folder.
 */
export function openInTree(tree: Tree, file: string): number {
  const hostPath = resolveInTree(tree, file);
  // Looked at first, because opening a device can act.
  if (!lstatSync(hostPath).isFile())
    throw new TreeFileError(tree, file, 'is not a regular file', false);
  return openSync(hostPath, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
}

/**
 * The bytes of a file of a tree.
 * @throws TreeFileError as `openInTree` does, and for a file that no memory should hold.
 */
export function readInTree(tree: Tree, file: string): Buffer {
  const descriptor = openInTree(tree, file);
  try {
    const {size} = fstatSync(descriptor);
    if (size > mostBytes) {
      throw new TreeFileError(tree, file, `has ${size} bytes, more than ${mostBytes}`, false);
    }
    return readFileSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
