import {execFileSync} from 'node:child_process';
import {mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';

import {afterEach, beforeEach, describe, expect, it} from 'vitest';

import {valueOrThrow} from '../../../src/core/errors.js';
import {definitionsToJson} from '../../../src/setup-local/definitions-to-json.js';
import {parseModuleDefinitions} from '../../../src/setup-local/parse-definitions.js';
import {generateSetupLocal} from '../../../src/setup-local/setup-local.js';
import {
  fixturePath,
  fixturePythons,
  repositoryDefinitions,
  upstreamTexts,
} from '../../unit/setup-local/real-sources.js';

let buildPath: string;
beforeEach(() => {
  buildPath = mkdtempSync(path.join(tmpdir(), 'makesetup-'));
});
afterEach(() => rmSync(buildPath, {recursive: true, force: true}));

/** What configure makes of the templates when it finds everything and MODULE_BUILDTYPE is static. */
function configured(template: string): string {
  return template.replaceAll('@MODULE_BUILDTYPE@', 'static').replaceAll(/@[A-Z0-9_]+@/g, '');
}

/** Runs CPython's own makesetup as configure does; the Makefile's text and the names in the inittab. */
function makesetup(python: string, setupLocal: string) {
  const upstream = upstreamTexts(python);
  mkdirSync(path.join(buildPath, 'Modules'));
  const files = {
    'Modules/Setup.local': setupLocal,
    'Modules/Setup.stdlib': configured(upstream.stdlib),
    'Modules/Setup.bootstrap': configured(upstream.bootstrap),
    'Modules/Setup': upstream.setup,
    'Modules/config.c.in': upstream.configC,
    'Makefile.pre':
      'BUILT=_MODBUILT_NAMES_\nSHARED=_MODSHARED_NAMES_\n# Definitions added by makesetup\n',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(buildPath, name), text);
  const script = path.join(fixturePath(python), 'makesetup');
  const setups = ['local', 'stdlib', 'bootstrap'].map((name) => `Modules/Setup.${name}`);
  const args = [script, '-c', 'Modules/config.c.in', '-s', 'Modules', ...setups, 'Modules/Setup'];
  execFileSync('/bin/sh', args, {cwd: buildPath, stdio: 'pipe', env: {PATH: '/usr/bin:/bin'}});

  const makefile = readFileSync(path.join(buildPath, 'Makefile'), 'utf8');
  const configC = readFileSync(path.join(buildPath, 'config.c'), 'utf8');
  const names = (variable: string) =>
    (new RegExp(`^${variable}=(.*)$`, 'm').exec(makefile)?.[1] ?? '').trim().split(/\s+/).sort();
  const inittab = [...configC.matchAll(/\{"(\w+)",/g)].map(([, name]) => name ?? '').sort();
  return {makefile, built: names('BUILT'), shared: names('SHARED'), inittab};
}

describe.each(fixturePythons)("CPython %s's makesetup", (python) => {
  it('builds exactly the expected modules from the generated Setup.local', () => {
    const {setupLocal, modules} = valueOrThrow(
      generateSetupLocal({
        definitions: repositoryDefinitions(),
        upstream: upstreamTexts(python),
        python,
        target: {triple: 'x86_64-unknown-linux-gnu'},
        options: ['noopt'],
      }),
    );

    const made = makesetup(python, setupLocal);

    const named = (...linkages: readonly string[]) =>
      modules.filter(({linkage}) => linkages.includes(linkage)).map(({name}) => name);
    expect(made.built).toEqual(named('static', 'shared'));
    expect(made.shared).toEqual(named('shared'));
    expect(made.inittab).toEqual(named('static', 'core'));
  });
});

it('makesetup compiles a module with own flags and with those that configure found', () => {
  const json = definitionsToJson(repositoryDefinitions().filter(({name}) => name !== '_uuid'));
  const text = `${JSON.stringify(json).slice(0, -1)}, "_uuid": {"defines": ["X=1"], "libraries": {"libuuid": ["uuid"]}}}`;
  const {setupLocal} = valueOrThrow(
    generateSetupLocal({
      definitions: valueOrThrow(parseModuleDefinitions([{file: 'json', text}])),
      upstream: upstreamTexts('3.14.7'),
      python: '3.14.7',
      target: {triple: 'x86_64-unknown-linux-gnu'},
      options: ['noopt'],
    }),
  );

  const {makefile} = makesetup('3.14.7', setupLocal);

  expect(makefile).toContain('\nAMPOULE__UUID_CFLAGS=-DX=1\n');
  expect(makefile).toMatch(
    /^Modules\/_uuidmodule\.o: .*; \$\(CC\)\s+\$\(AMPOULE__UUID_CFLAGS\) \$\(MODULE__UUID_CFLAGS\) .* -c /m,
  );
  expect(makefile).toMatch(/^LOCALMODLIBS=.*\$\(MODULE__UUID_LDFLAGS\)/m);
});
