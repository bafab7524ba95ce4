import {writeFile} from 'node:fs/promises';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {writeProfileFiles} from '../../../src/builder/profile-files.js';
import {makeFixtureProject, type FixtureProject} from '../../support/fixture-project.js';
import {sampleProfileBytes, sampleProfileRecord} from '../../support/profile-record.js';

let project: FixtureProject;
beforeEach(async () => {
  project = await makeFixtureProject('images');
});
afterEach(() => project[Symbol.asyncDispose]());

const place = 'profiles/3.14/x86_64-unknown-linux-gnu/pgo';
const variant = '3.14-x86_64-unknown-linux-gnu-pgo-debian-sources';
const planOf = (...words: readonly string[]) =>
  project.ampoule(['plan', '--options', 'pgo', ...words]);

/** A profile as somebody else has it. */
async function foreignProfile(): Promise<string> {
  const record = sampleProfileRecord({glibc: 'suite'});
  const [file = ''] = await writeProfileFiles(
    path.join(project.folder, 'elsewhere'),
    record,
    sampleProfileBytes,
  );
  return file;
}
const importIt = async (file: string) =>
  project.ampoule(['profile', 'import', file, '--sources', 'debian']);

describe('a build with the option pgo', () => {
  it('tells which profile is missing, and how to do without', async () => {
    const {code, stderr} = await planOf();

    expect(code).toBe(2);
    expect(stderr).toContain(`${place}.profdata.zst: there is no such file`);
    const {stdout} = await planOf('--profile', 'none');
    expect(stdout).toContain(
      ' cpython/3.14-x86_64-unknown-linux-gnu-pgo-profile-none-debian-sources\n',
    );
    expect(stdout).not.toMatch(/ (instrumented|profile)\//);
  });

  it('refuses a profile that is not the pinned one before anything is compiled with it', async () => {
    expect((await importIt(await foreignProfile())).code).toBe(0);
    await writeFile(path.join(project.folder, `${place}.profdata.zst`), 'damaged');

    const {code, stderr} = await project.ampoule([
      ...['build', '--options', 'pgo', '--output', path.join(project.folder, 'dist')],
    ]);

    expect(code).toBe(1);
    expect(stderr).toMatch(
      /pgo\.profdata\.zst is damaged: expected sha256 [0-9a-f]{64}, which is pinned/,
    );
  });
});

describe('profile import', () => {
  it('copies a profile here, and tells what it was not made from', async () => {
    const {code, stdout, stderr} = await importIt(await foreignProfile());

    expect([code, stdout]).toEqual([
      0,
      ['profdata.zst', 'yaml']
        .map((end) => `${path.join(project.folder, place)}.${end}\n`)
        .join(''),
    ]);
    expect(stderr).toMatch(
      /pgo\.profdata\.zst was made from other inputs: source [0-9a-f]{12}, here/,
    );
    const plan = await planOf();
    expect(plan.stdout).toContain(` profile/${variant}\n`);
    expect(plan.stderr).toContain('was made from other inputs');
  });

  it('refuses what is no profile of a record', async () => {
    const file = await foreignProfile();
    await writeFile(file, 'another');

    const {code, stderr} = await importIt(file);

    expect(code).toBe(2);
    expect(stderr).toContain('is not the profile of');
  });
});
