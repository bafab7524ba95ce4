// Builds and tests variants, and records what came of it in docs/results/, from which docs/support.md is written:
//   npm run variants -- [--python 3.13,3.14] [--options noopt,pgo+lto] [--steps build,endToEnd] [--work <folder>] [--again]
// By default every variant, and every step: build, validate, endToEnd, suite, secondBuild, benchmark. It can be stopped and
// started again: a step is not repeated while its archives have the same bytes, unless --again asks for it.
// One that fails does not keep the next from running; the exit code is 1 then.
import {spawnSync} from 'node:child_process';
import {mkdirSync, readdirSync, rmSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {parseArgs} from 'node:util';
import {loadProject} from '../lib/builder/load-project.js';
import {variantsOf} from './variants/option-sets.mjs';
import {readRecord, recordName, writeRecord} from './variants/records.mjs';
import {benchmark, build, endToEnd, secondBuild, suite, validate} from './variants/steps.mjs';

const allSteps = ['build', 'validate', 'endToEnd', 'suite', 'secondBuild', 'benchmark'];
const {values} = parseArgs({
  options: {
    python: {type: 'string'},
    options: {type: 'string'},
    steps: {type: 'string', default: allSteps.join()},
    work: {type: 'string', default: path.join(os.tmpdir(), 'ampoule-variants')},
    again: {type: 'boolean', default: false},
  },
});
const work = path.resolve(values.work);
const steps = chosen('--steps', values.steps, allSteps);
const all = variantsOf(await loadProject());
const series = chosen('--python', values.python, unique(all.map((variant) => variant.series)));
const sets = chosen('--options', values.options, unique(all.map((variant) => variant.options)));
const variants = all.filter((each) => series.includes(each.series) && sets.includes(each.options));

const built = new Map();
const failures = [];
for (const variant of variants) {
  const archives = await buildAndRecord(variant);
  if (archives === undefined) continue;
  built.set(recordName(variant), archives);
  await record(variant, 'validate', () => validate(archives));
  await record(variant, 'endToEnd', () => endToEnd(archives));
  await record(variant, 'suite', () => suite(archives));
  await record(variant, 'secondBuild', () => secondBuild(variant, archives, work));
}
for (const variant of variants) {
  const archives = built.get(recordName(variant));
  const plain = built.get(recordName({...variant, options: 'noopt'}));
  if (archives === undefined || variant.options === 'noopt') continue;
  if (plain === undefined)
    say(variant, 'benchmark', 'needs noopt of the same Python in the same run');
  else await record(variant, 'benchmark', () => benchmark(plain, archives));
}
spawnSync(process.execPath, [path.resolve(import.meta.dirname, '../scripts/write-support.mjs')], {
  stdio: 'inherit',
});
for (const failure of failures) process.stderr.write(`FAILED  ${failure}\n`);
process.exitCode = failures.length === 0 ? 0 : 1;

/** The archives of a variant. What was recorded of others is forgotten. */
async function buildAndRecord(variant) {
  const output = path.join(work, 'dist', `${variant.series}-${variant.options}`);
  mkdirSync(output, {recursive: true});
  say(variant, 'build', 'starts');
  const made = await build(variant, output);
  const {archives, version, sources, failed, refused, minutes, training, processors} = made;
  if (refused !== undefined) {
    say(variant, 'build', `cannot be built here: ${refused}`);
    return undefined;
  }
  const {target, options} = variant;
  const identity = {python: version ?? variant.version, target, options, date: today()};
  if (failed !== undefined) {
    // What was found out before stays: it may be the machine that failed.
    writeRecord(variant, {...readRecord(variant), ...identity, build: {failed}});
    failures.push(`${recordName(variant)} build: ${failed}`);
    return undefined;
  }
  removeOthers(output, archives);
  const before = readRecord(variant);
  const sizes = archives.map(({flavour, sizeBytes, sha256}) => ({flavour, sizeBytes, sha256}));
  const isSame = JSON.stringify(before?.archives) === JSON.stringify(sizes);
  const known = isSame && before.build.failed === undefined ? before.build : {};
  const time = {
    ...(minutes === undefined ? known : {minutes, processors}),
    ...(options.includes('pgo') ? trainingOf(variant, training) : {}),
  };
  writeRecord(variant, {
    ...(isSame ? before : {}),
    ...{
      ...identity,
      date: isSame ? before.date : identity.date,
      sources,
      archives: sizes,
      build: time,
    },
  });
  say(variant, 'build', `done: ${JSON.stringify(time)}`);
  return archives;
}

/** Variants that differ by link-time optimization share a training: only one of them is seen to run it. */
function trainingOf(variant, minutes) {
  const trained = variant.options.replace(/\+lto\b/, '');
  const training =
    minutes ??
    readRecord({...variant, options: trained})?.build?.training ??
    readRecord(variant)?.build?.training;
  return training === undefined ? {} : {training};
}

/** Removes archives of earlier pins and tags: the tests take every one that lies there. */
function removeOthers(folder, archives) {
  const kept = archives.map(({file}) => path.basename(file));
  for (const name of readdirSync(folder)) {
    if (name.startsWith('cpython-') && !kept.includes(name)) rmSync(path.join(folder, name));
  }
}

/** Runs a step and records what it gives. */
async function record(variant, step, run) {
  if (!steps.includes(step)) return;
  const recorded = readRecord(variant)?.[step];
  if (!values.again && recorded !== undefined && isGood(recorded)) {
    say(variant, step, 'is recorded for the same archives');
    return;
  }
  say(variant, step, 'starts');
  try {
    const result = await run();
    writeRecord(variant, {...readRecord(variant), date: today(), [step]: result});
    say(variant, step, JSON.stringify(result).slice(0, 200));
    if (!isGood(result)) failures.push(`${recordName(variant)} ${step}: see docs/results/`);
  } catch (error) {
    failures.push(`${recordName(variant)} ${step}: ${error.message}`);
  }
}

/** Differing bytes are no failure by themselves: trained profiles differ. */
function isGood(result) {
  const {broken = 0, unexpected, failed = 0} = result;
  return broken === 0 && (unexpected === undefined ? failed === 0 : unexpected.length === 0);
}

function chosen(option, text, known) {
  const names = text?.split(',') ?? known;
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length === 0) return names;
  process.stderr.write(
    `${option}: unknown ${unknown.join(', ')}. Expected some of ${known.join(', ')}.\n`,
  );
  process.exit(2);
}

function say(variant, step, text) {
  process.stderr.write(
    `${new Date().toISOString().slice(11, 19)} ${recordName(variant)} ${step}: ${text}\n`,
  );
}

function unique(names) {
  return [...new Set(names)];
}

function today() {
  return new Date().toISOString().slice(0, 10);
}
