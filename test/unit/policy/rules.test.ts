import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {rules} from '../../../src/policy/rules.js';
import {validateArchive} from '../../../src/policy/validate-archive.js';
import {breakers} from '../../support/policy/breakers.js';
import {SampleArchive, type SampleFlavour} from '../../support/policy/sample-archive.js';
import {ownTargets} from '../../support/targets.js';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'ampoule-policy-'));
});

afterAll(() => rm(folder, {recursive: true, force: true}));

async function validate(sample: SampleArchive) {
  const {fileName, bytes} = sample.write();
  const file = path.join(folder, fileName);
  await writeFile(file, bytes);
  return validateArchive({archivePath: file, scratchPath: folder, targets: ownTargets});
}

describe('a well-formed archive', () => {
  it.each(['full', 'install_only', 'install_only_stripped'] as const)(
    'breaks no rule: %s',
    async (flavour: SampleFlavour) => {
      const report = await validate(new SampleArchive(flavour));

      expect(report.findings).toEqual([]);
      expect(report).toMatchObject({flavour, errors: 0, warnings: 0});
    },
  );
});

/** A sample that carries the runtime of a sanitizer, as the compiler links it. */
function sanitized(): SampleArchive {
  const sample = new SampleArchive('full');
  sample.options = 'noopt+asan+ubsan';
  sample.json.build_options = sample.options;
  sample.json.optimizations = sample.options;
  sample.record.build_options = sample.options;
  sample.program.needed?.push('libresolv.so.2');
  sample.json.build_info.core.links.push({name: 'resolv', system: true});
  sample.program.symbols = [
    ...(sample.program.symbols ?? []).filter(({name}) => name !== '__memcpy_chk'),

    ...['__lsan_default_suppressions', '__sanitizer_symbolize_code', '__cxa_demangle'].map(
      (name) => ({name, isWeak: true}),
    ),
  ];
  sample.library.symbols?.push({name: '__asan_report_load1', isWeak: true});
  sample.library.sections = {
    ...sample.library.sections,
    '.rodata': "'union (unnamed at /sysroot/usr/include/net/if.h:135:5)'",
  };
  return sample;
}

describe('an archive with a sanitizer', () => {
  it('breaks no rule', async () => {
    const report = await validate(sanitized());

    expect(report.findings).toEqual([]);
  });

  it('may have in the program alone what the runtime needs', async () => {
    const sample = sanitized();
    sample.library.needed?.push('libresolv.so.2');
    sample.library.symbols?.push({name: 'hook', isWeak: true});
    sample.library.sections = {...sample.library.sections, '.rodata': 'at /sysroot/usr/include'};

    const {findings} = await validate(sample);

    expect(findings.map(({rule}) => rule).toSorted()).toEqual([
      'elf-build-paths',
      'elf-needed',
      'elf-weak-names',
    ]);
  });

  it('is the only one with what belongs to a runtime', async () => {
    const sample = sanitized();
    sample.options = 'noopt';
    sample.json.build_options = 'noopt';
    sample.json.optimizations = 'noopt';
    sample.record.build_options = 'noopt';

    const {findings} = await validate(sample);

    expect(new Set(findings.map(({rule}) => rule))).toEqual(
      new Set(['elf-needed', 'elf-weak-names', 'elf-fortify', 'json-system-links']),
    );
  });
});

describe('an archive with an overlay', () => {
  const withOverlay = (modules: readonly string[], tag = '.acme') => {
    const sample = new SampleArchive('install_only');
    sample.dateTag += tag;
    Object.assign(sample.record, {overlays: [{name: 'acme', modules}]});
    sample.remove(
      `${sample.prefix}/lib/python3.14/lib-dynload/_dbm.cpython-314-x86_64-linux-gnu.so`,
    );
    return sample;
  };
  const found = async (sample: SampleArchive) =>
    (await validate(sample)).findings.map(({rule}) => rule);

  it('may lack the modules that the overlay defines, and no others', async () => {
    expect(await found(withOverlay(['_dbm']))).toEqual([]);
    expect(await found(withOverlay(['_ssl']))).toEqual(['extension-files']);
  });

  it('names it as its record does', async () => {
    expect(await found(withOverlay(['_dbm'], '.acme.tree'))).toEqual([]);
    expect(await found(withOverlay(['_dbm'], '.other'))).toEqual(['record-identity']);
    expect(await found(withOverlay(['_dbm'], ''))).toEqual(['record-identity']);
    expect(await found(withOverlay(['_dbm'], '.Acme'))).toContain('archive-name');
  });
});

describe('the rules', () => {
  it('have different ids in kebab-case and a demand that ends like a sentence', () => {
    const ids = rules.map(({id}) => id);

    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => !/^[a-z]+(?:-[a-z]+)+$/.test(id))).toEqual([]);
    expect(rules.filter(({demand}) => !/^\S.*\.$/.test(demand))).toEqual([]);
  });

  it('each have an archive that breaks them, and nothing else has', () => {
    expect(Object.keys(breakers).toSorted()).toEqual(rules.map(({id}) => id).toSorted());
    expect(Object.entries(breakers).filter(([, ways]) => ways.length === 0)).toEqual([]);
  });
});

const broken = Object.entries(breakers).flatMap(([id, ways]) =>
  ways.map((breaker, index) => [`${id}, way ${index + 1}`, id, breaker] as const),
);

describe('an archive that breaks one rule', () => {
  it.each(broken)('is found by that rule alone: %s', async (_title, id, {flavour, breakIt}) => {
    const sample = new SampleArchive(flavour);
    breakIt(sample);

    const report = await validate(sample);

    expect(report.findings.map(({rule, path: at, message}) => ({rule, at, message}))).toEqual(
      report.findings.map(() => ({
        rule: id,
        at: expect.any(String),
        message: expect.stringMatching(/./),
      })),
    );
    expect(report.findings.length).toBeGreaterThan(0);
    expect(report.rules).toContain(id);
  });
});
