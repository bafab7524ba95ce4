import {spawn} from 'node:child_process';
import {createReadStream} from 'node:fs';
import {mkdir, mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import type {Readable} from 'node:stream';
import {pipeline} from 'node:stream/promises';
import {createGunzip} from 'node:zlib';
import {extract} from 'tar-stream';
import type {Header} from 'tar-stream';
import {hasProgram, outputOf} from './run.js';

/** A folder for one test file. */
export async function makeScratch(): Promise<string> {
  return mkdtemp(path.join(tmpdir(), 'ampoule-e2e-'));
}

/** Removes a scratch folder with everything in it. */
export async function removeScratch(folder: string): Promise<void> {
  await rm(folder, {recursive: true, force: true});
}

/** Unpacks an archive with the machine's tar into `destination`, which is made. */
export async function unpack(archive: string, destination: string): Promise<void> {
  await mkdir(destination, {recursive: true});
  await requireDecompressor(archive);
  const how = archive.endsWith('.zst') ? '--zstd' : '--gzip';
  await outputOf('tar', ['--extract', how, '--file', archive, '--directory', destination]);
}

/** Unpacks what a user installs of an archive of any flavour, as `python/` in `destination`, which is made. */
export async function installFrom(archive: string, destination: string): Promise<void> {
  if (!archive.endsWith('-full.tar.zst')) return unpack(archive, destination);
  await requireDecompressor(archive);
  const prefix = path.join(destination, 'python');
  await mkdir(prefix, {recursive: true});
  const how = ['--extract', '--zstd', '--file', archive, '--directory', prefix];
  await outputOf('tar', [...how, '--strip-components=2', 'python/install']);
}

/** Gives an unpacked archive for a user to install: a tree of hard links where the archive was unpacked once for all. */
export async function unpackedCopy(archive: string, destination: string): Promise<void> {
  const unpacked = path.join(process.env['AMPOULE_E2E_UNPACKED'] ?? '', path.basename(archive));
  await mkdir(path.dirname(destination), {recursive: true});
  await outputOf('cp', ['--archive', '--link', unpacked, destination]);
}

/** The header of each member of an archive, in order. */
export async function readHeaders(archive: string): Promise<readonly Header[]> {
  await requireDecompressor(archive);
  const headers: Header[] = [];
  const members = extract();
  members.on('entry', (header, content, next) => {
    headers.push(header);
    content.on('end', () => next());
    content.resume();
  });
  await pipeline(openTar(archive), members);
  return headers;
}

function openTar(archive: string): Readable {
  if (archive.endsWith('.gz')) return createReadStream(archive).pipe(createGunzip());
  const child = spawn('zstd', ['--decompress', '--stdout', '--quiet', archive], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child.on('close', (code) => {
    if (code !== 0) child.stdout.destroy(new Error(`zstd could not read ${archive}`));
  });
  return child.stdout;
}

async function requireDecompressor(archive: string): Promise<void> {
  if (!archive.endsWith('.zst') || (await hasProgram('zstd'))) return;
  throw new Error(`${archive} cannot be read without zstd: apt-get install zstd`);
}
