// Applies the patches of CPython, as a build would, to a copy of an unpacked source, and tells which of them do not
// apply. For a new version: `npm run try-patches -- 3.15 Python-3.15.0`. `npm run` compiles first.
import {spawnSync} from 'node:child_process';
import {cpSync, mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {loadProject} from '../lib/builder/load-project.js';
import {select} from '../lib/data/condition.js';
import {patchFiles} from '../lib/stages/dependency-stage.js';

const [series, source] = process.argv.slice(2);
if (series === undefined || source === undefined) {
  console.error('usage: npm run try-patches -- VERSION FOLDER, as in 3.15 Python-3.15.0');
  process.exit(2);
}
const project = await loadProject();
const folder = project.recipes.get('cpython');
const [target] = project.targets.values();
const python = /^\d+\.\d+$/.test(series) ? `${series}.0` : series;
const context = {python, target, options: ['noopt'], sourceSet: 'upstream', toolchain: 'debian'};
const names = select(folder.recipe.patches, context);

const copy = mkdtempSync(path.join(tmpdir(), 'try-patches-'));
let failed = 0;
try {
  cpSync(source, copy, {recursive: true});
  for (const [file, input] of Object.entries(patchFiles(folder, names, context))) {
    const words = ['-p1', '--fuzz=0', '--no-backup-if-mismatch', '--batch', '--forward'];
    const {status, stdout, error} = spawnSync('patch', words, {cwd: copy, input, encoding: 'utf8'});
    if (error !== undefined) throw error;
    if (status === 0) {
      console.log(`applies         ${file}`);
      continue;
    }
    failed += 1;
    console.log(`does not apply  ${file}\n${stdout.replace(/^/gm, '    ').trimEnd()}`);
  }
} finally {
  rmSync(copy, {recursive: true, force: true});
}
process.exitCode = failed === 0 ? 0 : 1;
