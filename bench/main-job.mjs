// Figures of the main job, printed as a table: `npm run bench -- [cold] [warm] [rebuilds] [twice] [rootfs]`, all by default.
// `cold` builds in an empty store, `twice` does so once more from another checkout with other job counts and compares,
// `rootfs` compares with mmdebstrap.
// Times are printed, never judged. AMPOULE_BENCH_FOLDER names a folder that is kept.
import {spawnSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {benchRootfs} from './rootfs.mjs';

const root = path.dirname(import.meta.dirname);
const kept = process.env.AMPOULE_BENCH_FOLDER;
const scratch = kept ?? mkdtempSync(path.join(os.tmpdir(), 'ampoule-bench-'));
const store = path.join(scratch, 'store');
const parts = process.argv.slice(2);
const wants = (part) => parts.length === 0 || parts.includes(part);
const onExit = `data:text/javascript,process.on('exit',()=>process.stderr.write('\\npeak '+process.resourceUsage().maxRSS+'\\n'))`;

/** Runs the command; returns its seconds, node's peak memory in MiB, its output and the stages that it ran. */
function ampoule(arguments_, {checkout = root, storeFolder = store, environment = {}} = {}) {
  const main = path.join(checkout, 'lib/cli/main.js');
  const start = performance.now();
  const {status, stdout, stderr} = spawnSync(
    process.execPath,
    ['--import', onExit, main, ...arguments_],
    {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      env: {...process.env, ...environment, AMPOULE_STORE: storeFolder},
    },
  );
  if (status !== 0)
    throw new Error(`ampoule ${arguments_.join(' ')} ended with ${status}:\n${stderr}`);
  return {
    seconds: (performance.now() - start) / 1000,
    peakMiB: Number(/peak (\d+)/.exec(stderr)?.[1]) / 1024,
    stdout,
    built: [...stderr.matchAll(/^built {4}(\S+) in/gm)].map(([, stage]) => stage).sort(),
  };
}

function print(title, value) {
  process.stdout.write(`${title.padEnd(52)} ${value}\n`);
}

function figures(title, run) {
  print(
    title,
    `${run.seconds.toFixed(2)} s, node ${run.peakMiB.toFixed(0)} MiB, ${run.built.length} stages ran`,
  );
}

function digests(folder) {
  return readdirSync(folder)
    .sort()
    .map((name) => [
      name,
      createHash('sha256')
        .update(readFileSync(path.join(folder, name)))
        .digest('hex'),
    ]);
}

/** A copy of the data folders with one file changed. */
function changedProject(name, file, change) {
  const folder = path.join(scratch, name);
  for (const data of ['recipes', 'shell', 'docker', 'static-modules', 'licenses']) {
    cpSync(path.join(root, data), path.join(folder, data), {recursive: true});
  }
  const target = path.join(folder, file);
  writeFileSync(target, change(readFileSync(target, 'utf8')));
  return folder;
}

try {
  const output = path.join(scratch, 'dist');
  if (wants('cold') || wants('twice')) {
    figures('cold build, empty store', ampoule(['build', '--output', output]));
  }
  if (wants('warm')) {
    ampoule(['build', '--output', output]);
    for (let round = 0; round < 3; round += 1) {
      figures('warm build, nothing changed', ampoule(['build', '--output', output]));
    }
    figures('plan', ampoule(['plan']));
  }
  if (wants('rebuilds')) {
    const recipe = 'recipes/sqlite/recipe.yaml';
    const changes = {
      'a comment in the recipe of sqlite': (text) => `# a comment\n${text}`,
      'a script line without effect': (text) =>
        text.replace(/^build:$/m, "build:\n  prepare: ': note'"),
      'a changed flag': (text) =>
        text.replace('-DSQLITE_ENABLE_RTREE', '-DSQLITE_ENABLE_RTREE\n    - -DSQLITE_ENABLE_STAT4'),
    };
    for (const [index, [title, change]] of Object.entries(changes).entries()) {
      const project = changedProject(`project-${index}`, recipe, change);
      const run = ampoule([
        'build',
        '--output',
        path.join(scratch, `dist-${index}`),
        '--project',
        project,
      ]);
      print(title, run.built.join(' ') || 'nothing ran');
    }
  }
  if (wants('twice')) {
    const checkout = path.join(scratch, 'another checkout');
    const isWanted = (name) => !['dist', '.git'].includes(path.relative(root, name));
    cpSync(root, checkout, {recursive: true, filter: isWanted});
    const second = path.join(scratch, 'second dist');
    const storeFolder = path.join(scratch, 'second store');
    // Downloads are shared: what is compared is the building.
    cpSync(path.join(store, 'v1/sources'), path.join(storeFolder, 'v1/sources'), {recursive: true});
    const jobs = ['--jobs', String(os.availableParallelism() + 1)];
    figures(
      'second cold build, other jobs',
      ampoule(['build', '--output', second, ...jobs], {checkout, storeFolder}),
    );
    const [first, other] = [digests(output), digests(second)];
    for (const [index, [name, digest]] of first.entries()) {
      print(
        name,
        digest === other[index]?.[1]
          ? `equal, sha256 ${digest}`
          : `DIFFERS: ${digest} ${other[index]?.[1]}`,
      );
    }
  }
  if (wants('rootfs')) await benchRootfs(path.join(scratch, 'rootfs'), print);
} finally {
  if (kept === undefined) rmSync(scratch, {recursive: true, force: true});
}
