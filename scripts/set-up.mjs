// Makes a checkout ready to run: installs the locked packages and compiles, each only when it is out of date.
// Plain JavaScript without packages, because it runs before anything is installed; in a syntax that an old Node reads,
// because it tells such a Node what is expected.
import {spawnSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import fs from 'node:fs';
import {connect, createServer} from 'node:net';
import path from 'node:path';
import {fileURLToPath} from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
/** Compiled code until it is complete. In `lib/`, so that it is on the same file system. */
const incomplete = 'lib/.incomplete';

checkNode();
setUp().then(
  () => process.exit(),
  (error) => fail(1, error.message),
);

function checkNode() {
  const {engines} = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));
  const [expected] = /[\d.]+/.exec(engines.node);
  const [major, minor] = process.versions.node.split('.').map(Number);
  const [leastMajor, leastMinor] = expected.split('.').map(Number);
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return;
  fail(
    2,
    `expected Node ${expected} or newer, found ${process.versions.node} (${process.execPath})`,
  );
}

/** Whoever comes second waits, and then finds everything done. */
async function setUp() {
  if (!packagesAreOld() && !codeIsOld()) return;
  await takeLock();
  if (packagesAreOld()) installPackages();
  if (codeIsOld()) compile();
}

/** Takes what one process of this machine can have until it ends: a socket without a file. */
async function takeLock() {
  const name = `\0ampoule-set-up-${createHash('sha256').update(root).digest('hex')}`;
  for (;;) {
    const server = createServer();
    const isTaken = await new Promise((resolve, reject) => {
      server.once('error', (error) =>
        error.code === 'EADDRINUSE' ? resolve(true) : reject(error),
      );
      server.listen(name, () => resolve(false));
    });
    if (!isTaken) return;
    await new Promise((resolve) =>
      connect(name).once('error', resolve).once('close', resolve).resume(),
    );
  }
}

function packagesAreOld() {
  return modified('package-lock.json') > modified('node_modules/.package-lock.json');
}

/** Keep the same list in `ampoule`. */
function codeIsOld() {
  const names = ['tsconfig.json', 'tsconfig.build.json', 'package-lock.json'];
  return Math.max(newest('src'), ...names.map(modified)) > modified('lib/cli/main.js');
}

function installPackages() {
  // No package needs a script of its own, and such a script could do anything.
  run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']);
}

/** Replaces files one by one, the entry point last: a command that starts meanwhile finds each of them. */
function compile() {
  const startedAt = new Date();
  fs.rmSync(path.join(root, incomplete), {recursive: true, force: true});
  // Types are for `npm test` to check.
  const options = ['-p', 'tsconfig.build.json', '--noCheck', '--outDir', incomplete];
  run(process.execPath, ['node_modules/typescript-7/bin/tsc', ...options]);
  const names = filesBelow(incomplete);
  const old = filesBelow('lib').filter(
    (name) => !names.includes(name) && !name.startsWith(path.basename(incomplete)),
  );
  const entry = path.join('cli', 'main.js');
  for (const name of [...names.filter((name) => name !== entry), entry]) {
    fs.mkdirSync(path.join(root, 'lib', path.dirname(name)), {recursive: true});
    fs.renameSync(path.join(root, incomplete, name), path.join(root, 'lib', name));
  }
  for (const name of old) fs.rmSync(path.join(root, 'lib', name), {force: true});
  fs.rmSync(path.join(root, incomplete), {recursive: true, force: true});
  // What was saved while the compiler ran is newer.
  fs.utimesSync(path.join(root, 'lib', entry), startedAt, startedAt);
}

/** Milliseconds; 0 when the file is not there. */
function modified(name) {
  const status = fs.statSync(path.join(root, name), {throwIfNoEntry: false});
  return status === undefined ? 0 : status.mtimeMs;
}

function newest(directory) {
  const names = fs.readdirSync(path.join(root, directory), {recursive: true});
  return Math.max(
    modified(directory),
    ...names.map((name) => modified(path.join(directory, name))),
  );
}

/** Their paths below a folder of the checkout. */
function filesBelow(directory) {
  const entries = fs.readdirSync(path.join(root, directory), {
    recursive: true,
    withFileTypes: true,
  });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) =>
      path.relative(path.join(root, directory), path.join(entry.parentPath, entry.name)),
    );
}

function run(command, args) {
  // Output goes to stderr: stdout carries results only.
  const {status, error} = spawnSync(command, args, {cwd: root, stdio: ['ignore', 2, 2]});
  if (error !== undefined && error.code === 'ENOENT')
    fail(2, `expected ${command} on PATH, which comes with Node, found none`);
  if (error !== undefined) fail(1, `${command}: ${error.message}`);
  if (status !== 0)
    fail(status === null ? 1 : status, `${command} ${args.join(' ')} failed in ${root}`);
}

function fail(code, message) {
  process.stderr.write(`ampoule: ${message}\nNext: mend that, and run the same command again\n`);
  process.exit(code);
}
