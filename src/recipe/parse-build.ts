import {isMap, isScalar} from 'yaml';
import type {Conditional, ExpectedAnswer, RecipeBuild} from './recipe.js';
import {anyText, readConditionalList, readConditionalTexts} from './parse-conditional.js';
import {relativePathForm} from './parse-sources.js';
import {MapReader, textOf, type YamlReader} from './yaml-reader.js';

/** Reads the `build:` block; `undefined` when it is not there or its system is unknown. */
export function readBuild(recipe: MapReader): RecipeBuild | undefined {
  const map = recipe.map('build');
  if (map === undefined) return undefined;
  const system = map.text('system', {
    pattern: /^(autotools|script)$/,
    wanted: 'one of autotools, script',
  });
  if (system === undefined) return undefined;
  const build = system === 'script' ? readScript(map) : readAutotools(map);
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

function readSteps(map: MapReader) {
  return {
    directory: map.optionalText('directory', relativePathForm) ?? '.',
    prepare: readConditionalTexts(map, 'prepare', 'run'),
    cflags: readConditionalTexts(map, 'cflags', 'flags'),
    cppflags: readConditionalTexts(map, 'cppflags', 'flags'),
    expect: flatten(readConditionalList(map, 'expect', 'answers', readAnswers)),
    tidy: readConditionalTexts(map, 'tidy', 'run'),
  };
}

/** `{config.log: {ac_cv_func_fork: "yes"}}` as answers. */
function readAnswers(reader: YamlReader, node: unknown): readonly ExpectedAnswer[] | undefined {
  if (!isMap(node)) {
    reader.report(node, '"expect" must be a map from file to the answers in it');
    return undefined;
  }
  return new MapReader(reader, node, '"expect"').entries().flatMap(([file, answers]) => {
    if (!isMap(answers)) {
      reader.report(answers, `"${file}" must be a map from name to answer`);
      return [];
    }
    return new MapReader(reader, answers, `"${file}"`)
      .entries()
      .flatMap(([name, value]) => readAnswer(reader, {file, name, value}));
  });
}

function readAnswer(
  reader: YamlReader,
  {file, name, value}: {readonly file: string; readonly name: string; readonly value: unknown},
): readonly ExpectedAnswer[] {
  if (!/^\w+$/.test(name)) {
    reader.report(value, `"${name}" must be the name of a variable or a macro`);
    return [];
  }
  if (isScalar(value) && value.value === null) return [{file, name, value: undefined}];
  const form = {pattern: /^/, wanted: 'the answer wanted, or null for none'};
  const text = textOf(reader, value, `"${name}"`, form);
  return text === undefined ? [] : [{file, name, value: text}];
}

function flatten<T>(entries: readonly Conditional<readonly T[]>[]): readonly Conditional<T>[] {
  return entries.map(({when, values}) => ({when, values: values.flat()}));
}
