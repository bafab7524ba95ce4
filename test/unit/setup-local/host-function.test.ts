import {cp, mkdtemp, readdir, readFile, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';

import {afterEach, beforeEach, describe, expect, it} from 'vitest';

import {sha256} from '../../../src/core/digest.js';
import type {JsonValue} from '../../../src/core/digest.js';
import {valueOrThrow} from '../../../src/core/errors.js';
import type {HostFunctionContext} from '../../../src/core/host-function.js';
import {setupLocalFunction} from '../../../src/setup-local/host-function.js';
import {definitionsToJson} from '../../../src/setup-local/definitions-to-json.js';
import {parseModuleDefinitions} from '../../../src/setup-local/parse-definitions.js';
import {SetupLocalError} from '../../../src/setup-local/setup-local-error.js';
import {fixturePath, repositoryDefinitions} from './real-sources.js';

let temporaryPath: string;
beforeEach(async () => {
  temporaryPath = await mkdtemp(path.join(tmpdir(), 'setup-local-'));
});
afterEach(() => rm(temporaryPath, {recursive: true, force: true}));

const definitions = definitionsToJson(repositoryDefinitions());

/** The definitions that a file of static-modules/ would hold. */
function definitionsIn(text: string): JsonValue {
  return definitionsToJson(valueOrThrow(parseModuleDefinitions([{file: 'x', text}])));
}

function run(
  python: string,
  {
    used = definitions,
    setupFiles = fixturePath(python),
    places = new Map(),
  }: {
    used?: JsonValue;
    setupFiles?: string;
    places?: NonNullable<HostFunctionContext['places']>;
  } = {},
): Promise<void> {
  const parameters = {
    python,
    target: 'x86_64-unknown-linux-gnu',
    options: 'noopt',
    definitions: used,
  } as const;
  return setupLocalFunction.run(parameters, {
    sources: new Map(),
    inputs: new Map([['setup-files', setupFiles]]),
    digests: new Map(),
    places,
    outputPath: temporaryPath,
    log: () => undefined,
    signal: new AbortController().signal,
  });
}

describe('the host function setup-local', () => {
  it.each(['3.13.15', '3.14.7'])('writes the two files for CPython %s', async (python) => {
    await run(python);

    expect((await readdir(temporaryPath)).sort()).toEqual(['Setup.local', 'modules.json']);
    for (const name of ['Setup.local', 'modules.json']) {
      const written = await readFile(path.join(temporaryPath, name), 'utf8');
      const golden = await readFile(path.join(fixturePath(python), name), 'utf8');
      expect(written).toBe(golden);
    }
  });

  it('raises its revision when equal inputs give other bytes', async () => {
    const small = definitionsIn(`
sys: {linkage: core, init: null}
_a: {linkage: shared, defines: [X=1], libraries: {zlib: [z]}}
_b: {linkage: disabled, reason: off}
posix: {origin: bootstrap, required: true}
`);
    const setupFiles = path.join(fixturePath('3.14.7'), '../small');

    await run('3.14.7', {used: small, setupFiles});

    const digests = await Promise.all(
      ['Setup.local', 'modules.json'].map(async (name) =>
        sha256(await readFile(path.join(temporaryPath, name))),
      ),
    );
    expect([setupLocalFunction.revision, ...digests]).toMatchInlineSnapshot(`
      [
        1,
        "a47b30d6cdfd4e045dacad67a6c54df70929fed2fc80bff05b36fb256af08761",
        "f4dd6da7f28e23c0334eda216f5ece78e44b5dbe4f55e1bcbfa7b3323492bccc",
      ]
    `);
  });

  it('fails with every disagreement and writes nothing', async () => {
    const running = run('3.14.7', {used: definitionsIn('_ssl: {}\n_gone: {}\n')});

    const error: unknown = await running.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(SetupLocalError);
    expect(error).toMatchObject({
      code: 'E_SETUP_LOCAL',
      message: expect.stringMatching(/_gone: the source .*[\s\S]*module _lzma is not known/),
    });
    expect(await readdir(temporaryPath)).toEqual([]);
  });

  it('names the place of an entry that the source does not have', async () => {
    const places = new Map([['_gone', {file: 'static-modules/foreign.yaml', line: 3, column: 5}]]);

    const running = run('3.14.7', {used: definitionsIn('_gone: {}\n'), places});

    await expect(running).rejects.toThrow('  static-modules/foreign.yaml:3:5: _gone: the source');
  });

  it('names a file that is missing from the source', async () => {
    const setupFiles = path.join(temporaryPath, 'in');
    await cp(fixturePath('3.14.7'), setupFiles, {recursive: true});
    await rm(path.join(setupFiles, 'Setup.stdlib.in'));

    const running = run('3.14.7', {setupFiles});

    await expect(running).rejects.toThrow(
      /Modules\/Setup.stdlib.in: is missing from CPython's source/,
    );
  });
});
