import {describe, expect, it} from 'vitest';
import {parseInittab} from '../../../src/data/inittab.js';

const table = (...lines: readonly string[]) =>
  ['struct _inittab _PyImport_Inittab[] = {', ...lines, '    {0, 0}', '};'].join('\n');

describe('the table of built-in modules', () => {
  it('has each name with its init function and its line', () => {
    const text = table(
      '    {"posix", PyInit_posix},',
      '    /* This module lives in marshal.c */',
      '    {"marshal", PyMarshal_Init},',
      '    {"builtins", NULL}, /* made by the interpreter */',
      '    /* Sentinel */',
    );

    expect(parseInittab(text)).toEqual({
      entries: [
        {name: 'posix', initFunction: 'PyInit_posix', line: 2},
        {name: 'marshal', initFunction: 'PyMarshal_Init', line: 4},
        {name: 'builtins', initFunction: null, line: 5},
      ],
      mistakes: [],
    });
  });

  it.each([
    [table('    {"posix", 1 + 1},'), [{line: 2, message: expect.stringMatching(/not an entry/)}]],
    ['int x;\n', [{message: expect.stringMatching(/no _PyImport_Inittab/)}]],
  ])('says what is none: %j', (text, mistakes) => {
    expect(parseInittab(text)).toEqual({entries: [], mistakes});
  });
});
