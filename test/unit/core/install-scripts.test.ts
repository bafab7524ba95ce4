import {execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import path from 'node:path';
import {expect, it} from 'vitest';

const root = path.resolve(import.meta.dirname, '../../..');

/** `npm ci` and what else runs the scripts of packages, as a shell or a list of arguments writes it. */
const installs = /\bnpm\b[\s'",[\]]+(?:ci|install|i|add|update|prune|rebuild)\b.*/g;

it('no command of the repository lets a package run a script when it is installed', () => {
  const files = execFileSync('git', ['ls-files', '-z'], {cwd: root, encoding: 'utf8'})
    .split('\0')
    .filter((file) =>
      /^(?:scripts|docker|bench|\.ci|\.github|docs)\/|^[^/]+\.(?:md|json)$/.test(file),
    )
    .filter((file) => !file.startsWith('package-lock'));

  const found = files.flatMap((file) =>
    [...readFileSync(path.join(root, file), 'utf8').matchAll(installs)].map(
      ([command]) => `${file}: ${command}`,
    ),
  );

  expect(found.length).toBeGreaterThan(2);
  expect(found.filter((command) => !command.includes('--ignore-scripts'))).toEqual([]);
});
