import type {Result} from '../core/errors.js';
import {failure, success} from '../core/errors.js';
import type {Target} from '../core/target.js';
import type {BuildOptions} from '../core/build-options.js';
import {toSemanticVersion} from '../data/condition.js';
import type {ExpectedModule} from '../data/modules-json.js';
import {expectedModule} from './expected-module.js';
import type {ModuleDefinition} from './module-definition.js';
import type {ResolvedModule} from './resolve-modules.js';
import {resolveModules} from './resolve-modules.js';
import type {UpstreamTexts} from './upstream-modules.js';
import {parseUpstreamModules} from './upstream-modules.js';

/** The inputs of `generateSetupLocal`. */
export interface SetupLocalInputs {
  readonly definitions: readonly ModuleDefinition[];
  readonly upstream: UpstreamTexts;
  /** The version of CPython, `3.14.7` or `3.15.0rc1`. */
  readonly python: string;
  readonly target: Pick<Target, 'triple'>;
  readonly options: BuildOptions;
}

/** The text for `Modules/Setup.local`, and the required modules in code-unit order. */
export interface SetupLocal {
  readonly setupLocal: string;
  readonly modules: readonly ExpectedModule[];
}

/**
 * Writes `Setup.local` for one Python, target and option: only the differences from upstream's Setup files, because
 * makesetup uses the first rule for a module. Fails if our data and the source list different modules.
 */
export function generateSetupLocal(inputs: SetupLocalInputs): Result<SetupLocal> {
  if (toSemanticVersion(inputs.python) === undefined) {
    const message = `${JSON.stringify(inputs.python)} is not a version of CPython, like 3.14.7 or 3.15.0rc1`;
    return failure([{file: 'static-modules', message}]);
  }
  const upstream = parseUpstreamModules(inputs.upstream);
  if (!upstream.ok) return upstream;
  const resolved = resolveModules(inputs.definitions, upstream.value, inputs);
  if (!resolved.ok) return resolved;
  return success({
    setupLocal: setupLocalText(resolved.value),
    modules: resolved.value.flatMap((module) => expectedModule(module) ?? []),
  });
}

function setupLocalText(modules: readonly ResolvedModule[]): string {
  const changed = modules.filter(differsFromUpstream);
  const section = (linkage: string): readonly string[] => {
    const members = changed.filter(({variant}) => variant.linkage === linkage);
    return members.length === 0 ? [] : ['', `*${linkage}*`, ...members.flatMap(moduleLines)];
  };
  return [
    '# Generated from static-modules/: the modules whose linkage differs from upstream.',
    ...section('disabled'),
    ...section('shared'),
    ...section('static'),
    '',
  ].join('\n');
}

function differsFromUpstream({variant, upstream}: ResolvedModule): boolean {
  // A commented line already builds nothing.
  const present = upstream.linkage ?? 'disabled';
  return variant.linkage !== present || variant.defines.length > 0 || variant.includes.length > 0;
}

function moduleLines({name, variant, upstream}: ResolvedModule): readonly string[] {
  if (variant.linkage === 'disabled') return [name];
  const own = ownWords(name, variant);
  const offered = upstream.linkage === undefined;
  const words = offered ? [...(variant.sources ?? []), ...variant.archives] : upstream.words;
  const links = offered
    ? variant.libraries.flatMap(({links: names}) => names.map((link) => `-l${link}`))
    : [];
  // A line without flags gets those that configure found, and ours must not replace them.
  const hidesFound =
    own.words.length + links.length > 0 && !words.some((word) => /^[-$]|\.a$/.test(word));
  const upper = name.toUpperCase();
  const found = hidesFound ? [`$(MODULE_${upper}_CFLAGS)`, `$(MODULE_${upper}_LDFLAGS)`] : [];
  return [...own.variables, [name, ...words, ...own.words, ...found, ...links].join(' ')];
}

/** Our flags use a make variable, because makesetup treats a line with `=` as a variable definition. */
function ownWords(
  name: string,
  {defines, includes}: ResolvedModule['variant'],
): {readonly variables: readonly string[]; readonly words: readonly string[]} {
  const flags = [
    ...includes.map((directory) => `-I$(srcdir)/${directory}`),
    ...defines.map((define) => `-D${define}`),
  ];
  if (flags.length === 0) return {variables: [], words: []};
  const variable = `AMPOULE_${name.toUpperCase()}_CFLAGS`;
  return {variables: [`${variable}=${flags.join(' ')}`], words: [`$(${variable})`]};
}
