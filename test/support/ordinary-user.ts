import {chown, copyFile, cp, mkdir, mkdtemp, readdir, realpath, rm, stat} from 'node:fs/promises';
import {tmpdir, userInfo} from 'node:os';
import path from 'node:path';
import {linkOrCopy} from '../../src/executor/merge-trees.js';
import {outputOf, plainEnvironment, run, type Finished} from './archive/run.js';
import {scale} from './scale.js';

/** A user without rights over others' files, with a checkout of its own. */
export interface OrdinaryUser extends AsyncDisposable {
  readonly uid: number;
  /** A folder that belongs to the user, with `checkout` and `tmp` in it. */
  readonly home: string;
  /** Runs a program as the user, in its checkout, with files of its own that nobody else can read (umask 077). */
  run(argv: readonly string[], environment?: Environment): Promise<Finished>;
  /** Gives the user a file or a folder below its home like one from elsewhere, by hard links where that is possible. */
  give(source: string, destination: string): Promise<void>;
}

type Environment = Readonly<Record<string, string>>;

interface Account {
  readonly uid: number;
  readonly gid: number;
  readonly name: string;
  remove(): Promise<void>;
}

const root = path.resolve(import.meta.dirname, '../..');

/**
 * Creates an account when this process is root, and removes it with all its files at the end; else the user is whoever
 * runs the tests. The checkout is a copy of this one, installed and compiled, since this one, and Node, may lie where
 * only root can read.
 */
export async function makeOrdinaryUser(): Promise<OrdinaryUser> {
  const home = await mkdtemp(path.join(tmpdir(), 'ampoule-user-'));
  const account = process.getuid?.() === 0 ? await createAccount(home) : ownAccount();
  await cp(root, path.join(home, 'checkout'), {
    recursive: true,
    verbatimSymlinks: true,
    filter: (source) => !['.git', 'dist'].includes(path.relative(root, source)),
  });
  await mkdir(path.join(home, 'tmp'));
  await outputOf('chown', ['-R', `${account.uid}:${account.gid}`, home]);
  await mkdir(path.join(home, 'bin'));
  await linkOrCopy(await realpath(process.execPath), path.join(home, 'bin/node'));
  return {
    uid: account.uid,
    home,
    run: (argv, environment) =>
      run('/bin/sh', ['-c', 'umask 077 && exec "$@"', 'sh', ...argv], {
        cwd: path.join(home, 'checkout'),
        env: {...environmentOf(home, account.name), ...environment},
        as: account,
        timeoutMs: 1_500_000,
      }),
    give: async (source, destination) => {
      const target = path.join(home, destination);
      await mkdir(path.dirname(target), {recursive: true});
      await ((await stat(source)).isDirectory() ? linkTree : linkFile)(source, target, account);
      for (let folder = path.dirname(target); folder !== home; folder = path.dirname(folder)) {
        await chown(folder, account.uid, account.gid);
      }
    },
    async [Symbol.asyncDispose]() {
      await rm(home, {recursive: true, force: true});
      await account.remove();
    },
  };
}

function environmentOf(home: string, user: string): Environment {
  const mirror = process.env['AMPOULE_DEBIAN_MIRROR'];
  return {
    HOME: home,
    USER: user,
    TMPDIR: path.join(home, 'tmp'),
    AMPOULE_TEST_SCALE: scale,
    PATH: `${path.join(home, 'bin')}:${plainEnvironment['PATH'] ?? ''}`,
    // What holds for the machine holds for everybody on it.
    ...(mirror !== undefined && {AMPOULE_DEBIAN_MIRROR: mirror}),
  };
}

async function createAccount(home: string): Promise<Account> {
  const name = `ampoule-${process.pid}`;
  const administration = {env: {PATH: '/usr/sbin:/usr/bin:/sbin:/bin'}};
  await outputOf(
    'useradd',
    ['--system', '--user-group', '--home-dir', home, '--shell', '/bin/sh', name],
    administration,
  );
  const id = async (option: string) => Number(await outputOf('id', [option, name]));
  return {
    uid: await id('-u'),
    gid: await id('-g'),
    name,
    remove: async () => {
      await outputOf('userdel', [name], administration);
    },
  };
}

function ownAccount(): Account {
  const {uid, gid, username} = userInfo();
  return {uid, gid, name: username, remove: () => Promise.resolve()};
}

async function linkTree(source: string, destination: string, owner: Account): Promise<void> {
  await mkdir(destination);
  await chown(destination, owner.uid, owner.gid);
  for (const entry of await readdir(source, {withFileTypes: true})) {
    const from = path.join(source, entry.name);
    const to = path.join(destination, entry.name);
    if (entry.isDirectory()) await linkTree(from, to, owner);
    else if (entry.isSymbolicLink()) await cp(from, to, {verbatimSymlinks: true});
    else await linkFile(from, to, owner);
  }
}

/** A linked file keeps its owner, so one that only its owner can read is copied. */
async function linkFile(source: string, destination: string, owner: Account): Promise<void> {
  const {mode} = await stat(source);
  if ((mode & 0o004) !== 0) {
    await linkOrCopy(source, destination);
    return;
  }
  await copyFile(source, destination);
  await chown(destination, owner.uid, owner.gid);
}
