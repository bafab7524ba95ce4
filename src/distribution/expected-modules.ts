import {DistributionError} from './distribution-error.js';
import {JsonReader} from './json-reader.js';

/** A required extension module: the fields of `modules.json` (stage `setup-local`) that this room uses. */
export interface ExpectedModule {
  readonly name: string;
  /** `core`: part of the interpreter itself, without objects of its own. */
  readonly linkage: 'core' | 'static' | 'shared';
  /** The interpreter does not start without it. */
  readonly required: boolean;
  /** The libraries that `static-modules/` says it is linked with. */
  readonly libraries: readonly ExpectedLibrary[];
}

/** A library as `static-modules/` names it. */
export interface ExpectedLibrary {
  /** What follows `-l`. */
  readonly name: string;
  /** Whether a recipe provides it; otherwise the system does. */
  readonly isOurs: boolean;
}

/** Reads `modules.json`. Throws `DistributionError`. */
export function parseExpectedModules(text: string): readonly ExpectedModule[] {
  return JsonReader.parse('modules.json', text).list((item) => ({
    name: item.get('name').text(),
    linkage: linkageOf(item.get('linkage').text()),
    required: item.get('required').boolean(),
    libraries: item.get('libraries').list((library) => ({
      name: library.get('name').text(),
      isOurs: !library.get('dependency').isNull(),
    })),
  }));
}

function linkageOf(text: string): ExpectedModule['linkage'] {
  if (text === 'core' || text === 'static' || text === 'shared') return text;
  throw new DistributionError([`modules.json: unknown linkage ${text}`]);
}
