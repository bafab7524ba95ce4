import {readFileSync} from 'node:fs';
import path from 'node:path';
import {expect, it} from 'vitest';
import {makeProgram} from '../../../src/cli/program.js';
import {renderReference} from '../../../src/cli/reference.js';

const file = path.resolve(import.meta.dirname, '../../../docs/commands.md');
const text = renderReference(await makeProgram(new AbortController().signal));

it('docs/commands.md is what the option parser says', () => {
  expect(readFileSync(file, 'utf8'), 'it is out of date. Next: npm run docs').toBe(text);
});

it('names no value of this machine', () => {
  expect(text).toContain(
    '- `-j, --jobs <count>`\\\n  number of jobs at once. Default: the number of processors.',
  );
  expect(text).toContain('Default: ampoule in $XDG_CACHE_HOME or ~/.cache.');
});

it('shows the commands of a command, and no hidden one', () => {
  const titles = [...text.matchAll(/^## (.*)$/gm)].map(([, title]) => title);

  expect(titles).toContain('ampoule store gc');
  expect(titles).not.toContain('ampoule store');
  expect(titles).not.toContain('ampoule complete');
});

it('shows what stands behind the options in the help', () => {
  expect(text).toContain('Exit code: 0 if the archives are equal, 1 if they differ');
});
