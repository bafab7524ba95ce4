// Compares how fast the interpreters of several archives run Python code:
//   node bench/options.mjs [--rounds 7] [--json] <archive> <archive>...
// Ten loops (bench/ten_loops.py) run in rounds, in which every interpreter runs each loop once, so that what else the
// machine does meets all of them. Of each loop the shortest processor time counts, as a ratio to the first archive.
// Times are printed, never judged.
import {mkdtempSync, rmSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {parseArgs} from 'node:util';
import {output, unpackInterpreter} from './unpack-interpreter.mjs';

const script = path.join(import.meta.dirname, 'ten_loops.py');

/** Ratios to the first archive: of each loop, and their geometric mean. */
export function compareArchives(archives, {rounds = 7} = {}) {
  const scratch = mkdtempSync(path.join(os.tmpdir(), 'ampoule-bench-'));
  try {
    const interpreters = archives.map((archive, index) =>
      unpackInterpreter(archive, path.join(scratch, String(index))),
    );
    const loops = output(interpreters[0], ['-I', script]).trim().split(' ');
    const shortest = interpreters.map(() => new Map());
    for (let round = 0; round < rounds; round += 1) {
      for (const loop of loops) {
        for (const [index, interpreter] of interpreters.entries()) {
          const seconds = Number(output(interpreter, ['-I', script, loop]));
          const before = shortest[index].get(loop) ?? Infinity;
          shortest[index].set(loop, Math.min(before, seconds));
        }
      }
    }
    return archives.map((archive, index) => {
      const ratios = Object.fromEntries(
        loops.map((loop) => [loop, shortest[index].get(loop) / shortest[0].get(loop)]),
      );
      const logarithms = Object.values(ratios).map(Math.log);
      const mean = Math.exp(logarithms.reduce((sum, one) => sum + one, 0) / loops.length);
      return {archive, seconds: Object.fromEntries(shortest[index]), ratios, mean};
    });
  } finally {
    rmSync(scratch, {recursive: true, force: true});
  }
}

if (process.argv[1] === import.meta.filename) {
  const {values, positionals} = parseArgs({
    allowPositionals: true,
    options: {rounds: {type: 'string', default: '7'}, json: {type: 'boolean'}},
  });
  if (positionals.length === 0 || !/^[1-9]\d*$/.test(values.rounds)) {
    process.stderr.write('node bench/options.mjs [--rounds <count>] [--json] <archive>...\n');
    process.exit(2);
  }
  const load = () => os.loadavg()[0].toFixed(1);
  const before = load();
  const results = compareArchives(positionals, {rounds: Number(values.rounds)});
  if (values.json) process.stdout.write(`${JSON.stringify(results, undefined, 2)}\n`);
  else print(results, before, load());
}

function print(results, before, after) {
  const loops = Object.keys(results[0].ratios);
  for (const [index, {archive}] of results.entries()) {
    process.stdout.write(`${index + 1}: ${path.basename(archive)}\n`);
  }
  const row = (name, cells) => {
    process.stdout.write(`${name.padEnd(16)}${cells.map((cell) => cell.padStart(9)).join('')}\n`);
  };
  row('', ['1, s', ...results.slice(1).map((_result, index) => `${index + 2} : 1`)]);
  for (const loop of loops) {
    const [first, ...others] = results;
    row(loop, [
      first.seconds[loop].toFixed(3),
      ...others.map(({ratios}) => ratios[loop].toFixed(3)),
    ]);
  }
  row('geometric mean', ['', ...results.slice(1).map(({mean}) => mean.toFixed(3))]);
  process.stdout.write(`load of the machine: ${before} before, ${after} after\n`);
}
