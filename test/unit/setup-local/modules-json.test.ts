import {readFileSync} from 'node:fs';
import path from 'node:path';

import {describe, expect, it} from 'vitest';

import {valueOrThrow} from '../../../src/core/errors.js';
import {modulesJson, parseModulesJson} from '../../../src/setup-local/modules-json.js';
import {fixturePath} from './real-sources.js';

describe('parseModulesJson', () => {
  it('reads what modulesJson wrote', () => {
    const text = readFileSync(path.join(fixturePath('3.14.7'), 'modules.json'), 'utf8');

    expect(modulesJson(valueOrThrow(parseModulesJson('modules.json', text)))).toBe(text);
  });

  it.each([
    ['', /is not JSON/],
    ['{}', /is not a list/],
    ['[1]', /entry 0 is not an expected module/],
    ['[{"name": "_a"}]', /entry 0/],
  ])('rejects %j', (text, message) => {
    const result = parseModulesJson('modules.json', text);

    expect(result.ok ? '' : result.diagnostics[0]?.message).toMatch(message);
  });
});
