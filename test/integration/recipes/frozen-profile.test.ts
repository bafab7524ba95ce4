import {execFileSync, spawnSync} from 'node:child_process';
import {mkdir, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';

const recipe = path.resolve(import.meta.dirname, '../../../recipes/cpython');

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'ampoule-profile-'));
  await mkdir(path.join(folder, 'diagnostics'));
});
afterEach(() => rm(folder, {recursive: true}));

describe('the functions of a profile', () => {
  it('are listed by the sum of their counts, as llvm-profdata 22 shows them', async () => {
    await writeFile(
      path.join(folder, 'llvm-profdata'),
      `#!/bin/sh
cat <<'END'
Counters:
  main:
    Hash: 0x0209aa3e1d398548
    Counters: 2
    Block counts: [100000, 1]
  t.c;k:
    Hash: 0x03510b1f60c12e99
    Counters: 3
    Block counts: [3932380000, 200000, 40000]
  unused:
    Hash: 0x0a4d0ad3efffffff
    Counters: 1
    Block counts: [0]
Instrumentation level: IR  entry_first = 0  instrument_loop_entries = 0
Functions shown: 3
END
`,
      {mode: 0o755},
    );

    const list = execFileSync('sh', ['-euc', '. "$0"; list_functions x', `${recipe}/list-functions.sh`], {
      env: {PATH: `${folder}:${process.env['PATH'] ?? ''}`},
      encoding: 'utf8',
    });

    expect(list).toBe('3932620000\tt.c;k\n100001\tmain\n0\tunused\n');
  });
});

/** Functions with equal counts, so that 99 of 100 are hot, and one that was never executed. */
const functions = [...Array(100).keys()].map((index) => `10\tObjects/a.c;f${index}`);

/** What clang 22 writes of a function that has changed (-diagnostic-log-file). */
const diagnostic = (file: string, message: string) => `<dict>
  <key>main-file</key>
  <string>${file}</string>
  <key>diagnostics</key>
  <array>
    <dict>
      <key>level</key>
      <string>warning</string>
      <key>message</key>
      <string>${file}: ${message}</string>
      <key>WarningOption</key>
      <string>backend-plugin</string>
    </dict>
  </array>
</dict>
`;
const changed = (name: string) =>
  `function control flow change detected (hash mismatch) ${name} Hash = 886 up to 20 count discarded`;

async function judge(diagnostics: readonly string[]) {
  await writeFile(path.join(folder, 'functions.tsv'), [...functions, '0\tcold', ''].join('\n'));
  await writeFile(path.join(folder, 'diagnostics/Objects.a.o.plist'), diagnostics.join(''));
  const output = path.join(folder, 'match.json');
  const {status, stdout, stderr} = spawnSync(
    'python3',
    [
      ...[`${recipe}/match_profile.py`, '--functions', `${folder}/functions.tsv`],
      ...['--diagnostics', `${folder}/diagnostics`, '--output', output],
      ...['--train-again', 'ampoule profile train 3.14 --options pgo'],
    ],
    {encoding: 'utf8'},
  );
  const json = status === 0 ? (JSON.parse(await readFile(output, 'utf8')) as object) : undefined;
  return {status, stdout, stderr, json};
}

describe('a frozen profile', () => {
  it('fits if every function does', async () => {
    expect(await judge([])).toEqual({
      status: 0,
      stdout: '0 of 99 hot functions are not those of the profile, 0 of all 101\n',
      stderr: '',
      json: {functions: 101, mismatched: 0, hot: 99, hot_mismatched: 0},
    });
  });

  it('fits with few hot functions changed, and any number of others', async () => {
    const {status, json} = await judge([
      diagnostic('Objects/a.c', changed('f1')),
      diagnostic('Objects/b.c', changed('f2')),
      diagnostic('Objects/a.c', changed('cold')),
      diagnostic('Objects/a.c', 'Inconsistent number of counts in f99: the profile may be stale'),
      diagnostic('Objects/a.c', 'unused variable f7'),
    ]);

    expect(status).toBe(0);
    expect(json).toEqual({functions: 101, mismatched: 4, hot: 99, hot_mismatched: 1});
  });

  it('does not with more than 2 % of the hot ones changed', async () => {
    const {status, stdout, stderr} = await judge(
      ['f1', 'f2'].map((name) => diagnostic('Objects/a.c', changed(name))),
    );

    expect(status).toBe(1);
    expect(stdout).toContain('  Objects/a.c;f1\n');
    expect(stderr).toBe(
      'error: 2 of 99 hot functions are not those of the profile, 2 of all 101: at most 2% of the hot ones may be others.\n' +
        '  train again: ampoule profile train 3.14 --options pgo\n',
    );
  });
});
