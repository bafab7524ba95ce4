import type {ExpectedModule} from '../../data/modules-json.js';
import type {LinkedPart} from './module-parts.js';

/**
 * A line for each difference between the libraries that `static-modules/` names for a module and those that the linker
 * took something out of for its sake, and for each module that it cannot be linked without although nothing says so.
 */
export function dependencyProblems(
  module: ExpectedModule,
  part: LinkedPart | undefined,
  required: ReadonlySet<string>,
): readonly string[] {
  if (part === undefined) return [];
  const owner = `extension module ${module.name}`;
  const intended = module.libraries.flatMap(({name, dependency}) =>
    dependency === null ? [] : [name],
  );
  const unused = intended.filter((name) => !part.libraries.includes(name));
  const unnamed = part.libraries.filter((name) => !intended.includes(name));
  return [
    ...unused.map(
      (name) =>
        `${owner}: static-modules/ names -l${name} for it, but the linker took nothing out of lib${name}.a for its sake`,
    ),
    ...unnamed.map(
      (name) =>
        `${owner}: the linker took parts of lib${name}.a for its sake, but static-modules/ does not name -l${name}`,
    ),
    ...foreignModules(owner, part, required),
  ];
}

/** A line for each module that the interpreter cannot be linked without although nothing says so. */
export function coreProblems(
  core: LinkedPart | undefined,
  required: ReadonlySet<string>,
): readonly string[] {
  return foreignModules('the interpreter', core, required);
}

function foreignModules(
  owner: string,
  part: LinkedPart | undefined,
  required: ReadonlySet<string>,
): readonly string[] {
  return [...(part?.modules ?? [])]
    .filter(([name]) => !required.has(name))
    .map(
      ([name, symbol]) =>
        `${owner}: it uses ${symbol} of extension module ${name}, which static-modules/ does not call required`,
    );
}

/**
 * A line for each object file that an embedder finds in `build/` and cannot tell the use of. `Programs/` holds main
 * programs, each of which would take the place of an embedder's own.
 */
export function objectProblems(
  builtObjects: readonly string[],
  parts: ReadonlyMap<string, LinkedPart>,
): readonly string[] {
  const claimed = new Set([...parts.values()].flatMap(({objects}) => objects));
  return builtObjects
    .filter((object) => !claimed.has(object) && !object.startsWith('Programs/'))
    .map((object) => `build/${object}: it belongs neither to the interpreter nor to a module`);
}
