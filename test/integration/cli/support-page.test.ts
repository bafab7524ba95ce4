import {execFileSync, spawnSync} from 'node:child_process';
import {cpSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';

const root = path.resolve(import.meta.dirname, '../../..');
let checkout: string;

/** A checkout with everything that the page is written from but records, which a test writes. */
beforeEach(() => {
  checkout = mkdtempSync(path.join(os.tmpdir(), 'ampoule-support-'));
  for (const name of readdirSync(root)) {
    if (['bench', 'scripts', 'docs'].includes(name)) {
      cpSync(path.join(root, name), path.join(checkout, name), {recursive: true});
    } else if (!name.startsWith('.')) {
      symlinkSync(path.join(root, name), path.join(checkout, name));
    }
  }
  rmSync(path.join(checkout, 'docs/results'), {recursive: true, force: true});
});
afterEach(() => {
  rmSync(checkout, {recursive: true, force: true});
});

const script = ['scripts/write-support.mjs'];
const record = (text: string, options = 'noopt') => {
  const folder = path.join(checkout, 'docs/results');
  execFileSync('mkdir', ['-p', folder]);
  const name = `3.14-x86_64-unknown-linux-gnu-${options}.yaml`;
  writeFileSync(
    path.join(folder, name),
    `python: 3.14.7\ntarget: x86_64-unknown-linux-gnu\noptions: ${options}\ndate: 2026-11-28\n${text}`,
  );
};

function page(): string {
  execFileSync(process.execPath, script, {cwd: checkout});
  return execFileSync('cat', ['docs/support.md'], {cwd: checkout, encoding: 'utf8'});
}

const archives = 'archives: [{flavour: full, sizeBytes: 53000000, sha256: 00}]\n';
const tested = `${archives}build: {minutes: 2.5, processors: 2}
validate: {archives: 1, broken: 0}
endToEnd: {passed: 300, failed: 0}
suite: {modules: 480, passed: 40000, failed: 2, skipped: 3000, unexpected: []}
secondBuild: {same: true}
`;

describe('docs/support.md', () => {
  it('is what the records say', () => {
    const {status, stderr} = spawnSync(process.execPath, [...script, '--check'], {
      cwd: root,
      encoding: 'utf8',
    });

    expect([status, stderr]).toEqual([0, '']);
  });

  it('says of each variant what was done with it', () => {
    record(tested);
    record(
      tested.replace('endToEnd: {passed: 300, failed: 0}', 'endToEnd: {passed: 299, failed: 1}'),
      'lto',
    );
    record(archives, 'pgo');
    record('build: {failed: the linker ended}\n', 'pgo+lto');

    const text = page();

    const [table = ''] = text.split('### Figures');
    const rows = [...table.matchAll(/^\| (.+) \|$/gm)].map(([, row = '']) => row.split(' | '));
    const column = rows[0]?.findIndex((cell) => cell.startsWith('3.14 ')) ?? -1;
    const cells = Object.fromEntries(rows.map((row) => [row[0], row[column]]));
    expect(cells).toMatchObject({
      '`noopt`': 'tested 2026-11-28',
      '`lto`': 'built 2026-11-28: 1 failed of end-to-end tests',
      '`pgo`': 'built 2026-11-28: no validation, no end-to-end tests, no test suite',
      '`pgo+lto`': '**does not build**, 2026-11-28',
      '`debug`': 'pinned',
    });
    expect(text).toContain(
      '| `noopt` | 2.5 on 2 | 53.0 | – | – | 300 of 300 | 40000 | 2 (0 unexpected) | 3000 | same bytes | 1 |',
    );
  });

  it('does not take the record of another version for that of the pinned one', () => {
    record(tested);
    const file = 'docs/results/3.14-x86_64-unknown-linux-gnu-noopt.yaml';
    execFileSync('sed', ['-i', 's/3.14.7/3.14.6/', file], {cwd: checkout});

    expect(page()).toContain('pinned; 3.14.6 was built 2026-11-28');
  });

  it('is not written from a record that is none', () => {
    record('', 'noopt');
    const file = 'docs/results/3.14-x86_64-unknown-linux-gnu-noopt.yaml';
    execFileSync('sed', ['-i', '/date:/d', file], {cwd: checkout});

    const {status, stderr} = spawnSync(process.execPath, script, {cwd: checkout, encoding: 'utf8'});

    expect(status).toBe(1);
    expect(stderr).toContain(`${file} is not a record of`);
    expect(stderr).toContain('npm run variants');
  });
});
