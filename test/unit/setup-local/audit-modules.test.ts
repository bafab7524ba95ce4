import {describe, expect, it} from 'vitest';
import {valueOrThrow} from '../../../src/core/errors.js';
import {auditModules, type Audit} from '../../../src/setup-local/audit-modules.js';
import {parseModuleDefinitions} from '../../../src/setup-local/parse-definitions.js';
import {parseUpstreamModules} from '../../../src/setup-local/upstream-modules.js';
import {madeUpBuild, type MadeUpModule} from './made-up-build.js';

type Modules = Readonly<Record<string, MadeUpModule>>;

const definitions = `
sys: {linkage: core, init: ~}
posix: {origin: bootstrap, sources: [posixmodule.c]}
_a: {sources: [_a.c], libraries: {zlib: [z]}}
_b: {linkage: shared, sources: [_b.c]}
_off: {linkage: disabled, reason: a sample}
`;
const posix: MadeUpModule = {linkage: 'static', sources: ['posixmodule.c']};
const upstream: Modules = {posix, _a: {libraries: ['z']}, _b: {}, _off: {}};
const ours: Modules = {posix, _a: {linkage: 'static', libraries: ['z']}, _b: {}};

function audit(changes: {
  readonly upstream?: Modules;
  readonly ours?: Modules | 'not built';
  /** Takes the place of entries in the definitions. */
  readonly entries?: Readonly<Record<string, string>>;
}): Audit {
  const entries = changes.entries ?? {};
  const kept = definitions.split('\n').filter((line) => !((line.split(':')[0] ?? '') in entries));
  const text = [...kept, ...Object.entries(entries).map(([name, body]) => `${name}: ${body}`)];
  const setup = (lines: readonly string[]) => `*static*\n${lines.join('\n')}\n`;
  return auditModules({
    definitions: valueOrThrow(
      parseModuleDefinitions([{file: 'all.yaml', text: `${text.join('\n')}\n`}]),
    ),
    context: {python: '3.14.7', target: {triple: 'x86_64-unknown-linux-gnu'}, options: ['noopt']},
    upstreamModules: valueOrThrow(
      parseUpstreamModules({
        setup: '',
        bootstrap: setup(['posix posixmodule.c']),
        stdlib: setup(['_a _a.c', '_b _b.c', '_off _off.c']),
        configC: 'struct _inittab _PyImport_Inittab[] = {\n    {"sys", NULL},\n    {0, 0}\n};\n',
      }),
    ),
    upstream: madeUpBuild({...upstream, ...changes.upstream}),
    ours: changes.ours === 'not built' ? undefined : madeUpBuild({...ours, ...changes.ours}),
  });
}

describe('an audit of extension modules', () => {
  it('finds nothing where both builds do the same, but for how modules are linked', () => {
    expect(audit({})).toEqual({
      compared: 4,
      findings: [],
      explained: [{module: '_off', field: 'presence', reason: 'a sample'}],
    });
  });

  it('names a new module of upstream, with what its entry must say', () => {
    const {findings} = audit({
      upstream: {_new: {sources: ['_new/a.c', '_new/b.c'], libraries: ['lzma']}},
      ours: 'not built',
    });

    expect(findings).toMatchObject([
      {
        module: '_new',
        field: 'presence',
        upstream: ['shared', '_new/a.c', '_new/b.c', '-llzma'],
        ours: [],
        message: expect.stringContaining('has no entry'),
      },
    ]);
  });

  it('names a module that upstream has no more', () => {
    const {findings} = audit({
      entries: {_gone: '{sources: [_gone.c]}'},
      ours: {_gone: {linkage: 'static'}},
    });

    expect(findings).toMatchObject([{module: '_gone', field: 'presence', ours: ['static']}]);
  });

  it('names a module that our build lost, or has though it is disabled', () => {
    const lost = audit({entries: {_c: '{}'}, upstream: {_c: {}}});
    const extra = audit({ours: {_off: {}}});

    expect(lost.findings).toMatchObject([{module: '_c', message: 'our build does not have it'}]);
    expect(extra.findings).toMatchObject([{module: '_off', field: 'presence'}]);
  });

  it('names a define that upstream gave up, or took', () => {
    const vanished = audit({
      ours: {_b: {flags: ['-DOLD=1', '-DBOTH']}},
      upstream: {_b: {flags: ['-DBOTH']}},
    });
    const added = audit({upstream: {_a: {libraries: ['z'], flags: ['-DNEW']}}});

    expect(vanished.findings).toMatchObject([
      {
        module: '_b',
        field: 'defines',
        upstream: ['BOTH'],
        ours: ['BOTH', 'OLD=1'],
        onlyOurs: ['OLD=1'],
      },
    ]);
    expect(added.findings).toMatchObject([
      {module: '_a', field: 'defines', onlyUpstream: ['NEW'], onlyOurs: []},
    ]);
  });

  it('names a folder of headers that only one build looks in', () => {
    const {findings} = audit({upstream: {_a: {libraries: ['z'], flags: ['-I./Modules/extra']}}});

    expect(findings).toMatchObject([
      {module: '_a', field: 'includes', onlyUpstream: ['Modules/extra']},
    ]);
  });

  it('names a define that an entry asks for and our build leaves out', () => {
    const {findings} = audit({
      entries: {_b: '{linkage: shared, sources: [_b.c], defines: [ASKED]}'},
    });

    expect(findings).toMatchObject([
      {module: '_b', field: 'defines', onlyOurs: ['ASKED'], message: /static-modules/},
    ]);
  });

  it('names another library, in what is said and in what is done', () => {
    const {findings} = audit({upstream: {_a: {libraries: ['z', 'ng']}}});

    expect(findings).toMatchObject([
      {
        module: '_a',
        field: 'libraries',
        upstream: ['ng', 'z'],
        ours: ['z'],
        message: 'static-modules/ and our build: not as upstream',
      },
    ]);
  });

  it('names a library that an entry says and the interpreter is not linked with', () => {
    const {findings} = audit({ours: {_a: {linkage: 'static'}}});

    expect(findings).toMatchObject([
      {module: '_a', field: 'libraries', ours: [], message: /^our build/},
    ]);
  });

  it('names a library of the interpreter that nobody asked for', () => {
    const {findings} = audit({ours: {posix: {...posix, libraries: ['surprise']}}});

    expect(findings).toMatchObject([{module: 'python', onlyOurs: ['surprise']}]);
  });

  it('names a file of the interpreter that nobody asked for', () => {
    const {findings} = audit({ours: {posix: {...posix, sources: ['posixmodule.c', 'odd.c']}}});

    expect(findings).toMatchObject([{module: 'python', field: 'sources', onlyOurs: ['odd.c']}]);
  });

  it('names another source file', () => {
    const {findings} = audit({upstream: {_b: {sources: ['_b.c', '_b_more.c']}}});

    expect(findings).toMatchObject([
      {module: '_b', field: 'sources', onlyUpstream: ['_b_more.c'], onlyOurs: []},
    ]);
  });
});

describe('a difference that an entry explains', () => {
  const entry = (differs: string) => ({
    _b: `{linkage: shared, sources: [_b.c], differs: {defines: ${differs}}}`,
  });

  it('is no finding', () => {
    const {findings, explained} = audit({
      entries: entry('{upstream: [NEW], reason: we need it not}'),
      upstream: {_b: {flags: ['-DNEW']}},
    });

    expect(findings).toEqual([]);
    expect(explained).toContainEqual({module: '_b', field: 'defines', reason: 'we need it not'});
  });

  it('is one as soon as more differs than it explains', () => {
    const {findings} = audit({
      entries: entry('{upstream: [NEW], reason: we need it not}'),
      upstream: {_b: {flags: ['-DNEW', '-DNEWER']}},
    });

    expect(findings).toMatchObject([
      {module: '_b', onlyUpstream: ['NEW', 'NEWER'], message: /not as `differs` explains/},
    ]);
  });

  it('is one as soon as the difference is gone', () => {
    const {findings} = audit({entries: entry('{upstream: [NEW], reason: we need it not}')});

    expect(findings).toMatchObject([
      {module: '_b', field: 'defines', message: /not there any more: remove it/},
    ]);
  });
});
