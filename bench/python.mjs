// Compares how fast two interpreters run Python code:
//   node bench/python.mjs [--rounds 5] [--programs json_loads,sorting] [--root <folder>] [--json] <first> <second>
// Each is an archive or the path of an interpreter; with --root, a path inside that root file system, in which both run.
// The programs of bench/programs and a start with and without `site` run in rounds: in each round first, second, and the
// first again, one after the other on one processor. The first against itself shows the noise of the machine. A ratio is
// the time of the first to that of the second: above 1, the second is faster. It is the middle one of the rounds, and the
// mean is the geometric one of all programs, with the range in which it lies with 95 % confidence (bootstrap over rounds).
import {cpSync, mkdtempSync, rmSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {parseArgs} from 'node:util';
import {median} from './median.mjs';
import {output, unpackInterpreter} from './unpack-interpreter.mjs';

const usage =
  'node bench/python.mjs [--rounds <count>] [--programs <names>] [--root <folder>] [--json] <first> <second>\n';
/** How long the runs of one program shall take, in seconds of processor time. */
const span = 0.2;
const starts = {'start without site': ['-I', '-S'], start: ['-I']};

const {values, positionals} = parseArgs({
  allowPositionals: true,
  options: {
    rounds: {type: 'string', default: '5'},
    programs: {type: 'string'},
    root: {type: 'string'},
    json: {type: 'boolean'},
  },
});
if (positionals.length !== 2 || !/^[1-9]\d*$/.test(values.rounds)) {
  process.stderr.write(usage);
  process.exit(2);
}
const scratch = mkdtempSync(path.join(values.root ?? os.tmpdir(), 'ampoule-bench-'));
try {
  const interpreters = positionals.map((given, index) => prepare(given, String(index)));
  const programs = copyOf('programs');
  const names = chosen(output(...commandOf(interpreters[0], ['-I', programs])).trim());
  const load = () => os.loadavg()[0];
  const before = load();
  const report = compare(interpreters, programs, names, Number(values.rounds));
  const result = {...report, load: [before, load()]};
  process.stdout.write(values.json ? `${JSON.stringify(result, undefined, 2)}\n` : table(result));
} finally {
  rmSync(scratch, {recursive: true, force: true});
}

/** The path of an interpreter, as it is called. */
function prepare(given, name) {
  if (!/\.tar\.(?:zst|gz)$/.test(given)) return given;
  return inRoot(unpackInterpreter(path.resolve(given), path.join(scratch, name)));
}

function copyOf(name) {
  const copy = path.join(scratch, name);
  cpSync(path.join(import.meta.dirname, name), copy, {recursive: true});
  return inRoot(copy);
}

function inRoot(file) {
  return values.root === undefined ? file : path.join('/', path.relative(values.root, file));
}

/** On one processor, so that none of its caches is cold. */
function commandOf(interpreter, args) {
  const enter = values.root === undefined ? [] : ['chroot', values.root];
  return ['taskset', ['--cpu-list', '0', ...enter, interpreter, ...args]];
}

function chosen(text) {
  const known = text.split(' ');
  const names = values.programs?.split(',') ?? known;
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length === 0) return names;
  process.stderr.write(
    `--programs: unknown ${unknown.join(', ')}. Expected some of ${known.join(', ')}.\n`,
  );
  process.exit(2);
}

function compare([first, second], programs, names, rounds) {
  const jobs = names.map((name) => {
    const once = secondsOf(first, ['-I', programs, name, '1']);
    return {name, args: ['-I', programs, name, String(Math.max(1, Math.round(span / once)))]};
  });
  const ratios = new Map();
  const add = (name, times) => {
    const [one, other, again] = times;
    const list = ratios.get(name) ?? {ratios: [], noise: []};
    list.ratios.push((one + again) / 2 / other);
    list.noise.push(one / again);
    ratios.set(name, list);
  };
  for (let round = 0; round < rounds; round += 1) {
    for (const {name, args} of jobs) {
      add(
        name,
        [first, second, first].map((interpreter) => secondsOf(interpreter, args)),
      );
    }
    for (const [name, flags] of Object.entries(starts)) {
      add(
        name,
        [first, second, first].map((interpreter) => secondsOfStart(interpreter, flags)),
      );
    }
  }
  const benchmarks = [...ratios].map(([name, list]) => ({
    name,
    isStart: name in starts,
    ratio: median(list.ratios),
    noise: median(list.noise),
    ratios: list.ratios,
  }));
  const measured = benchmarks.filter(({isStart}) => !isStart);
  return {
    interpreters: positionals,
    rounds,
    mean: geometricMean(measured.map(({ratio}) => ratio)),
    range: rangeOf(measured.map((each) => each.ratios)),
    noise: geometricMean(measured.map(({noise}) => noise)),
    benchmarks: benchmarks.map(({name, ratio, noise}) => ({name, ratio, noise})),
  };
}

function secondsOf(interpreter, args) {
  return Number(output(...commandOf(interpreter, args)));
}

/** The shortest wall time of twenty starts. */
function secondsOfStart(interpreter, flags) {
  const command = commandOf(interpreter, [...flags, '-c', 'pass']);
  let shortest = Infinity;
  for (let run = 0; run < 20; run += 1) {
    const start = performance.now();
    output(...command);
    shortest = Math.min(shortest, performance.now() - start);
  }
  return shortest / 1000;
}

function geometricMean(numbers) {
  return Math.exp(numbers.reduce((sum, one) => sum + Math.log(one), 0) / numbers.length);
}

/** The range of the mean with 95 % confidence: rounds are drawn with replacement, a thousand times, in a fixed order. */
function rangeOf(lists) {
  let state = 1;
  const draw = (count) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % count;
  };
  const means = Array.from({length: 1000}, () =>
    geometricMean(lists.map((list) => median(list.map(() => list[draw(list.length)])))),
  ).toSorted((one, other) => one - other);
  return [means[25], means[974]];
}

function table({interpreters, rounds, mean, range, noise, benchmarks, load}) {
  const row = (name, ...cells) =>
    `${name.padEnd(22)}${cells.map((cell) => cell.padStart(9)).join('')}\n`;
  const [low, high] = range.map((number) => number.toFixed(3));
  return [
    `first:  ${interpreters[0]}\nsecond: ${interpreters[1]}\n`,
    row('', 'ratio', 'noise'),
    ...benchmarks
      .toSorted((one, other) => one.ratio - other.ratio)
      .map((each) => row(each.name, each.ratio.toFixed(3), each.noise.toFixed(3))),
    row('geometric mean', mean.toFixed(3), noise.toFixed(3)),
    `95 % of the mean: ${low} to ${high}; ${rounds} rounds; above 1, the second is faster\n`,
    `load of the machine: ${load.map((number) => number.toFixed(1)).join(' before, ')} after\n`,
  ].join('');
}
