import {compareCodeUnits} from '../core/digest.js';
import type {ResolvedModule} from './resolve-modules.js';
import {initFunctionOf} from './resolve-modules.js';

/** A library that a module links. */
export interface ExpectedLibrary {
  /** What follows `-l`. */
  readonly name: string;
  /** The recipe that provides it; `null` for the C library. */
  readonly dependency: string | null;
}

/** A required extension module. */
export interface ExpectedModule {
  readonly name: string;
  readonly linkage: 'core' | 'static' | 'shared';
  /** `null` for modules without an init function. */
  readonly initFunction: string | null;
  /** The interpreter does not link or start without it. */
  readonly required: boolean;
  /** C files relative to the source root; none for core modules. */
  readonly sources: readonly string[];
  /** What makesetup compiles them to, relative to the build directory. */
  readonly objects: readonly string[];
  /** Archives of CPython's own tree, relative to the build directory. */
  readonly archives: readonly string[];
  readonly libraries: readonly ExpectedLibrary[];
  /** The recipes that provide the libraries or headers, in code-unit order. */
  readonly dependencies: readonly string[];
}

/** What a module must look like after the build; `undefined` for a disabled one. */
export function expectedModule({
  name,
  variant,
  upstream,
}: ResolvedModule): ExpectedModule | undefined {
  const {linkage, libraries} = variant;
  if (linkage === 'disabled') return undefined;
  const sources = (variant.sources ?? upstream.sources).map((source) => `Modules/${source}`);
  return {
    name,
    linkage,
    initFunction: initFunctionOf(name, variant),
    required: variant.required,
    sources,
    objects: sources.map((source) => source.replace(/\.c$/, '.o')),
    archives: variant.archives,
    libraries: libraries.flatMap(({dependency, links}) =>
      links.map((link) => ({name: link, dependency: dependency ?? null})),
    ),
    dependencies: libraries.flatMap(({dependency}) => dependency ?? []).toSorted(compareCodeUnits),
  };
}
