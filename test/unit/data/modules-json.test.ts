import {readFileSync} from 'node:fs';
import path from 'node:path';

import {describe, expect, it} from 'vitest';

import {formatDiagnostic, valueOrThrow} from '../../../src/core/errors.js';
import {modulesJson, parseModulesJson} from '../../../src/data/modules-json.js';
import {fixturePath} from '../setup-local/real-sources.js';

describe('parseModulesJson', () => {
  it('reads what modulesJson wrote', () => {
    const text = readFileSync(path.join(fixturePath('3.14.7'), 'modules.json'), 'utf8');

    expect(modulesJson(valueOrThrow(parseModulesJson(text)))).toBe(text);
  });

  it.each([
    ['', /^modules.json: no JSON: /],
    ['{}', /^modules.json: expected a list, found {}$/],
    ['[1]', /^modules.json\[0\]: expected an object, found 1$/],
    ['[{"name": null}]', /^modules.json\[0\].name: expected a string, found null$/],
    ['[{"name": "_a"}]', /^modules.json\[0\].linkage: expected a value, found nothing$/],
    [
      '[{"name": "_a", "linkage": "x"}]',
      /^modules.json\[0\].linkage: expected \("core" \| "static" \| "shared"\), found "x"$/,
    ],
  ])('rejects %j', (text, message) => {
    const result = parseModulesJson(text);

    expect(result.ok ? '' : result.diagnostics.map(formatDiagnostic)[0]).toMatch(message);
  });
});
