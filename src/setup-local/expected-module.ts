import {compareCodeUnits} from '../core/digest.js';
import type {ExpectedModule} from '../data/modules-json.js';
import type {ResolvedModule} from './resolve-modules.js';
import {initFunctionOf} from './resolve-modules.js';

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
