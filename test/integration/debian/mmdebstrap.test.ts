import {execFile} from 'node:child_process';
import path from 'node:path';
import {promisify} from 'node:util';
import {beforeAll, describe, expect, it} from 'vitest';
import {readImageFolder, readKeyring} from '../../../src/builder/image-folder.js';
import {projectFiles} from '../../../src/builder/project-files.js';
import {machineAptUris} from '../../../src/builder/open-fetcher.js';
import {valueOrThrow} from '../../../src/core/errors.js';
import {resolveClosure} from '../../../src/debian/closure.js';
import type {ImageDefinition} from '../../../src/debian/image-definition.js';
import {fetchPackageIndex, findSuite} from '../../../src/fetch/fetch-suite.js';
import {testImages} from '../../support/images.js';
import {byScale} from '../../support/scale.js';

const root = path.resolve(import.meta.dirname, '../../..');
const run = promisify(execFile);

let isInstalled: boolean;
beforeAll(async () => {
  isInstalled = await run('mmdebstrap', ['--version']).then(
    () => true,
    () => false,
  );
});

/** The packages that mmdebstrap would extract, as lines of name and version. */
async function simulate(
  {packages, suite, architecture}: ImageDefinition,
  mirror: string,
): Promise<readonly string[]> {
  const {stdout, stderr} = await run(
    'mmdebstrap',
    [
      ...['--mode=chrootless', '--variant=extract', '--simulate', '--verbose'],
      ...[`--architectures=${architecture}`, `--include=${packages.join(',')}`],
      ...[suite, '/dev/null', mirror],
    ],
    {maxBuffer: 1 << 24},
  );
  const lines = `${stdout}\n${stderr}`.matchAll(/^Inst (\S+) \((\S+) /gm);
  return [...lines].map(([, name, version]) => `${name} ${version}`).sort();
}

/** The packages that a lock of today would have, and the mirror that they were read from. */
async function resolve(definition: ImageDefinition) {
  const {suite, architecture, packages} = definition;
  const {signal} = new AbortController();
  const named = process.env['AMPOULE_DEBIAN_MIRROR'];
  const signed = await findSuite({
    suite,
    candidates: [...(named === undefined ? [] : [named]), ...(await machineAptUris())].map(
      (base) => ({base, isNamed: false}),
    ),
    keys: await readKeyring(root),
    now: new Date(),
    isExpiredAllowed: false,
    signal,
  });
  const {store} = await testImages();
  const index = await fetchPackageIndex(signed, architecture, {sink: store.sources, signal});
  const closure = resolveClosure(index, packages);
  const lines = closure.packages.map(({name, version}) => `${name} ${version}`).sort();
  return {mirror: signed.base, closure, lines};
}

describe("the closure of each image's packages", () => {
  it.for(
    byScale({usual: ['sandbox'], full: ['build', 'sandbox', 'sysroot-x86_64-unknown-linux-gnu']}),
  )('is for docker/%s what mmdebstrap picks for the same names', async (name, {skip}) => {
    if (!isInstalled) skip('mmdebstrap is not installed on this machine');
    const definition = valueOrThrow((await readImageFolder(projectFiles([root]), name)).definition);

    const {mirror, closure, lines} = await resolve(definition);

    expect(closure).toMatchObject({unsatisfied: [], conflicts: []});
    expect(lines).toEqual(await simulate(definition, mirror));
  });
});
