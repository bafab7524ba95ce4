// Runs a script with the newest Node, which the npm package of this platform brings, in a folder of its own. Programs that
// the script starts as `node` run on it too.
//   node scripts/newest-node.mjs <script> [<argument>...]
import {spawnSync} from 'node:child_process';
import {mkdirSync} from 'node:fs';
import path from 'node:path';

const root = path.dirname(import.meta.dirname);
const folder = path.join(root, 'node_modules/.cache/newest-node');
const binaries = path.join(folder, 'node_modules/.bin');

mkdirSync(folder, {recursive: true});
const flags = ['--no-save', '--no-audit', '--no-fund', '--loglevel=error'];
const newest = `node-linux-${process.arch}@latest`;
run('npm', ['install', '--ignore-scripts', '--prefix', folder, ...flags, newest]);
run(path.join(binaries, 'node'), process.argv.slice(2), {
  ...process.env,
  PATH: `${binaries}:${process.env.PATH}`,
});

/** Ends this process when the command fails. */
function run(command, args, env = process.env) {
  const {status, error} = spawnSync(command, args, {cwd: root, env, stdio: 'inherit'});
  if (error !== undefined) process.stderr.write(`${command}: ${error.message}\n`);
  if (status !== 0) process.exit(status ?? 1);
}
