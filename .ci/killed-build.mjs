// Builds with the real command line, kills the builder with SIGKILL at seeded random points on the way, and then lets
// one run come to its end. Fails when a stage that was finished runs again, when a sandbox outlives its builder, or when
// the store keeps something that the last run ought to have cleared. Prints the sha256 of every archive.
//
//   node .ci/killed-build.mjs [--kills 5] [--seed N] [--umask 077] -- \
//       build --executor docker --jobs 3 --store <folder> --output <folder>
//
// A builder is killed some seconds after it has built a stage and so many of all stages are done as was drawn: one point
// in each of as many parts of the first four fifths as there are kills. So each kill meets a build that works, and every
// stage comes to its end between two of them or after the last, however long it takes. AMPOULE_SEED stands for --seed.
import {spawn} from 'node:child_process';
import {createHash} from 'node:crypto';
import {EventEmitter} from 'node:events';
import {createReadStream, existsSync, readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {parseArgs} from 'node:util';
import {setTimeout as sleep} from 'node:timers/promises';

const {values, positionals} = parseArgs({
  allowPositionals: true,
  options: {
    kills: {type: 'string', default: '5'},
    seed: {type: 'string', default: process.env['AMPOULE_SEED'] ?? '20261121'},
    umask: {type: 'string'},
  },
});
const kills = Number(values.kills);
/** The last stages, which write the archives, take longer than this. */
const longestDelayMs = 10_000;
const store = optionOf('--store') ?? process.env['AMPOULE_STORE'];
const output = optionOf('--output') ?? 'dist';
if (!(kills >= 0) || positionals[0] !== 'build' || store === undefined) {
  process.stderr.write('wanted: -- build --store <folder> ..., see the head of this file\n');
  process.exit(2);
}
if (values.umask !== undefined) process.umask(Number.parseInt(values.umask, 8));

const random = seeded(Number(values.seed));
const root = path.join(path.resolve(store), 'v1');
const main = path.join(import.meta.dirname, '../lib/cli/main.js');
say(`seed ${values.seed}`);

let killed = 0;
/** The keys of the stages that had a record in the store when a builder was killed. */
const finished = new Set();
while (killed < kills) {
  const share = (0.8 * (killed + random())) / kills;
  const delayMs = longestDelayMs * random();
  const run = start();
  const code = await Promise.race([run.ended, run.isDone(share)]);
  if (code !== 'done')
    fail(`the build ended with ${code} before kill ${killed + 1}, for which it was too short`);
  await sleep(delayMs);
  if (run.child.exitCode !== null) fail(`the build ended before kill ${killed + 1}`);
  run.child.kill('SIGKILL');
  await run.ended;
  killed += 1;
  await noSandboxes();
  remember();
  const when = `${(delayMs / 1000).toFixed(1)} s after ${(100 * share).toFixed(0)} % of the stages were done`;
  say(`kill ${killed} ${when}, with ${finished.size} stages in the store`);
}
const last = start();
const code = await last.ended;
if (code !== 0) fail(`the last run ended with ${code}`);
check();
for (const line of last.stdout().trim().split('\n')) {
  process.stdout.write(`${await sha256Of(line)}  ${line}\n`);
}
say(`${killed} kills, no build lost`);

function start() {
  const child = spawn(process.execPath, [main, ...positionals, '--progress', 'plain'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const progress = new EventEmitter();
  const isDone = (share) =>
    new Promise((resolve) =>
      progress.on('share', (reached) => {
        if (reached >= share) resolve('done');
      }),
    );
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text));
  let rest = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    process.stderr.write(text);
    const lines = (rest + text).split('\n');
    rest = lines.pop();
    for (const line of lines) {
      const stage = /^start +(\S+) \(([0-9a-f]{12})\)$/.exec(line);
      if (stage !== null) noteStart(stage[1], stage[2]);
      const built = /^built .*\[(\d+)\/(\d+)\]$/.exec(line);
      if (built !== null) progress.emit('share', Number(built[1]) / Number(built[2]));
    }
  });
  const ended = new Promise((resolve) =>
    child.once('close', (status, signal) => resolve(status ?? signal)),
  );
  return {child, ended, isDone, stdout: () => stdout};
}

/** A stage that runs although the store had it when a builder was killed is one that was lost. */
function noteStart(stage, key) {
  if ([...finished].some((name) => name.startsWith(key)))
    fail(`${stage} was finished, and ran again`);
}

function remember() {
  const records = path.join(root, 'records/stage-key');
  if (existsSync(records)) for (const name of readdirSync(records)) finished.add(name);
}

function check() {
  const left = ['tmp', 'locks', 'work', 'sources', 'marks'].flatMap((folder) =>
    readdirSync(path.join(root, folder))
      .filter((name) => folder !== 'sources' || !/^[0-9a-f]{64}$/.test(name))
      .filter((name) => folder !== 'marks' || name.startsWith('running-'))
      .map((name) => path.join(folder, name)),
  );
  if (left.length > 0) fail(`the store keeps ${left.join(', ')}`);
  const beside = readdirSync(output).filter((name) => name.startsWith('.'));
  if (beside.length > 0) fail(`the output folder keeps ${beside.join(', ')}`);
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').replaceAll('\\040', ' ');
  if (mounts.includes(`${root}/`)) fail(`something is mounted below ${root}`);
}

/** Waits until no bubblewrap of this store runs: those of an engine are its own affair until the next run. */
async function noSandboxes() {
  const deadline = performance.now() + 60_000;
  for (;;) {
    const running = readdirSync('/proc').filter((pid) => {
      if (!/^\d+$/.test(pid)) return false;
      const command = readOr(`/proc/${pid}/cmdline`);
      return command.includes('bwrap') && command.includes(root);
    });
    if (running.length === 0) return;
    if (performance.now() > deadline)
      fail(`sandboxes outlive their builder: ${running.join(', ')}`);
    await sleep(50);
  }
}

function readOr(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function optionOf(name) {
  const index = positionals.lastIndexOf(name);
  return index < 0 ? undefined : positionals[index + 1];
}

async function sha256Of(file) {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  return hash.digest('hex');
}

/** Numbers in [0, 1), the same for the same seed. */
function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function say(text) {
  process.stderr.write(`killed-build: ${text}\n`);
}

function fail(text) {
  say(text);
  process.exit(1);
}
