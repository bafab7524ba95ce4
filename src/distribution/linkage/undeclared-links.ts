import type {ExpectedModule} from '../../data/modules-json.js';
import type {LinkedPart} from './module-parts.js';

/**
 * One line for each difference between the libraries that `static-modules/` names for a module and those from which the
 * linker extracted members for it, and for each undeclared dependency on another module.
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
        `${owner}: static-modules/ names -l${name} for it, but the linker extracted nothing from lib${name}.a for it`,
    ),
    ...unnamed.map(
      (name) =>
        `${owner}: the linker extracted members of lib${name}.a for it, but static-modules/ does not name -l${name}`,
    ),
    ...foreignModules(owner, part, required),
  ];
}

/** One line for each module that the interpreter needs for linking but that is not declared required. */
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
 * One line for each object file in `build/` that belongs to no part. `Programs/` contains main programs, which would
 * replace an embedder's own.
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
