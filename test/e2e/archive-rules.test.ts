import path from 'node:path';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {archiveCases, flavoursOf} from '../support/archive/archives.js';
import {findingsOf} from '../support/archive/findings.js';
import {extensionsOf, readPythonJson} from '../support/archive/python-json.js';
import type {PythonJson} from '../support/archive/python-json.js';
import {outputOf} from '../support/archive/run.js';
import {makeScratch, readHeaders, removeScratch, unpack} from '../support/archive/unpack.js';

describe.each(archiveCases())('the archives of %s', (_title, archives) => {
  let scratch: string;
  let json: PythonJson;
  /** Everything in the full archive but directories, relative to `python/`. */
  let members: readonly string[];

  beforeAll(async () => {
    scratch = await makeScratch();
    const full = await readHeaders(archives.full);
    await unpack(archives.full, scratch);
    json = readPythonJson(inFull(''));
    members = full.map(({name}) => name.slice('python/'.length));
  });

  afterAll(() => removeScratch(scratch));

  const inFull = (file: string) => path.join(scratch, 'python', file);

  it.each(flavoursOf(archives))('break no rule: $flavour', async ({file}) => {
    expect(await findingsOf(file)).toEqual([]);
  });

  const installOnlyFiles = [archives.installOnly].flatMap((file) => file ?? []);
  const apart = 'tests and static libraries apart';
  it.each(installOnlyFiles)(
    `hold the same files in the full archive and %s, ${apart}`,
    async (file) => {
      const installed = await readHeaders(file);
      const testPackages = json.python_stdlib_test_packages.map(
        (name) => `${json.python_paths['stdlib'] ?? ''}/${name.replaceAll('.', '/')}/`,
      );
      const isLeftOut = (member: string) =>
        !member.startsWith('install/') ||
        (member.includes('/libpython') && member.endsWith('.a')) ||
        testPackages.some((folder) => member.startsWith(folder)) ||
        /\/lib-dynload\/_(?:ctypes_test|test\w+)\./.test(member);
      const wanted = members.filter((member) => !isLeftOut(member));
      expect(installed.map(({name}) => name.replace(/^python\//, 'install/'))).toEqual(wanted);
    },
  );

  it("run_tests runs CPython's own tests", async () => {
    const output = await outputOf(inFull(json.python_exe), [inFull(json.run_tests), 'test_bool']);
    expect(output).toMatch(/^(?:Result|Tests result): SUCCESS$/m);
  });

  it('name the licences of more than eight dependencies', () => {
    const texts = extensionsOf(json).flatMap(([, {license_paths}]) => license_paths ?? []);
    expect(new Set(texts).size).toBeGreaterThan(8);
  });
});
