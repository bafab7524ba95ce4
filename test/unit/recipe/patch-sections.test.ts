import {readFileSync} from 'node:fs';
import {describe, expect, it} from 'vitest';
import {formatDiagnostic, valueOrThrow} from '../../../src/core/errors.js';
import {select} from '../../../src/data/condition.js';
import {parsePatch} from '../../../src/recipe/patch-sections.js';

const patch = `Why

Upstream: not sent.
---
--- a/one
+++ b/one
@@ -1,2 +1,2 @@
 context
--- a/not a file
+When: {python: "<1"}
When: {python: "<3.14"}
--- a/two
+++ b/two
@@ -1 +1 @@
-a
+b
--- a/three
+++ b/three
@@ -1,1 +1,2 @@
 a

+b
`;

const at = (text: string, python: string): string =>
  select(valueOrThrow(parsePatch(text, 'x.patch')), {
    python,
    target: {triple: 'x86_64-unknown-linux-gnu'},
    options: ['noopt'],
  }).join('');

describe('parsePatch', () => {
  it('leaves out the parts that are for other versions', () => {
    const limited = /^When[^]*\+b\n(?=--- a.three)/m;

    expect(at(patch, '3.14.7')).toBe(patch.replace(limited, ''));
    expect(at(patch, '3.13.15')).toBe(patch.replace('When: {python: "<3.14"}\n', ''));
  });

  it('keeps a patch without limits as it is', () => {
    const text = readFileSync('recipes/openssl/0003-certificates-of-every-system.patch', 'utf8');

    expect(at(text, '3.14.7')).toBe(text);
  });

  it.each([
    [
      '{python: "<3.14"}',
      '{pyton: "<3.14"}',
      'x.patch:11:8: unknown key "pyton" in "when"; known: python, target, sources, options',
    ],
    [
      '--- a/two',
      '',
      'x.patch:11:1: "When:" must stand right above the "---" line of the part that it limits',
    ],
  ])('reports %s as %s', (from, to, wanted) => {
    const result = parsePatch(patch.replace(from, to), 'x.patch');

    expect(result.ok ? [] : result.diagnostics.map(formatDiagnostic)).toEqual([wanted]);
  });
});
