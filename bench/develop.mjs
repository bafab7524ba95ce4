// What `ampoule develop` costs beside a bare make: `node bench/develop.mjs TREE [FILE] [OPTIONS]`. After a change of one file,
// by default Objects/listobject.c, both make the same folder with the same compiler; bare make runs in the sandbox of
// `develop --shell`. Prints seconds, each the best of three, and the ratio. OPTIONS are those of develop: --options debug.
import {spawnSync} from 'node:child_process';
import {existsSync, utimesSync} from 'node:fs';
import path from 'node:path';

const rounds = 3;
const main = path.join(path.dirname(import.meta.dirname), 'lib/cli/main.js');
const [tree, ...rest] = process.argv.slice(2);
if (tree === undefined || !existsSync(path.join(tree, 'configure'))) {
  process.stderr.write('expected a source tree of CPython as the first argument\n');
  process.exit(2);
}
const file = rest[0]?.startsWith('--') === false ? rest.shift() : 'Objects/listobject.c';

function develop(words, input) {
  const argv = [main, 'develop', tree, ...rest, '--progress', 'quiet', ...words];
  const start = performance.now();
  const run = spawnSync(process.execPath, argv, {input, encoding: 'utf8'});
  if (run.status !== 0) throw new Error(`develop ended with ${run.status}:\n${run.stderr}`);
  return {seconds: (performance.now() - start) / 1000, output: run.stdout};
}

function touch() {
  const now = new Date();
  utimesSync(path.join(tree, file), now, now);
}

/** Seconds of make alone, without the start of the sandbox. */
function bareMake() {
  const script = 'TIMEFORMAT=%R; { time make -s -j2 >/dev/null 2>&1; } 2>&1\n';
  return Number(develop(['--shell'], script).output.trim());
}

const best = (measure) =>
  Math.min(
    ...Array.from({length: rounds}, () => {
      touch();
      return measure();
    }),
  );

develop([]);
const bare = best(bareMake);
const whole = best(() => develop([]).seconds);
process.stdout.write(
  `make: ${bare.toFixed(2)} s\ndevelop: ${whole.toFixed(2)} s\nratio: ${(whole / bare).toFixed(2)}\n`,
);
