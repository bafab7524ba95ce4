// What is done with one variant. Each step gives the part of the record that it is named after.
import {spawn} from 'node:child_process';
import {mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {compareArchives} from '../options.mjs';

const root = path.resolve(import.meta.dirname, '../..');
const main = path.join(root, 'lib/cli/main.js');

/** What does not depend on the options: other machines, users and commands of Ampoule; CPython's tests are a step. */
const notOfVariants = ['ordinary-user', 'plain-roots', 'shell', 'cpython-tests'];

/** Runs a program of Node; gives its exit code and output, and each line of stderr as it comes. */
async function node(args, {env = {}, onLine = () => undefined, umask} = {}) {
  const argv =
    umask === undefined
      ? [process.execPath, ...args]
      : ['/bin/sh', '-c', `umask ${umask}; exec "$@"`, 'sh', process.execPath, ...args];
  const child = spawn(argv[0], argv.slice(1), {
    cwd: root,
    env: {...process.env, ...env},
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = {stdout: '', stderr: ''};
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    output.stderr = (output.stderr + text).slice(-1_000_000);
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  });
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  return {code, ...output};
}

/** Which minutes a stage counts for: those of the variant, of its training, or none, as others share it. */
function windowOf(stage, {options}) {
  if (/^(?:instrumented|profile)\//.test(stage)) return 'training';
  return stage.includes(`-${options}-`) || stage.endsWith(`-${options}`) ? 'own' : undefined;
}

/** The others of a variant take a moment, and one from the store tells nothing. */
function isLong(stage) {
  return /^(?:instrumented|profile|cpython)\//.test(stage);
}

function buildArguments(variant, output, more) {
  return [
    ...[main, 'build', variant.series, '--target', variant.target, '--options', variant.options],
    ...(variant.isTrained ? ['--profile', 'train'] : []),
    ...['--output', output, '--json', '--progress', 'json', ...more],
  ];
}

/**
 * Builds a variant and gives its archives. The minutes run from the start of the first stage that counts to the end of the
 * last one; they are missing when some of these came from the store. `refused`: it cannot be asked for here.
 */
export async function build(variant, output, more = [], options = {}) {
  const windows = {own: {isWhole: true}, training: {isWhole: true}};
  const {code, stdout, stderr} = await node(buildArguments(variant, output, more), {
    ...options,
    onLine: (line) => {
      const event = parseLine(line);
      const window = windows[event?.stage === undefined ? '' : windowOf(event.stage, variant)];
      if (window === undefined) return;
      if (event.type === 'stage-started') window.first ??= performance.now();
      if (event.type !== 'stage-finished') return;
      window.last = performance.now();
      if (isLong(event.stage) && event.outcome.kind === 'restored') window.isWhole = false;
    },
  });
  if (code !== 0) {
    const said = stderr
      .trim()
      .split('\n')
      .map(parseLine)
      .findLast((event) => event?.type === 'error');
    const message = (said?.message ?? stderr.trim().slice(-500)).split('\n')[0];
    return code === 2 ? {refused: message} : {failed: message};
  }
  const json = JSON.parse(stdout);
  const minutesOf = ({isWhole, first, last}) =>
    isWhole && first !== undefined ? Number(((last - first) / 60_000).toFixed(1)) : undefined;
  return {
    minutes: minutesOf(windows.own),
    training: minutesOf(windows.training),
    processors: os.availableParallelism(),
    version: json.python ?? json.distributions?.[0]?.python,
    sources: json.sourceSet ?? json.distributions?.[0]?.sourceSet,
    archives: json.archives.map(({flavour, path: file, sizeBytes, sha256}) => ({
      flavour,
      file,
      sizeBytes,
      sha256,
    })),
  };
}

function parseLine(line) {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** Checks every archive again, as a user would. */
export async function validate(archives) {
  let broken = 0;
  for (const {file} of archives) {
    const {code} = await node([main, 'validate', file, '--json']);
    if (code !== 0) broken += 1;
  }
  return {archives: archives.length, broken};
}

/** The end-to-end tests that ask an archive what it is. */
export async function endToEnd(archives) {
  const reports = mkdtempSync(path.join(os.tmpdir(), 'ampoule-reports-'));
  try {
    const files = readdirSync(path.join(root, 'test/e2e'))
      .filter((name) => name.endsWith('.test.ts') && !notOfVariants.includes(name.split('.')[0]))
      .map((name) => `test/e2e/${name}`);
    const env = {AMPOULE_E2E_DIST: path.dirname(archives[0].file), VITEST_JSON_FOLDER: reports};
    const args = ['node_modules/vitest/vitest.mjs', 'run', '--project', 'e2e', ...files];
    const {code, stdout, stderr} = await node(args, {env});
    const [name] = readdirSync(reports);
    if (name === undefined)
      throw new Error(
        `the end-to-end tests did not run:\n${stdout.slice(-2000)}${stderr.slice(-2000)}`,
      );
    const report = JSON.parse(readFileSync(path.join(reports, name), 'utf8'));
    const failed = report.testResults.flatMap(({name: file, status: result, assertionResults}) => {
      const tests = assertionResults.filter(({status}) => status === 'failed');
      // A file that fails before its first test has none.
      return result === 'failed' && tests.length === 0
        ? [path.relative(root, file)]
        : tests.map(({fullName}) => fullName);
    });
    if (report.numPassedTests === 0 || (code !== 0 && failed.length === 0)) {
      throw new Error(`the end-to-end tests ended with ${code}:\n${stdout.slice(-2000)}`);
    }
    const log = path.join(path.dirname(archives[0].file), 'end-to-end.log');
    writeFileSync(log, stdout + stderr);
    return {
      passed: report.numPassedTests,
      failed: failed.length,
      ...(failed.length > 0 && {failures: failed}),
    };
  } finally {
    rmSync(reports, {recursive: true, force: true});
  }
}

/** CPython's own tests, all of them. */
export async function suite(archives) {
  const {file} = archives.find(({flavour}) => flavour === 'full');
  const {code, stdout, stderr} = await node([main, 'test', file, '--json', '--progress', 'quiet']);
  if (code !== 0 && code !== 1)
    throw new Error(`ampoule test ended with ${code}:\n${stderr.slice(-2000)}`);
  const report = JSON.parse(stdout);
  writeFileSync(path.join(path.dirname(file), 'suite.json'), stdout);
  return {
    modules: report.modules.length,
    ...report.counts,
    unexpected: report.unexpectedFailures.map(({name}) => name),
  };
}

/** Builds once more in another store, with other numbers of jobs and another umask, and compares the archives. */
export async function secondBuild(variant, archives, work) {
  const output = path.join(work, 'second', `${variant.series}-${variant.options}`);
  mkdirSync(output, {recursive: true});
  const store = path.join(work, 'second-store');
  const second = await build(variant, output, ['--store', store, '--jobs', '3'], {umask: '077'});
  if (second.archives === undefined) return {failed: second.failed ?? second.refused};
  const differ = second.archives.filter(
    ({flavour, sha256}) => archives.find((one) => one.flavour === flavour)?.sha256 !== sha256,
  );
  rmSync(output, {recursive: true});
  return differ.length === 0
    ? {same: true}
    : {same: false, differ: differ.map(({flavour}) => flavour)};
}

/** The time of the ten loops, as a ratio to the archive without optimization. */
export function benchmark(plain, archives) {
  const full = (list) => list.find(({flavour}) => flavour === 'full').file;
  const [, result] = compareArchives([full(plain), full(archives)]);
  const round = (number) => Number(number.toFixed(3));
  return {
    mean: round(result.mean),
    loops: Object.fromEntries(
      Object.entries(result.ratios).map(([name, ratio]) => [name, round(ratio)]),
    ),
  };
}
