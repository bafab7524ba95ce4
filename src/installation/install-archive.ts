import {lstat, readdir, readlink, realpath, rename, stat} from 'node:fs/promises';
import path from 'node:path';
import {ArchiveError} from '../archive/archive-error.js';
import {unpackArchive} from '../archive/unpack-archive.js';
import {InputError} from '../core/errors.js';
import type {RunHostCommand} from '../executor/host-command.js';
import {isThere} from '../files/is-there.js';
import {makeFolders} from '../files/make-folders.js';
import {removeTree} from '../files/remove-tree.js';
import {clearOutput, outputTemporary} from '../store/clear-leftovers.js';
import {ownerName} from '../store/owner.js';

/** Where a distribution says what it is: a folder without it is not ours to replace. */
const recordFile = 'share/ampoule/distribution.json';

/** Where an interpreter is in archives, and what of them is its installation: the full ones first. */
const layouts = ['python/install', 'python'];

/** What is installed where. */
export interface InstallRequest {
  readonly archive: string;
  readonly folder: string;
  /** Whether packages that were installed into an earlier installation may go with it. */
  readonly mayLose: boolean;
}

/**
 * Unpacks what users install of an archive as `folder`. It is unpacked beside the folder first, so the folder is never
 * half-written. An earlier installation there is replaced, in one step where the kernel can exchange two folders.
 * @returns the path of the interpreter.
 * @throws InputError when the folder holds anything else, or packages that would be lost.
 */
export async function installArchive(
  {archive, folder, mayLose}: InstallRequest,
  run: RunHostCommand,
  signal: AbortSignal,
): Promise<string> {
  const target = await throughLinks(folder);
  const isReplaced = await requireReplaceable(target);
  const parent = path.dirname(target);
  await makeFolders(parent);
  await clearOutput(parent);
  const temporary = path.join(parent, outputTemporary(await ownerName(), path.basename(target)));
  try {
    await makeFolders(temporary);
    await unpackArchive(archive, temporary, isInstalled, signal);
    const unpacked = await installationIn(archive, temporary);
    if (!isReplaced) await place(unpacked, target);
    else {
      if (!mayLose) await requireNothingLost(target, unpacked);
      await exchange({next: unpacked, old: target, temporary}, run, signal);
    }
  } finally {
    await removeTree(temporary);
  }
  return path.join(path.resolve(folder), 'bin/python3');
}

/** Puts a folder where nothing, or an empty folder, was a moment ago. */
async function place(unpacked: string, target: string): Promise<void> {
  try {
    await rename(unpacked, target);
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
    throw new InputError([
      `${target} was filled meanwhile, by another installation for example. It was left as it is.`,
    ]);
  }
}

/** The folder that a link leads to: the link stays, and what it leads to is replaced. */
async function throughLinks(folder: string): Promise<string> {
  const named = path.resolve(folder);
  const found = await realpath(named).catch(() => undefined);
  if (found !== undefined) return found;
  const to = await readlink(named).catch(() => undefined);
  if (to === undefined) return named;
  throw new InputError([
    `${named} is a link to ${to}, which leads nowhere. Next: remove it, or name another folder.`,
  ]);
}

/** Whether a folder is an earlier installation; else it is absent or empty. */
async function requireReplaceable(target: string): Promise<boolean> {
  const names = await readdir(target).catch((error: unknown) => {
    const {code} = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return [];
    throw new InputError([
      `${target} is no folder (${(error as Error).message}). Expected an empty or absent folder, or an earlier installation.`,
    ]);
  });
  await refuseMountPoint(target);
  if (names.length === 0) return false;
  if (await isThere(path.join(target, recordFile))) return true;
  throw new InputError([
    `${target} holds ${names.slice(0, 3).join(', ')}${names.length > 3 ? ', ...' : ''}, and no ${recordFile}.\n` +
      'Expected an empty or absent folder, or an earlier installation. Next: name another folder.',
  ]);
}

/** A mount point cannot be renamed. */
async function refuseMountPoint(target: string): Promise<void> {
  const [own, parent] = await Promise.all(
    [target, path.dirname(target)].map((folder) => stat(folder).catch(() => undefined)),
  );
  if (own === undefined || parent === undefined || own.dev === parent.dev) return;
  throw new InputError([
    `${target} is a mount point, which cannot be replaced as a whole. Next: name a folder in it.`,
  ]);
}

/** Of a full archive only the installation is unpacked. */
function isInstalled(member: string): boolean {
  return !/^python\/(?:build|licenses)(?:\/|$)/.test(member);
}

async function installationIn(archive: string, folder: string): Promise<string> {
  for (const layout of layouts) {
    const found = path.join(folder, layout);
    const program = await stat(path.join(found, 'bin/python3')).catch(() => undefined);
    // A link may be one to a folder that is not moved with it.
    if (program?.isFile() === true && (await lstat(found)).isDirectory()) return found;
  }
  const places = layouts.map((layout) => `${layout}/bin/python3`).join(' nor ');
  throw new ArchiveError(archive, `has neither ${places}: expected an archive of a Python`);
}

async function requireNothingLost(old: string, next: string): Promise<void> {
  const lostOf = async (namesIn: (prefix: string) => Promise<readonly string[]>) => {
    const has = new Set((await namesIn(next)).map(ofAnySeries));
    return (await namesIn(old)).filter((name) => !has.has(ofAnySeries(name))).sort();
  };
  const [files, packages] = [await lostOf(filesIn), await lostOf(packagesIn)];
  const lost = [...files.map((name) => `./${name}`), ...packages];
  if (lost.length === 0) return;
  const more = lost.length > 10 ? ` and ${lost.length - 10} more` : '';
  const what = [files.length > 0 ? ['files'] : [], packages.length > 0 ? ['packages'] : []];
  throw new InputError([
    `${old} has ${what.flat().join(' and ')} that would be lost: ${lost.slice(0, 10).join(', ')}${more}.\n` +
      `Next: name another folder, or --force${packages.length > 0 ? ' and install them again' : ''}.`,
  ]);
}

/** A name with the series of Python left out: `python3.14t` was `python3.13`. */
function ofAnySeries(name: string): string {
  return name.replaceAll(/3\.\d+t?/g, '3');
}

/**
 * What lies in an installation beside the standard library, which differs between releases: programs and other files of a user
 * among them.
 */
async function filesIn(prefix: string): Promise<readonly string[]> {
  const entries = await readdir(prefix, {recursive: true, withFileTypes: true});
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.relative(prefix, path.join(entry.parentPath, entry.name)))
    .filter((name) => !/^(?:lib|include)\/python3\.|(?:^|\/)__pycache__\//.test(name));
}

/** What lies in `site-packages` of a Python, each package without its version. */
async function packagesIn(prefix: string): Promise<readonly string[]> {
  const library = path.join(prefix, 'lib');
  const versions = (await readdir(library).catch(() => [])).filter((name) =>
    name.startsWith('python'),
  );
  const names = versions.map((version) =>
    readdir(path.join(library, version, 'site-packages')).catch(() => []),
  );
  return [
    ...new Set(
      (await Promise.all(names))
        .flat()
        .filter((name) => name !== '__pycache__' && name !== 'README.txt')
        .map((name) => name.replace(/-[^-]*(?:-py3[^-]*)?\.(?:dist|egg)-info$/, '')),
    ),
  ];
}

/** A Python that takes longer to start is none. */
const exchangeMs = 30_000;

/** Exchanges two folders: the first argument becomes the second, and the other way round. */
const exchangeProgram = `
import ctypes, os, sys
number = {"x86_64": 316, "aarch64": 276}[os.uname().machine]
paths = [os.fsencode(each) for each in sys.argv[1:]]
sys.exit(ctypes.CDLL(None).syscall(number, -100, paths[0], -100, paths[1], 2) != 0)
`;

/** Puts `next` in the place of `old`, which ends in `temporary`. */
async function exchange(
  {next, old, temporary}: Record<'next' | 'old' | 'temporary', string>,
  run: RunHostCommand,
  signal: AbortSignal,
): Promise<void> {
  const program = path.join(next, 'bin/python3');
  // Node has no call for it. The new Python may be of another machine, or the file system may not know it.
  const argv = [program, '-B', '-I', '-S', '-c', exchangeProgram, next, old] as const;
  const quiet = {cwd: '/', environment: {}, onOutput: () => undefined};
  const {ino} = await stat(old);
  const limited = AbortSignal.any([signal, AbortSignal.timeout(exchangeMs)]);
  const exit = await run({argv, ...quiet}, limited).catch(() => undefined);
  signal.throwIfAborted();
  // Whatever a program says that may be a stranger's: the folders tell.
  if (exit?.kind === 'exited' && exit.code === 0 && (await stat(next)).ino === ino) return;
  const aside = path.join(temporary, 'old');
  await rename(old, aside);
  try {
    await rename(next, old);
  } catch (error) {
    await rename(aside, old);
    throw error;
  }
}
