import {createHash} from 'node:crypto';
import {createReadStream, existsSync} from 'node:fs';
import {lstat, mkdir, readlink, stat, symlink, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {compareCodeUnits} from '../core/digest.js';
import {printableLine} from '../core/printable.js';
import {messageOf} from '../core/errors.js';
import {hasThread, Thread} from '../thread/thread.js';
import {DebError} from './deb-error.js';
import {extractDeb, type Clash, type DebExtraction, type ExtractionReport} from './extract-deb.js';
import type {ImageDefinition} from './image-definition.js';
import {mergedNames} from './image-path.js';
import {extractIn, unpacking} from './unpack-thread.js';

/** The part of a definition that decides the bytes of the image. */
export type ImageContent = Pick<
  ImageDefinition,
  'kind' | 'usr' | 'exclude' | 'files' | 'links' | 'directories'
>;

/** A locked package as a file on this machine. */
export interface PackageFile {
  readonly name: string;
  /** Absolute host path of the .deb file. */
  readonly debPath: string;
}

/** How an image is unpacked. Nothing here changes its bytes. */
export interface UnpackOptions {
  /** An empty directory that becomes the image's root; absolute. */
  readonly rootPath: string;
  /** Packages unpacked at once; 1 unpacks in this thread. */
  readonly threads: number;
  readonly signal: AbortSignal;
}

/**
 * Unpacks exactly these packages into an empty directory and adds the files, links and directories of the definition.
 * The result does not depend on the order of the packages or the number of threads. Modes are 0644 and 0755; the store
 * sets the times.
 * @throws DebError for a damaged package, a refused entry, or two packages with different content for one path.
 */
export async function unpackImage(
  content: ImageContent,
  packages: readonly PackageFile[],
  options: UnpackOptions,
): Promise<void> {
  const {rootPath} = options;
  if (content.usr === 'merged') {
    for (const name of mergedNames) {
      if (content.kind === 'sysroot' && !name.startsWith('lib')) continue;
      await mkdir(path.join(rootPath, 'usr', name), {recursive: true});
      await symlink(`usr/${name}`, path.join(rootPath, name));
    }
  }
  const rules = {kind: content.kind, usr: content.usr, exclude: content.exclude};
  const reports = await extractAll(
    packages.map(({name, debPath}) => ({packageName: name, debPath, rootPath, rules})),
    options,
  );
  await settleClashes(reports, rootPath);
  await addOwnEntries(content, rootPath);
}

/** Unpacking less than this is faster than starting a thread. */
const bytesPerThread = 8 << 20;

type Reports = ReadonlyMap<string, ExtractionReport>;

async function extractAll(
  extractions: readonly DebExtraction[],
  {threads, signal}: UnpackOptions,
): Promise<Reports> {
  const sizes = new Map<DebExtraction, number>();
  for (const extraction of extractions)
    sizes.set(extraction, (await stat(extraction.debPath)).size);
  // The largest first, so that no single thread works on one at the end.
  const queue = [...extractions].sort((a, b) => (sizes.get(b) ?? 0) - (sizes.get(a) ?? 0));
  const reports = new Map<string, ExtractionReport>();
  const stop = new AbortController();
  const anySignal = AbortSignal.any([signal, stop.signal]);

  const work = async (extract: typeof extractDeb): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      anySignal.throwIfAborted();
      reports.set(next.packageName, await extract(next));
    }
  };
  const workInThread = async (): Promise<void> => {
    await using thread = new Thread(unpacking, anySignal);
    await work((extraction) => extractIn(thread, extraction));
  };
  const totalBytes = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  const count = hasThread(unpacking)
    ? Math.min(threads, queue.length, Math.ceil(totalBytes / bytesPerThread))
    : 1;
  const workers = count > 1 ? Array.from({length: count}, workInThread) : [work(extractDeb)];
  const settled = await Promise.allSettled(
    workers.map((worker) =>
      worker.catch((error: unknown) => {
        stop.abort(error);
        throw error;
      }),
    ),
  );
  signal.throwIfAborted();
  if (settled.some(({status}) => status === 'rejected')) throw stop.signal.reason;
  return reports;
}

/** The number that a message spells out; the rest is counted. */
const shownClashes = 50;

/** Two packages may ship the same path only with equal content. */
async function settleClashes(reports: Reports, rootPath: string): Promise<void> {
  const differing: {readonly path: string; readonly name: string}[] = [];
  for (const [name, report] of reports) {
    for (const clash of report.clashes) {
      if (await isAsOnDisk(clash, path.join(rootPath, clash.path))) continue;
      differing.push({path: clash.path, name});
    }
  }
  if (differing.length === 0) return;
  const owners = new Map(
    [...reports].flatMap(([name, {written}]) => written.map((file) => [file, name] as const)),
  );
  const lines = differing
    .map(({path: file, name}) => {
      const both = [owners.get(file) ?? 'the image itself', name].sort(compareCodeUnits);
      return `  ${printableLine(file)} is different in ${both.join(' and in ')}.\n`;
    })
    .sort(compareCodeUnits);
  const hidden = lines.length - shownClashes;
  throw new DebError(
    `Packages of one image ship the same path with different content:\n` +
      lines.slice(0, shownClashes).join('') +
      (hidden > 0 ? `  and ${hidden} more\n` : '') +
      'Leave one of the packages out of image.yaml, or the path by a pattern in its `exclude`.',
  );
}

async function isAsOnDisk(clash: Clash, absolute: string): Promise<boolean> {
  const stats = await lstat(absolute);
  if (clash.kind === 'link') {
    return stats.isSymbolicLink() && (await readlink(absolute)) === clash.target;
  }
  if (!stats.isFile() || ((stats.mode & 0o100) !== 0) !== clash.isExecutable) return false;
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(absolute)) hash.update(chunk as Uint8Array);
  return hash.digest('hex') === clash.sha256;
}

async function addOwnEntries(content: ImageContent, rootPath: string): Promise<void> {
  const place = async (name: string, add: (absolute: string) => Promise<unknown>) => {
    try {
      const parent = await realDirectory(rootPath, path.posix.dirname(name));
      await add(path.join(parent, path.posix.basename(name)));
    } catch (error) {
      throw new DebError(
        `image.yaml: ${name} cannot be added to the image: ${messageOf(error)}\n` +
          'If a package ships that path, leave it out by a pattern in `exclude`.',
        {cause: error},
      );
    }
  };
  for (const name of content.directories) {
    await place(`${name}/.`, () => Promise.resolve());
  }
  for (const [name, text] of Object.entries(content.files)) {
    await place(name, (absolute) => writeFile(absolute, text, {flag: 'wx', mode: 0o644}));
  }
  for (const [name, target] of Object.entries(content.links)) {
    await place(name, (absolute) => symlink(target, absolute));
  }
  for (const name of Object.keys(content.links)) await place(name, checkLink(rootPath));
}

/** A dangling link is a mistake in image.yaml: a build would miss the tool. */
function checkLink(rootPath: string): (absolute: string) => Promise<void> {
  const root = path.resolve(rootPath);
  return async (absolute) => {
    const target = await readlink(absolute);
    if (target.startsWith('/')) throw new Error(`its target ${target} must be relative`);
    const resolved = path.resolve(path.dirname(absolute), target);
    if (!resolved.startsWith(`${root}/`)) throw new Error('its target is outside the image');
    if (!existsSync(resolved)) throw new Error(`its target ${target} is not in the image`);
  };
}

/** Makes the directories down to `name`, each a real one. */
async function realDirectory(rootPath: string, name: string): Promise<string> {
  let absolute = rootPath;
  for (const part of name.split('/')) {
    if (part === '.') continue;
    absolute = path.join(absolute, part);
    const stats = await lstat(absolute).catch(() => undefined);
    if (stats === undefined) await mkdir(absolute, 0o755);
    else if (!stats.isDirectory()) throw new Error(`${part} is not a directory`);
  }
  return absolute;
}
