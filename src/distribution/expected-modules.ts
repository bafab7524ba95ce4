import type {ExpectedModule} from '../setup-local/expected-module.js';
import {DistributionError} from './distribution-error.js';
import {JsonReader} from './json-reader.js';

/** Reads the `modules.json` of the stage `setup-local`. Throws `DistributionError`. */
export function parseExpectedModules(text: string): readonly ExpectedModule[] {
  return JsonReader.parse('modules.json', text).list((item) => {
    const texts = (key: string) => item.get(key).list((word) => word.text());
    return {
      name: item.get('name').text(),
      linkage: linkageOf(item.get('linkage').text()),
      initFunction: item.get('initFunction').textOrNull(),
      required: item.get('required').boolean(),
      sources: texts('sources'),
      objects: texts('objects'),
      archives: texts('archives'),
      libraries: item.get('libraries').list((library) => ({
        name: library.get('name').text(),
        dependency: library.get('dependency').textOrNull(),
      })),
      dependencies: texts('dependencies'),
    };
  });
}

function linkageOf(text: string): ExpectedModule['linkage'] {
  if (text === 'core' || text === 'static' || text === 'shared') return text;
  throw new DistributionError([`modules.json: unknown linkage ${text}`]);
}
