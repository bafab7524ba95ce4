import {isScalar} from 'yaml';
import type {Conditional} from '../data/condition.js';
import {
  anyText,
  type MapEntry,
  type MapReader,
  type TextForm,
  type YamlReader,
} from '../data/yaml-reader.js';
import {readConditionalList, readConditionalTexts} from './parse-conditional.js';
import {relativePathForm} from './parse-sources.js';
import type {ExpectedAnswer, RecipeBuild} from './recipe.js';

const systems = ['autotools', 'script', 'hooks'] as const;

const scriptForm: TextForm = {pattern: /^\w[\w.-]*$/, wanted: 'a file beside the recipe'};

/** Reads the `build:` block; `undefined` if it is missing or its system is unknown. */
export function readBuild(recipe: MapReader): RecipeBuild | undefined {
  const map = recipe.map('build');
  if (map === undefined) return undefined;
  const system = map.choice('system', systems);
  if (system === undefined) return undefined;
  const build = readers[system](map);
  map.rejectOtherKeys();
  return build;
}

function readAutotools(map: MapReader): RecipeBuild {
  return {
    system: 'autotools',
    program: map.optionalText('program', anyText) ?? './configure',
    configure: readConditionalTexts(map, 'configure', 'arguments'),
    make: readConditionalTexts(map, 'make', 'arguments'),
    install: map.has('install')
      ? readConditionalTexts(map, 'install', 'arguments')
      : [{when: {}, values: ['install']}],
    ...readSteps(map),
  };
}

function readScript(map: MapReader): RecipeBuild {
  for (const key of ['make', 'install']) {
    if (!map.has(key)) map.report(key, `a script build lacks the key "${key}": shell lines`);
  }
  return {
    system: 'script',
    configure: readConditionalTexts(map, 'configure', 'run'),
    make: readConditionalTexts(map, 'make', 'run'),
    install: readConditionalTexts(map, 'install', 'run'),
    ...readSteps(map),
  };
}

function readHooks(map: MapReader): RecipeBuild {
  for (const key of ['make', 'install']) {
    if (!map.has(key)) map.report(key, `a build by hooks lacks the key "${key}": a script`);
  }
  return {
    system: 'hooks',
    prepare: readConditionalTexts(map, 'prepare', 'script', scriptForm),
    configure: readConditionalTexts(map, 'configure', 'arguments'),
    expect: readExpected(map),
    make: readConditionalTexts(map, 'make', 'script', scriptForm),
    install: readConditionalTexts(map, 'install', 'script', scriptForm),
    files: readConditionalTexts(map, 'files', 'file', scriptForm),
  };
}

const readers = {autotools: readAutotools, script: readScript, hooks: readHooks} as const;

function readExpected(map: MapReader): readonly Conditional<ExpectedAnswer>[] {
  return flatten(readConditionalList(map, 'expect', 'answers', readAnswers));
}

function readSteps(map: MapReader) {
  return {
    directory: map.optionalText('directory', relativePathForm) ?? '.',
    prepare: readConditionalTexts(map, 'prepare', 'run'),
    cflags: readConditionalTexts(map, 'cflags', 'flags'),
    cppflags: readConditionalTexts(map, 'cppflags', 'flags'),
    expect: readExpected(map),
    tidy: readConditionalTexts(map, 'tidy', 'run'),
  };
}

/** `{config.log: {ac_cv_func_fork: "yes"}}` as answers. */
function readAnswers(reader: YamlReader, node: unknown): readonly ExpectedAnswer[] | undefined {
  const files = reader.map(node, '"expect"', 'a map from file to the answers in it');
  return files?.entries().flatMap(({key: file, value}) => {
    const answers = reader.map(value, `"${file}"`, 'a map from name to answer');
    return answers?.entries().flatMap((entry) => readAnswer(reader, file, entry)) ?? [];
  });
}

function readAnswer(
  reader: YamlReader,
  file: string,
  {key: name, value}: MapEntry,
): readonly ExpectedAnswer[] {
  if (!/^\w+$/.test(name)) {
    reader.report(value, `"${name}" must be the name of a variable or a macro`);
    return [];
  }
  if (isScalar(value) && value.value === null) return [{file, name, value: undefined}];
  const form = {pattern: /^/, wanted: 'the answer wanted, or null for none'};
  const text = reader.text(value, `"${name}"`, form);
  return text === undefined ? [] : [{file, name, value: text}];
}

function flatten<T>(entries: readonly Conditional<readonly T[]>[]): readonly Conditional<T>[] {
  return entries.map(({when, values}) => ({when, values: values.flat()}));
}
