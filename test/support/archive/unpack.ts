import {createReadStream, createWriteStream} from 'node:fs';
import {mkdir, mkdtemp, rm, symlink} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {PassThrough, Readable, Transform} from 'node:stream';
import {pipeline} from 'node:stream/promises';
import {createGunzip} from 'node:zlib';
import {Decompress} from 'fzstd';
import {extract} from 'tar-stream';
import type {Headers} from 'tar-stream';

/** A folder for one test file; everything in it is removed at its end. */
export async function makeScratch(): Promise<string> {
  return mkdtemp(path.join(tmpdir(), 'ampoule-e2e-'));
}

/** Removes a scratch folder. */
export async function removeScratch(folder: string): Promise<void> {
  await rm(folder, {recursive: true, force: true});
}

/** The header of each member of an archive, in order; with `destination`, the members are written there as well. */
export async function readArchive(
  archive: string,
  destination?: string,
): Promise<readonly Headers[]> {
  const headers: Headers[] = [];
  const members = extract();
  const reading = pipeline(createReadStream(archive), decompressor(archive), members);
  const visiting = (async () => {
    for await (const entry of members) {
      headers.push(entry.header);
      if (destination === undefined) entry.resume();
      else await writeMember(entry.header, entry, destination);
    }
  })();
  await Promise.all([reading, visiting]);
  return headers;
}

async function writeMember(header: Headers, content: Readable, destination: string): Promise<void> {
  const target = path.join(destination, header.name);
  await mkdir(path.dirname(target), {recursive: true});
  if (header.type === 'file') {
    await pipeline(content, createWriteStream(target, {mode: header.mode ?? 0o644}));
    return;
  }
  if (header.type === 'symlink') await symlink(header.linkname ?? '', target);
  content.resume();
}

function decompressor(archive: string): NodeJS.ReadWriteStream {
  if (archive.endsWith('.gz')) return createGunzip();
  if (archive.endsWith('.zst')) return zstdDecompressor();
  return new PassThrough();
}

function zstdDecompressor(): Transform {
  const stream = new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      decoder.push(chunk);
      done();
    },
    flush(done) {
      decoder.push(new Uint8Array(0), true);
      done();
    },
  });
  const decoder = new Decompress((chunk) => stream.push(chunk));
  return stream;
}
