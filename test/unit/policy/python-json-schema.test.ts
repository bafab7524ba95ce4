import {describe, expect, it} from 'vitest';
import {buildOptions} from '../../../src/core/build-options.js';
import {pythonJsonSchema} from '../../../src/policy/python-json-schema.js';

const {properties} = pythonJsonSchema as {
  readonly properties: {readonly build_options: {readonly pattern: string}};
};
const pattern = new RegExp(properties.build_options.pattern);

describe('the schema of PYTHON.json', () => {
  it.each(buildOptions)('knows builds with %s', (option) => {
    expect(`noopt+${option}`).toMatch(pattern);
    expect(`${option}+noopt`).toMatch(pattern);
  });

  it.each(['', '+noopt', 'noopt+', 'no opt', 'noopt--lto', 'NOOPT'])('refuses "%s"', (text) => {
    expect(text).not.toMatch(pattern);
  });
});
