import {readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {Ajv, type ValidateFunction} from 'ajv';
import {describe, expect, it} from 'vitest';
import {parse} from 'yaml';
import type {Schema} from '../../../src/data/schema.js';
import {imageDefinitionSchema, imagePartSchema} from '../../../src/debian/image-definition.js';
import {profileSchema} from '../../../src/profile/profile-record.js';
import {recipeSchema} from '../../../src/recipe/parse-recipe.js';
import {moduleDefinitionsSchema} from '../../../src/setup-local/parse-definitions.js';
import {expectedFailuresSchema} from '../../../src/suite/expected-failures.js';
import {targetSchema} from '../../../src/target/parse-target.js';
import {jsonSchemaText} from '../../support/json-schema.js';

const repository = path.resolve(import.meta.dirname, '../../..');

/** One kind of data file. */
interface Kind {
  readonly name: string;
  readonly title: string;
  readonly schema: Schema<unknown>;
  readonly files: RegExp;
  /** Mistakes that editors must show: what replaces what in the first file, and where the mistake is. */
  readonly mistakes: readonly (readonly [RegExp, string, string])[];
}

const kinds: readonly Kind[] = [
  {
    name: 'recipe',
    title: 'Recipe of Ampoule',
    schema: recipeSchema,
    files: /^recipes\/[^/]+\/recipe\.yaml$/,
    mistakes: [
      [/^license:/m, 'licence:', ''],
      [/^name: .*/m, 'name: Not a name', '/name'],
      [/sha256: \w{64}/, 'sha256: abc', '/sources/upstream/sha256'],
      [/system: \w+/, 'system: cmake', '/build/system'],
    ],
  },
  {
    name: 'static-modules',
    title: 'Extension modules of CPython, as Ampoule links them',
    schema: moduleDefinitionsSchema,
    files: /^static-modules\/[^/]+\.yaml$/,
    mistakes: [[/linkage: \w+/, 'linkage: statik', '/_ast/linkage']],
  },
  {
    name: 'image',
    title: 'Root file system or sysroot of Ampoule',
    schema: imageDefinitionSchema,
    files: /^(docker|test\/fixtures\/images)\/[^/]+\/image\.yaml$/,
    mistakes: [
      [/^kind: .*/m, 'kind: floppy', '/kind'],
      [/^packages:/m, 'pakages:', ''],
    ],
  },
  {
    name: 'image-part',
    title: 'What images of Ampoule include',
    schema: imagePartSchema('merged'),
    files: /^docker\/[^/]+\.yaml$/,
    mistakes: [[/^exclude:/m, 'exclude_:', '']],
  },
  {
    name: 'target',
    title: 'Target of Ampoule',
    schema: targetSchema,
    files: /^targets\/[^/]+\.yaml$/,
    mistakes: [
      [/class: 64/, 'class: 48', '/elf/class'],
      [/default: .*/, 'default: 2.17', '/glibc/default'],
    ],
  },
  {
    name: 'profile',
    title: 'What a frozen profile of Ampoule was made from',
    schema: profileSchema,
    files: /^(profiles|test\/fixtures\/profiles)\/.+\.yaml$/,
    mistakes: [
      [/^toolchain: .*/m, 'toolchain: gcc', '/toolchain'],
      [/^sha256: .*/m, 'sha256: "abc"', '/sha256'],
    ],
  },
  {
    name: 'expected-failures',
    title: "Tests of CPython's suite that are expected to fail",
    schema: expectedFailuresSchema,
    files: /^recipes\/[^/]+\/expected-failures\.yaml$/,
    mistakes: [[/python: .*\}/, 'pyton: "3"}', '/failures/0/when']],
  },
];

const committed = [
  'docker',
  'profiles',
  'recipes',
  'static-modules',
  'targets',
  'test/fixtures/images',
  'test/fixtures/profiles',
].flatMap((data) =>
  readdirSync(path.join(repository, data), {recursive: true, encoding: 'utf8'})
    .map((file) => path.join(data, file))
    .filter((file) => file.endsWith('.yaml')),
);

const read = (file: string): string => readFileSync(path.join(repository, file), 'utf8');

const compiled = new Map<string, ValidateFunction>();

/** What an editor that knows the JSON Schema finds in a text: the places of its mistakes. */
function mistakesIn(text: string, schemaFile: string): readonly string[] {
  const ajv = new Ajv({allErrors: true, keywords: ['errorMessage']});
  const validate = compiled.get(schemaFile) ?? ajv.compile(JSON.parse(read(schemaFile)) as object);
  compiled.set(schemaFile, validate);
  validate(parse(text));
  return (validate.errors ?? []).map(
    ({instancePath, message = ''}) => `${instancePath}: ${message}`,
  );
}

describe.each(kinds)('the JSON Schema of $name', ({name, title, schema, ...kind}) => {
  const schemaFile = `schemas/${name}.schema.json`;
  const files = committed.filter((file) => kind.files.test(file));

  it('is what `npm run schemas` writes', async () => {
    const text = await jsonSchemaText(schemaFile, title, schema);

    await expect(text).toMatchFileSnapshot(path.join(repository, schemaFile));
  });

  it.each(files)('finds no mistake in %s', (file) => {
    expect(mistakesIn(read(file), schemaFile)).toEqual([]);
  });

  it.each(files.filter((file) => !file.startsWith('test/')))('is named by %s', (file) => {
    const [line = ''] = read(file).split('\n');

    expect(line).toBe(
      `# yaml-language-server: $schema=${path.relative(path.dirname(file), schemaFile)}`,
    );
  });

  it.each(kind.mistakes)('finds the mistake when %s becomes %j', (from, to, place) => {
    const text = files.map(read).find((content) => from.test(content)) ?? '';

    const mistakes = mistakesIn(text.replace(from, to), schemaFile);

    expect(mistakes.map((mistake) => mistake.split(':')[0])).toContain(place);
  });
});

it('every data file is of a kind that has a JSON Schema', () => {
  const others = committed.filter((file) => !kinds.some(({files}) => files.test(file)));

  expect(others).toEqual([]);
});
