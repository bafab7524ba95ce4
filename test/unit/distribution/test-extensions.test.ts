import {readFile} from 'node:fs/promises';
import {expect, it} from 'vitest';
import {valueOrThrow} from '../../../src/core/errors.js';
import {testExtensions} from '../../../src/distribution/describe-distribution.js';
import {parseModuleDefinitions} from '../../../src/setup-local/parse-definitions.js';

it('install-only archives leave out the shared modules of static-modules/testing.yaml', async () => {
  const file = 'static-modules/testing.yaml';
  const text = await readFile(new URL(`../../../${file}`, import.meta.url), 'utf8');
  const definitions = valueOrThrow(parseModuleDefinitions([{file, text}]));

  const shared = definitions.filter(({variants}) =>
    variants.some(({linkage}) => linkage === 'shared'),
  );

  expect(testExtensions).toEqual(shared.map(({name}) => name));
});
