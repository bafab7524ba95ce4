// Makes a checkout ready to run: installs the locked packages and compiles, each only when it is out of date.
// Plain JavaScript without packages, because it runs before anything is installed.
import {spawnSync} from 'node:child_process';
import {readdirSync, rmSync, statSync} from 'node:fs';
import path from 'node:path';

const root = path.dirname(import.meta.dirname);
const wanted = [20, 19];
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < wanted[0] || (major === wanted[0] && minor < wanted[1])) {
  process.stderr.write(
    `Ampoule needs Node ${wanted.join('.')} or newer, this is ${process.versions.node}.\n`,
  );
  process.exit(2);
}

if (modified('package-lock.json') > modified('node_modules/.package-lock.json')) {
  // No package needs a script of its own, and such a script could do anything.
  run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']);
}
if (
  Math.max(newest('src'), modified('tsconfig.build.json'), modified('package-lock.json')) >
  modified('lib/cli/main.js')
) {
  rmSync(path.join(root, 'lib'), {recursive: true, force: true});
  // Types are for `npm test` to check.
  const options = ['-p', 'tsconfig.build.json', '--noCheck'];
  run(process.execPath, ['node_modules/typescript-7/bin/tsc', ...options]);
}

/** Milliseconds; 0 when the file is not there. */
function modified(name) {
  return statSync(path.join(root, name), {throwIfNoEntry: false})?.mtimeMs ?? 0;
}

function newest(directory) {
  const names = readdirSync(path.join(root, directory), {recursive: true});
  return Math.max(
    modified(directory),
    ...names.map((name) => modified(path.join(directory, name))),
  );
}

function run(command, args) {
  // Output goes to stderr: stdout carries results only.
  const {status, error} = spawnSync(command, args, {cwd: root, stdio: ['ignore', 2, 2]});
  if (error !== undefined) process.stderr.write(`${command}: ${error.message}\n`);
  if (status !== 0) process.exit(status ?? 1);
}
