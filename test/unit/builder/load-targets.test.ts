import {mkdir, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, expect, it} from 'vitest';
import {loadTargets} from '../../../src/builder/load-targets.js';
import {projectFiles} from '../../../src/builder/project-files.js';
import {projectFolder} from '../../../src/builder/project-folder.js';
import {formatDiagnostic, valueOrThrow} from '../../../src/core/errors.js';

const triple = 'x86_64-unknown-linux-gnu';
const own = await readFile(path.join(projectFolder, `targets/${triple}.yaml`), 'utf8');

let project: string;
beforeEach(async () => {
  project = await mkdtemp(path.join(tmpdir(), 'targets-'));
});
afterEach(() => rm(project, {recursive: true, force: true}));

async function write(name: string, text: string): Promise<void> {
  await mkdir(path.join(project, 'targets'), {recursive: true});
  await writeFile(path.join(project, 'targets', name), text);
}

const triples = async () =>
  valueOrThrow(await loadTargets(projectFiles([project]))).map((target) => target.triple);

it('a project has the targets of its files, in the order of their names', async () => {
  const other = 'aarch64-unknown-linux-gnu';
  await write(`${triple}.yaml`, own);
  await write(`${other}.yaml`, own.replaceAll(triple, other));
  await write('README.md', 'No target.');

  expect(await triples()).toEqual([other, triple]);
});

it('a project without targets has those of Ampoule', async () => {
  expect(await triples()).toContain(triple);
});

it('mistakes of all files come at once, and so does a name that is not the file name', async () => {
  await write('a-b-c.yaml', own);
  await write(`${triple}.yaml`, own.replace('loader:', 'loeader:'));

  const targets = await loadTargets(projectFiles([project]));

  expect(targets.ok ? [] : targets.diagnostics.map(formatDiagnostic)).toEqual([
    `targets/a-b-c.yaml: "triple" is ${triple}, expected the file's name a-b-c`,
    expect.stringMatching(/^targets\/x86_64-unknown-linux-gnu\.yaml:\d+:1: .*"loader"/),
    expect.stringMatching(/^targets\/x86_64-unknown-linux-gnu\.yaml:\d+:1: unknown key "loeader"/),
  ]);
});
