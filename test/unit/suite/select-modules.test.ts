import {describe, expect, it} from 'vitest';
import {InputError} from '../../../src/core/errors.js';
import {selectModules} from '../../../src/suite/select-modules.js';

const all = ['test_asyncio.test_events', 'test_asyncio.test_tasks', 'test_ssl', 'test_unittest'];

describe('names of test modules', () => {
  it.each<readonly [readonly string[], readonly string[]]>([
    [[], all],
    [['test_ssl'], ['test_ssl']],
    [['test.test_ssl', 'test_ssl'], ['test_ssl']],
    [['test_asyncio'], ['test_asyncio.test_events', 'test_asyncio.test_tasks']],
    [['test_unittest.test_case'], ['test_unittest.test_case']],
  ])('%j stand for %j', (names, modules) => {
    expect(selectModules(all, names)).toEqual(modules);
  });

  it.each(['test_nothing', '--help', 'test_unittest.test/../x', 'test_s'])(
    '"%s" stands for nothing and is refused',
    (name) => {
      expect(() => selectModules(all, [name])).toThrow(InputError);
    },
  );

  it('that are not quite right bring up the near ones', () => {
    expect(() => selectModules(all, ['ssl'])).toThrow('Did you mean test_ssl?');
  });
});
