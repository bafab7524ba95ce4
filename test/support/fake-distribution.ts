import {makeArchive} from './make-archive.js';

/**
 * A program that answers like `python -m test` and plays a module for each way in which one can end. Its report is JSON
 * at once, so the program text that turns regrtest's XML into JSON is answered by copying.
 */
const interpreter = `#!${process.execPath}
const {spawn} = require('node:child_process');
const {copyFileSync, existsSync, writeFileSync} = require('node:fs');
const [first, , third, ...rest] = process.argv.slice(2);
const modules = ['test_bad', 'test_crash', 'test_good', 'test_hang', 'test_known', 'test_skip', 'test_subtest', 'test_unstable'];

if (first === '-I') {
  const [report, json] = rest;
  if (existsSync(report)) copyFileSync(report, json);
  process.exit(0);
}
if (third === '--list-tests') {
  console.log(modules.join('\\n'));
  process.exit(0);
}
const module_ = rest.at(-1);
const report = rest[rest.indexOf('--junit-xml') + 1];
const write = (...cases) =>
  writeFileSync(report, JSON.stringify(cases.map(([name, outcome, detail = '']) => ({name: 'test.' + module_ + '.T.' + name, outcome, detail}))));
switch (module_) {
  case 'test_good':
    write(['test_a', 'passed'], ['test_b', 'skipped', 'no such thing']);
    break;
  case 'test_bad':
    write(['test_a', 'passed'], ['test_b', 'failed', 'Traceback:\\n\\u001b[31mAssertionError: 1 != 2']);
    process.exit(2);
  case 'test_known':
    write(['test_a', 'failed', 'known'], ['test_b', 'passed']);
    process.exit(2);
  case 'test_skip':
    console.log("test_skip skipped -- No module named 'nothing'");
    break;
  case 'test_subtest':
    writeFileSync(report, JSON.stringify([{name: '', outcome: 'passed', detail: ''}]));
    for (const input of [1, 2]) {
      console.log('='.repeat(70) + '\\nFAIL: test_a (test.test_subtest.T.test_a) (input=' + input + ')');
      console.log('-'.repeat(70) + '\\nTraceback\\nAssertionError: ' + input + '\\n');
    }
    console.log('-'.repeat(70) + '\\nRan 1 test in 0.1s');
    process.exit(2);
  case 'test_crash':
    console.log('Fatal Python error');
    process.kill(process.pid, 'SIGSEGV');
    setTimeout(() => {}, 60_000);
    break;
  case 'test_unstable': {
    const mark = process.env.TMPDIR + '/ran';
    const isSecond = existsSync(mark);
    writeFileSync(mark, '');
    write(['test_a', isSecond ? 'passed' : 'failed', 'busy']);
    process.exit(isSecond ? 0 : 2);
  }
  case 'test_hang':
    if (rest[rest.indexOf('--ignore') + 1] === 'test.test_hang.T.test_a') {
      write(['test_b', 'passed']);
      break;
    }
    // One that leaves the process group, and one that ignores the first signal.
    spawn(process.execPath, ['-e', 'setTimeout(() => {}, 3600_000)', process.env.HOME], {detached: true, stdio: 'ignore'});
    process.on('SIGTERM', () => {});
    setTimeout(() => {}, 3600_000);
    break;
  default:
    process.exit(3);
}
`;

const pythonJson = JSON.stringify({
  python_version: '3.14.7',
  target_triple: 'x86_64-unknown-linux-gnu',
  build_options: 'noopt',
  python_exe: 'install/bin/python3.14',
  python_paths: {stdlib: 'install/lib/python3.14'},
});

/** Writes a full archive whose interpreter is no Python but ends its tests in every way that there is. */
export function makeFakeDistribution(file: string): Promise<string> {
  return makeArchive(file, [
    ['python/PYTHON.json', pythonJson],
    ['python/build/Modules/config.o', 'not unpacked'],
    ['python/install/bin/python3.14', interpreter, {name: '', mode: 0o755}],
    ['python/install/lib/python3.14/test/libregrtest/main.py', ''],
  ]);
}
