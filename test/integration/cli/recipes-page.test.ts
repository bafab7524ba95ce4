import {cp, mkdtemp, readFile, rm, symlink, writeFile} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {afterAll, beforeAll, expect, it} from 'vitest';
import {runProgram} from '../../support/checkout.js';
import {serveArchive} from '../../support/debian-archive.js';
import {makeSigningKey} from '../../support/signing-key.js';
import {makeSourceArchive, makeSourceSuites} from '../../support/source-suites.js';
import {noUpstream} from '../../support/upstream-hosts.js';
import {startServer, type LoopbackServer} from '../fetch/loopback-server.js';

const root = path.resolve(import.meta.dirname, '../../..');

/** What a reader copies from a section of docs/recipes.md: commands, and lines of a file. */
type Step =
  | {readonly kind: 'commands'; readonly script: string}
  | {readonly kind: 'lines'; readonly file: string; readonly lines: readonly string[]};

let folder: string;
let server: LoopbackServer;
let page: string;
beforeAll(async () => {
  page = await readFile(path.join(root, 'docs/recipes.md'), 'utf8');
  folder = await mkdtemp(path.join(os.tmpdir(), 'ampoule page '));
  const data = ['recipes', 'licenses', 'docker', 'static-modules', 'targets', 'profiles', 'shell'];
  for (const name of [...data, 'ampoule', 'lib', 'package.json']) {
    await cp(path.join(root, name), path.join(folder, name), {recursive: true});
  }
  await symlink(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
  const key = await makeSigningKey();
  await writeFile(path.join(folder, 'docker/keyrings/test.asc'), key.file.text);
  const source = async (poolPath: string, ...files: readonly string[]) => ({
    poolPath: `pool/main/${poolPath}`,
    bytes: await makeSourceArchive(path.basename(poolPath), '2031-02-03', ...files),
  });
  const trixie = [
    await source('o/openssl/openssl_3.99.0.orig.tar.gz'),
    await source('j/jansson/jansson_2.99.orig.tar.gz', 'configure', 'LICENSE'),
    await source('p/python3.99/python3.99_3.99.0.orig.tar.gz'),
  ];
  server = await startServer(serveArchive(await makeSourceSuites(key, {trixie})));
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(folder, {recursive: true});
});

/** The steps of a section, in order. */
function stepsOf(title: string): readonly Step[] {
  const section = page.split(/^## /m).find((text) => text.startsWith(`${title}\n`)) ?? '';
  return [...section.matchAll(/^```(\w+)\n([^]*?)^```$/gm)].map(([, language, text = '']): Step => {
    if (language === 'sh') return {kind: 'commands', script: text};
    const [head = '', ...lines] = text.trimEnd().split('\n');
    return {kind: 'lines', file: head.replace('# ', ''), lines};
  });
}

/** A line takes the place of the one with the same key, or comes at the end. */
async function writeLines(file: string, lines: readonly string[]): Promise<void> {
  const absolute = path.join(folder, file);
  let text = await readFile(absolute, 'utf8').catch(() => '');
  for (const line of lines) {
    const [key = ''] = line.split(' ');
    const old = text.split('\n').find((each) => each.startsWith(`${key} `));
    text = old === undefined ? `${text}${line}\n` : text.replace(old, () => line);
  }
  await writeFile(absolute, text);
}

/** Does what a section says, and returns everything that its commands printed. */
async function follow(title: string): Promise<string> {
  const steps = stepsOf(title);
  expect(steps.length, title).toBeGreaterThan(0);
  let printed = '';
  for (const step of steps) {
    if (step.kind === 'lines') await writeLines(step.file, step.lines);
    else {
      const env = {
        ...{...noUpstream, AMPOULE_STORE: path.join(folder, 'store')},
        AMPOULE_DEBIAN_MIRROR: server.url,
      };
      const ended = await runProgram('sh', ['-euc', step.script], {cwd: folder, env});
      expect(ended.code, `${step.script}\n${ended.stderr}`).toBe(0);
      printed += ended.stdout;
    }
  }
  return printed;
}

it('"Bump a version" can be followed to the letter', async () => {
  const printed = await follow('Bump a version');

  expect(printed).toMatch(/^openssl +\S+ +\? +3\.99\.0 trixie/m);
  expect(printed).toContain('\n+version: "3.99.0"\n');
  expect(printed).toContain(' dependency/openssl/');
});

it('"Add a dependency" can be followed to the letter', async () => {
  const printed = await follow('Add a dependency');

  expect(printed).toContain('Written: recipes/jansson/recipe.yaml\n');
  expect(printed).toMatch(/^jansson +2\.99 +2\.99 +the same file, unverified$/m);
  expect(printed).toContain('dependency/jansson/');
});

it('"Add a Python" can be followed to the letter', async () => {
  const printed = await follow('Add a Python');

  expect(printed).toContain('\n+  - version: "3.99.0"\n');
  expect(printed).toMatch(/ cpython\/3\.99-/);
});
