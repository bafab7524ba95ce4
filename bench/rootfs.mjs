// The time that `rootfs/build` takes, its downloads present, beside `mmdebstrap --variant=extract` of the same packages:
// once from the mirror that our downloads come from, once with everything local, which is the like-for-like case.
// Rounds alternate, so that whatever else the machine does hits all of them.
import {spawnSync} from 'node:child_process';
import {copyFileSync, linkSync, mkdirSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {readImageFolder, readKeyring} from '../lib/builder/image-folder.js';
import {projectFiles} from '../lib/builder/project-files.js';
import {machineAptUris} from '../lib/builder/open-fetcher.js';
import {valueOrThrow} from '../lib/core/errors.js';
import {fetchPackageIndex, findSuite} from '../lib/fetch/fetch-suite.js';
import {HttpClient} from '../lib/fetch/http-client.js';
import {fetchInRelease} from '../lib/fetch/in-release-file.js';
import {DiskStore} from '../lib/store/disk-store.js';
import {median} from './median.mjs';

const root = path.dirname(import.meta.dirname);
const image = 'build';
const rounds = 5;

/** Measures and prints through `print(title, value)`; works in an empty folder. */
export async function benchRootfs(folder, print) {
  if (spawnSync('mmdebstrap', ['--version']).status !== 0) {
    print('rootfs/build against mmdebstrap', 'mmdebstrap is not installed');
    return;
  }
  mkdirSync(folder, {recursive: true});
  const files = await readImageFolder(projectFiles([root]), image);
  const definition = valueOrThrow(files.definition);
  const lock = valueOrThrow(files.lock);
  const cache = path.join(folder, 'cache');
  unpack(cache);
  const {mirror, localMirror} = await makeLocalMirror(definition, lock, {folder, cache});
  const extract = (url) => () => mmdebstrap(definition, {url, folder});
  const runs = {
    'rootfs/build, downloads present': () => {
      const store = path.join(folder, 'store');
      linkAll(path.join(cache, 'v1/sources'), path.join(store, 'v1/sources'));
      return timed(() => unpack(store), store);
    },
    'mmdebstrap, everything local': extract(localMirror),
    'mmdebstrap, from the same mirror': extract(mirror),
  };
  const seconds = new Map(Object.keys(runs).map((title) => [title, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [title, run] of Object.entries(runs)) seconds.get(title).push(run());
  }
  const [ours] = [...seconds.values()].map(median);
  for (const [title, times] of seconds) {
    const ratio = title.startsWith('mmdebstrap')
      ? `, ratio ${(ours / median(times)).toFixed(2)}`
      : '';
    const all = times.map((time) => time.toFixed(1)).join(' ');
    print(title, `${median(times).toFixed(1)} s (${all})${ratio}`);
  }
}

function unpack(store) {
  run(process.execPath, [path.join(import.meta.dirname, 'unpack-image.mjs'), image, store]);
}

/** Seconds, from start to end of the processes; what was made is removed afterwards. */
function timed(work, made) {
  const start = performance.now();
  work();
  const seconds = (performance.now() - start) / 1000;
  rmSync(made, {recursive: true, force: true});
  return seconds;
}

function mmdebstrap({packages, suite, architecture}, {url, folder}) {
  const target = path.join(folder, 'extracted');
  const mode = process.getuid() === 0 ? 'root' : 'chrootless';
  const work = () =>
    run('mmdebstrap', [
      ...['--quiet', '--variant=extract', `--mode=${mode}`, `--architectures=${architecture}`],
      ...[`--include=${packages.join(',')}`, suite, target, url],
    ]);
  return timed(work, target);
}

/** A mirror in a folder with the suite's signed index and the locked packages; and the address that it is a copy of. */
async function makeLocalMirror({suite, architecture}, lock, {folder, cache}) {
  const {signal} = new AbortController();
  const named = process.env.AMPOULE_DEBIAN_MIRROR;
  const signed = await findSuite({
    suite,
    candidates: [...(named === undefined ? [] : [named]), ...(await machineAptUris())].map(
      (base) => ({base, isNamed: false}),
    ),
    keys: await readKeyring(root),
    now: new Date(),
    isExpiredAllowed: false,
    signal,
  });
  const {sources} = await DiskStore.open(cache);
  await fetchPackageIndex(signed, architecture, {sink: sources, signal});
  const client = new HttpClient({connectTimeoutMs: 10_000, stallTimeoutMs: 10_000});
  const mirror = path.join(folder, 'mirror');
  const index = `main/binary-${architecture}/Packages.xz`;
  const place = (name, add) => {
    const file = path.join(mirror, name);
    mkdirSync(path.dirname(file), {recursive: true});
    add(file);
  };
  const inRelease = await fetchInRelease(client, signed.base, suite, signal);
  await client[Symbol.asyncDispose]();
  place(`dists/${suite}/InRelease`, (file) => writeFileSync(file, inRelease));
  const pinned = signed.release.files.get(index);
  place(`dists/${suite}/${index}`, (file) => copyFileSync(sources.pathOf(pinned.sha256), file));
  for (const {poolPath, sha256} of lock.packages) {
    place(poolPath, (file) => copyFileSync(sources.pathOf(sha256), file));
  }
  return {mirror: signed.base, localMirror: `copy://${mirror}`};
}

function linkAll(from, to) {
  mkdirSync(to, {recursive: true});
  for (const name of readdirSync(from)) linkSync(path.join(from, name), path.join(to, name));
}

function run(command, args) {
  const {status, stderr} = spawnSync(command, args, {encoding: 'utf8'});
  if (status !== 0) throw new Error(`${command} ended with ${status}:\n${stderr}`);
}
