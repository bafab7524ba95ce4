import {mkdir, mkdtemp, readdir, readFile, rm} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {runProgram} from '../../support/checkout.js';

const root = path.resolve(import.meta.dirname, '../../..');
/** What a build reads, besides compiled code. */
const dataFolders = [
  'completions',
  'docker',
  'licenses',
  'profiles',
  'recipes',
  'schemas',
  'shell',
  'static-modules',
  'targets',
];

let folder: string;
let installed: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'ampoule package '));
  const packed = await runProgram('npm', ['pack', '--silent', '--pack-destination', folder], {
    cwd: root,
  });
  expect(packed.stderr).toBe('');
  installed = path.join(folder, 'elsewhere');
  await offerPackages(path.join(installed, 'node_modules'));
  const {code, stderr} = await runProgram(
    'npm',
    ['install', '--offline', '--ignore-scripts', '--no-audit', `../${packed.stdout.trim()}`],
    {cwd: installed},
  );
  expect(stderr).toBe('');
  expect(code).toBe(0);
});

afterAll(() => rm(folder, {recursive: true, force: true}));

/** Puts the locked packages where npm finds them without a registry. */
async function offerPackages(target: string): Promise<void> {
  const {packages} = JSON.parse(await readFile(path.join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, {dev?: true; optional?: true}>;
  };
  for (const [place, {dev, optional}] of Object.entries(packages)) {
    const [, name] = /^node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(place) ?? [];
    if (name === undefined || dev === true || optional === true) continue;
    await mkdir(path.dirname(path.join(target, name)), {recursive: true});
    await runProgram('cp', ['-a', path.join(root, place), path.join(target, name)]);
  }
}

const ampoule = (...words: readonly string[]) =>
  runProgram(path.join(installed, 'node_modules/.bin/ampoule'), words, {cwd: folder});

describe('the package, installed outside the checkout', () => {
  it('has all files of the folders that a build reads', async () => {
    const {stdout} = await runProgram('git', ['ls-files', ...dataFolders], {cwd: root});
    const own = path.join(installed, 'node_modules/ampoule');

    const packed = await readdir(own, {recursive: true});

    expect(packed).toEqual(expect.arrayContaining(stdout.trim().split('\n')));
    expect(await readdir(own)).not.toContain('src');
  });

  it('plans the same stages with the same keys as the checkout', async () => {
    const options = [
      'plan',
      '--json',
      '--store',
      path.join(folder, 'store'),
      '--sources',
      'debian',
    ];

    const ours = await ampoule(...options);
    const theirs = await runProgram(path.join(root, 'ampoule'), options);

    expect(ours.code).toBe(0);
    expect(ours.stdout).toBe(theirs.stdout);
  });

  it('prints its help, what it can complete, and the command to type', async () => {
    const help = await ampoule('--help');
    const completion = await ampoule('completion', 'bash');
    const candidates = await ampoule('complete', '--', 'build', '--target', '');
    const mistake = await ampoule('biuld');

    expect(help.stdout).toContain('Usage: ampoule');
    expect(completion.stdout).toContain('complete -o default -F _ampoule ampoule');
    expect(candidates.stdout).toContain('x86_64-unknown-linux-gnu');
    expect(mistake.stderr).toContain('Next: elsewhere/node_modules/ampoule/ampoule --help\n');
  });

  it('checks the machine, and reads its recipes for that', async () => {
    const store = path.join(folder, 'store');

    const {stdout} = await ampoule('doctor', '--store', store, '--offline', '--json');

    const {checks} = JSON.parse(stdout) as {checks: {title: string; ok: boolean}[]};
    expect(checks).toContainEqual(expect.objectContaining({title: 'pins', ok: true}));
  });
});
