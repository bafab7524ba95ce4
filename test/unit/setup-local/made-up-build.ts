import {valueOrThrow} from '../../../src/core/errors.js';
import {parseRecordedBuild, type RecordedBuild} from '../../../src/setup-local/built-modules.js';

/** A module of a made-up build. */
export interface MadeUpModule {
  readonly linkage?: 'static' | 'shared';
  readonly sources?: readonly string[];
  /** Words of each compilation: `-DX`, `-IModules/x`. */
  readonly flags?: readonly string[];
  readonly libraries?: readonly string[];
}

const directory = '/build/source';

/** Records what a build of these modules would have left, and reads it. Modules are shared unless they say otherwise. */
export function madeUpBuild(modules: Readonly<Record<string, MadeUpModule>>): RecordedBuild {
  const {calls, configC} = madeUpRecord(modules);
  return valueOrThrow(parseRecordedBuild(JSON.stringify(calls), configC));
}

/** The same, not read yet. */
export function madeUpRecord(modules: Readonly<Record<string, MadeUpModule>>) {
  const all = Object.entries(modules).map(([name, module]) => ({
    name,
    linkage: module.linkage ?? 'shared',
    sources: module.sources ?? [`${name}.c`],
    flags: module.flags ?? [],
    links: (module.libraries ?? []).map((library) => `-l${library}`),
  }));
  const objects = (sources: readonly string[]) =>
    sources.map((source) => `Modules/${source.replace(/\.c$/, '.o')}`);
  const builtin = all.filter(({linkage}) => linkage === 'static');
  const call = (...words: readonly string[]) => ({directory, arguments: ['clang', ...words]});
  const calls = [
    ...all.flatMap(({sources, flags, linkage}) =>
      sources.map((source) =>
        call(
          ...['-I.', ...flags, ...(linkage === 'static' ? ['-DPy_BUILD_CORE_BUILTIN'] : [])],
          ...['-c', `./Modules/${source}`, '-o', objects([source])[0] ?? ''],
        ),
      ),
    ),
    ...all
      .filter(({linkage}) => linkage === 'shared')
      .map(({name, sources, links}) =>
        call('-shared', ...objects(sources), ...links, '-o', `Modules/${name}.cpython-314.so`),
      ),
    call(
      ...['-o', 'python', ...objects(builtin.flatMap(({sources}) => sources)), '-ldl'],
      ...builtin.flatMap(({links}) => links),
    ),
  ];
  const table = builtin.map(({name}) => `    {"${name}", PyInit_${name}},\n`);
  const configC = `struct _inittab _PyImport_Inittab[] = {\n    {"sys", NULL},\n${table.join('')}    {0, 0}\n};\n`;
  return {calls, configC};
}
