import fc from 'fast-check';
import {readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {describe} from 'vitest';
import {compareJson} from '../../../src/archive/diff/json-difference.js';
import {readComponents, readExtensions} from '../../../src/archive/inspect/extensions.js';
import {parseJson} from '../../../src/archive/json-value.js';
import {linkProblems, type LinkEntry} from '../../../src/distribution/linkage/python-json-links.js';
import {parseLinkRecord} from '../../../src/distribution/linkage/linker-record.js';
import {expandWords, parseMakefile} from '../../../src/distribution/linkage/makefile.js';
import {parseRuntimeFacts} from '../../../src/distribution/runtime-facts.js';
import {parsePythonJson} from '../../../src/policy/python-json.js';
import {parseSysconfigData} from '../../../src/data/sysconfig-data.js';
import {parseRecipe} from '../../../src/recipe/parse-recipe.js';
import {parseRecordedBuild} from '../../../src/setup-local/built-modules.js';
import {parseInittab} from '../../../src/data/inittab.js';
import {parseModulesJson} from '../../../src/data/modules-json.js';
import {parseProfileRecord} from '../../../src/profile/profile-record.js';
import {parseModuleDefinitions} from '../../../src/setup-local/parse-definitions.js';
import {parseSetupText} from '../../../src/setup-local/setup-text.js';
import {parseUpstreamModules} from '../../../src/setup-local/upstream-modules.js';
import {parseStageRecord} from '../../../src/store/stage-record.js';
import {parseExpectedFailures} from '../../../src/suite/expected-failures.js';
import {parseTarget} from '../../../src/target/parse-target.js';
import {fuzz} from '../../support/fuzz/fuzz.js';
import {mutatedText} from '../../support/fuzz/mutations.js';
import {SampleArchive} from '../../support/policy/sample-archive.js';

const root = path.resolve(import.meta.dirname, '../../..');
const textOf = (file: string) => readFileSync(path.join(root, file), 'utf8');
const textsBelow = (folder: string, file: (name: string) => string) => {
  const [first = '', ...rest] = readdirSync(path.join(root, folder))
    .map((name) => file(name))
    .filter((name) => readableOf(name) !== undefined)
    .map(textOf);
  return [first, ...rest] as const;
};
const readableOf = (file: string): string | undefined => {
  try {
    return textOf(file);
  } catch {
    return undefined;
  }
};

describe('damaged data files', () => {
  fuzz(
    'are recipes or refused with places',
    mutatedText(...textsBelow('recipes', (name) => `recipes/${name}/recipe.yaml`)),
    (text) => parseRecipe(text, 'recipe.yaml'),
  );

  fuzz(
    'are definitions of modules or refused with places',
    mutatedText(...textsBelow('static-modules', (name) => `static-modules/${name}`)),
    (text) => parseModuleDefinitions([{file: 'all.yaml', text}]),
    {share: 0.5},
  );

  fuzz(
    'are targets or refused with places',
    mutatedText(...textsBelow('targets', (name) => `targets/${name}`)),
    (text) => parseTarget(text, 'target.yaml'),
  );

  fuzz(
    'are records of profiles or refused with places',
    mutatedText(textOf('test/fixtures/profiles/pgo.yaml')),
    (text) => parseProfileRecord(text, 'pgo.yaml'),
  );

  fuzz(
    'are expected failures or refused with places',
    mutatedText(textOf('recipes/cpython/expected-failures.yaml')),
    (text) => parseExpectedFailures(text, 'expected-failures.yaml'),
  );

  fuzz(
    'are YAML of any nesting',
    fc
      .array(fc.constantFrom('[', '{', '- ', '? ', ': ', '&a ', '*a', '!t ', '|', '>', '"', '\n'), {
        maxLength: 3000,
        size: 'max',
      })
      .map((parts) => `name: ${parts.join('')}`),
    (text) => parseRecipe(text, 'recipe.yaml'),
  );

  fuzz('are records of stages or none', mutatedText('{"inputs": {}, "artifact": "x"}'), (text) =>
    parseStageRecord(text),
  );
});

const setupFolder = 'test/fixtures/setup-local/3.14.7';
const configC = textOf(`${setupFolder}/config.c.in`);
const setupTexts = ['Setup', 'Setup.bootstrap.in', 'Setup.stdlib.in'].map((name) =>
  textOf(`${setupFolder}/${name}`),
);
const [setup = '', bootstrap = '', stdlib = ''] = setupTexts;

describe("CPython's own files, damaged", () => {
  fuzz(
    'are read as Setup or refused with places',
    mutatedText(setup, bootstrap, stdlib),
    (text) => {
      for (const origin of ['stdlib', 'bootstrap', 'setup'] as const) {
        parseSetupText('Setup', text, origin);
      }
      parseUpstreamModules({setup, bootstrap, stdlib: text, configC});
      parseUpstreamModules({setup: text, bootstrap: text, stdlib, configC});
    },
  );

  fuzz('are read as inittab or refused with places', mutatedText(configC), (text) => {
    parseInittab(text);
  });

  const makefile = `CC= clang
OPT?=\t-O3 -DNDEBUG
POBJS= \\
\tParser/a.o \\

OBJS= $(POBJS) \${CC} $(wildcard x)
A= $(B) $(B)
B= $(A) $(OPT)
OPT+= -g
Modules/_a.o: $(srcdir)/_a.c $(B); $(CC) -c $(srcdir)/_a.c -o Modules/_a.o
python: $(OBJS)
\t$(CC) -o $@
`;
  fuzz('are read as Makefile', mutatedText(makefile), (text) => {
    const parsed = parseMakefile(text);
    for (const value of parsed.variables.values()) expandWords(parsed, value);
    for (const {prerequisites, recipe} of parsed.rules) {
      expandWords(parsed, `${prerequisites} ${recipe ?? ''}`);
    }
  });

  const name = fc.constantFrom(
    ...Array.from({length: 26}, (_, index) => String.fromCharCode(65 + index)),
  );
  const assignment = fc
    .tuple(name, fc.array(name, {maxLength: 12}))
    .map(([left, right]) => `${left}=${right.map((each) => `$(${each}) x`).join(' ')}`);
  fuzz(
    'are read as Makefile whose variables name one another',
    fc.array(assignment, {maxLength: 60, size: 'max'}).map((lines) => lines.join('\n')),
    (text) => expandWords(parseMakefile(text), '$(A) $(Z)'),
    {share: 0.1},
  );
});

const calls = JSON.stringify([
  {directory: '/build', arguments: ['cc', '-c', '-DX=1', '-I', 'inc', 'Modules/_a.c', '-o', 'a.o']},
  {directory: '/build', arguments: ['ar', 'rcs', 'libx.a', 'a.o']},
  {directory: '/build', arguments: ['cc', '-o', 'python', 'a.o', 'libx.a', '-lm']},
]);
const modules = textOf(`${setupFolder}/modules.json`);

describe('records of a build, damaged', () => {
  fuzz('are calls of the compiler or refused', mutatedText(calls), (text) =>
    parseRecordedBuild(text, configC),
  );

  fuzz('are modules or refused', mutatedText(modules), (text) => parseModulesJson(text));

  fuzz(
    'are what the linker took',
    mutatedText(
      'reference\textracted\tsymbol\nmain.o\t/sysroot/usr/lib/libc.a(x.o)\tmain\nb.o\tlib(x).a((y).o)\tz\n',
    ),
    (text) => parseLinkRecord(text),
  );

  const runtime = JSON.stringify({
    ...new SampleArchive('full').json,
    builtin_module_names: ['sys'],
    python_paths_abstract: {},
    python_bytecode_magic_number: 'x',
  });
  fuzz('are facts of the interpreter or refused', mutatedText(runtime), (text) =>
    parseRuntimeFacts(text),
  );
});

const pythonJson = JSON.stringify(new SampleArchive('full').json);

describe('damaged files of archives', () => {
  fuzz('are PYTHON.json or misfits', mutatedText(pythonJson), (text) => {
    const parsed = parsePythonJson(text);
    if (parsed.kind !== 'valid') return;
    const {core} = parsed.value.build_info;
    linkProblems('core', core.links.filter(isLinkEntry), () => false);
  });

  fuzz('are inspected as far as they go', mutatedText(pythonJson), (text) =>
    readExtensions(parseJson(text), []),
  );

  fuzz(
    'are any JSON in place of what was expected',
    fc.tuple(fc.json(), fc.json()),
    ([left, right]) => {
      parsePythonJson(left);
      const build = `{"build_info": {"extensions": ${left}}, "components": ${right}}`;
      readExtensions(parseJson(build), readComponents(parseJson(build)));
      compareJson(left, right, 20);
    },
  );

  fuzz(
    'are sysconfig data or refused',
    mutatedText(
      "# system configuration generated and used by the sysconfig module\nbuild_time_vars = {'A': 'x'\n 'y',\n 'B': 3,\n 'C': \"it's\"}\n",
    ),
    (text) => parseSysconfigData(text),
    {allowed: [SyntaxError]},
  );
});

function isLinkEntry(link: {readonly name: string}): link is LinkEntry {
  return 'system' in link || 'path_static' in link;
}
