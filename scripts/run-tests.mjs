// What `npm test` does: all tests but those on a built archive, with types, lint and format beside them. Both come to
// their end whatever the other found; what the checks say comes last.
import {spawn} from 'node:child_process';
import path from 'node:path';
import {buffer} from 'node:stream/consumers';

const root = path.dirname(import.meta.dirname);
const vitest = ['node_modules/vitest/vitest.mjs', 'run'];
const projects = ['unit', 'contract', 'integration'].map((name) => `--project=${name}`);

const checks = spawn('npm', ['run', '--silent', 'check'], {
  cwd: root,
  stdio: ['ignore', 'pipe', 'pipe'],
});
const tests = spawn(process.execPath, [...vitest, ...projects, ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
});
const [saidOut, saidErr, checkStatus, testStatus] = await Promise.all([
  buffer(checks.stdout),
  buffer(checks.stderr),
  statusOf(checks),
  statusOf(tests),
]);
process.stdout.write(saidOut);
process.stderr.write(saidErr);
process.stdout.write(`types, lint and format: ${checkStatus === 0 ? 'good' : 'NOT good'}\n`);
process.exitCode = checkStatus === 0 && testStatus === 0 ? 0 : 1;

function statusOf(child) {
  return new Promise((resolve) => child.once('close', resolve));
}
