import type {Diagnostic} from '../core/errors.js';
import type {ExpectedModule} from './expected-module.js';

/** An extension module that the finished interpreter has. */
export interface BuiltModule {
  readonly name: string;
  /** `builtin`: in `sys.builtin_module_names`; `shared`: a file of its own in `lib-dynload`. */
  readonly kind: 'builtin' | 'shared';
}

/**
 * Compares what was built with what was expected. Empty when they are the same set; else one diagnostic for each
 * module that is missing (naming the dependency it needed), of the wrong kind, or not expected.
 */
export function explainMissing(
  expected: readonly ExpectedModule[],
  built: readonly BuiltModule[],
): readonly Diagnostic[] {
  const kinds = new Map(built.map(({name, kind}) => [name, kind]));
  const names = new Set(expected.map(({name}) => name));
  const messages: string[] = [];
  for (const module of expected) {
    const wanted = module.linkage === 'shared' ? 'shared' : 'builtin';
    const got = kinds.get(module.name);
    if (got === undefined) messages.push(missing(module));
    else if (got !== wanted) {
      messages.push(
        `extension module ${module.name} is ${got}, wanted ${wanted}: see its linkage in static-modules/`,
      );
    }
  }
  for (const {name} of built) {
    if (!names.has(name)) {
      messages.push(
        `extension module ${name} was built but is not expected: static-modules/ disables it or does not know it`,
      );
    }
  }
  return messages.map((message) => ({file: 'static-modules', message}));
}

function missing({name, dependencies, libraries}: ExpectedModule): string {
  if (dependencies.length === 0) {
    return (
      `extension module ${name} is missing from the build. It needs no dependency: ` +
      "look for it in configure's output and for errors when it was compiled"
    );
  }
  const links = libraries
    .filter(({dependency}) => dependency !== null)
    .map((library) => `-l${library.name}`);
  const how = links.length > 0 ? ` (${links.join(' ')})` : ' (headers)';
  return (
    `extension module ${name} is missing from the build. It needs ${dependencies.join(', ')}${how}: ` +
    "look for what configure's output says about it"
  );
}
