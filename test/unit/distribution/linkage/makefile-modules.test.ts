import {describe, expect, it} from 'vitest';
import {
  readCoreObjects,
  readModuleObjects,
} from '../../../../src/distribution/linkage/makefile-modules.js';
import {expandWords, parseMakefile} from '../../../../src/distribution/linkage/makefile.js';
import {makefileText} from '../sample-build.js';

describe('a Makefile', () => {
  const makefile = parseMakefile(
    [
      'A=\tone \\',
      '\t\ttwo',
      'B= $(A) ${C} $(UNKNOWN) three \\',
      '',
      'C?=first',
      'C?=second',
      'A+= more',
      'LOOP=$(LOOP) end',
      'all: $(A) other; echo $(B) ; echo x',
      '\tA=recipe',
    ].join('\n'),
  );

  it('has variables that are expanded into words', () => {
    expect(expandWords(makefile, '$(B)')).toEqual(['one', 'two', 'more', 'first', 'three']);
  });

  it('has a variable that names itself without end', () => {
    expect(expandWords(makefile, '$(LOOP)')).toEqual(['end']);
  });

  it('has rules with the recipe of the same line', () => {
    expect(makefile.rules).toEqual([
      {target: 'all', prerequisites: '$(A) other', recipe: 'echo $(B) ; echo x'},
    ]);
  });
});

describe("CPython's Makefile", () => {
  const makefile = parseMakefile(makefileText);
  const modules = readModuleObjects(makefile);

  it('tells the objects of each module, static or shared', () => {
    expect(modules).toEqual([
      {name: '_ssl', isShared: false, objects: ['Modules/_ssl.o']},
      // What comes out of archives of CPython's own is told by the linker.
      {name: '_sha2', isShared: false, objects: ['Modules/sha2module.o']},
      {name: '_hmac', isShared: false, objects: ['Modules/hmacmodule.o']},
      {name: 'posix', isShared: false, objects: ['Modules/posixmodule.o']},
      {name: '_dbm', isShared: true, objects: ['Modules/_dbmmodule.o']},
    ]);
  });

  it('tells which objects of libpython belong to no module', () => {
    expect(readCoreObjects(makefile, modules)).toEqual([
      'Parser/parser.o',
      'Objects/object.o',
      'Python/ast.o',
      'Python/dtoa.o',
      'Modules/getpath.o',
      'Modules/config.o',
    ]);
  });
});
