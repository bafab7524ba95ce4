import {readFileSync} from 'node:fs';
import {describe, expect, it} from 'vitest';
import {InternalError, valueOrThrow} from '../../../src/core/errors.js';
import type {Variant} from '../../../src/core/variant.js';
import {parseRecipe} from '../../../src/recipe/parse-recipe.js';
import {renderBuildScript} from '../../../src/recipe/render.js';
import {
  renderHookScript,
  renderInstrumentScript,
  renderTrainScript,
} from '../../../src/recipe/render-hooks.js';
import {versionsOf} from '../../../src/recipe/select-source.js';
import {x86Target} from '../../support/targets.js';

const context: Variant = {
  python: '3.14.7',
  target: x86Target,
  sourceSet: 'debian',
  options: ['noopt'],
  toolchain: 'debian',
};

const textOf = (name: string): string => readFileSync(`recipes/${name}/recipe.yaml`, 'utf8');
const rendered = (text: string, at = context) =>
  renderBuildScript(valueOrThrow(parseRecipe(text, 'recipe.yaml')), at);

describe('renderBuildScript', () => {
  it.each(['libedit', 'sqlite', 'openssl'])('renders %s as it was agreed', async (name) => {
    const {script, environment, patches, licenseTexts} = rendered(textOf(name));

    const inputs = JSON.stringify({environment, patches, licenseTexts}, undefined, 2);
    await expect(`${script}\n${inputs}\n`).toMatchFileSnapshot(
      `../../fixtures/recipe/${name}.golden.txt`,
    );
  });

  it('leaves no trace of a comment', () => {
    const text = textOf('sqlite');

    expect(rendered(`# A comment.\n${text.replace('build:', '# Another.\nbuild:')}`)).toEqual(
      rendered(text),
    );
  });

  it('takes only what the source set needs', () => {
    const fromDebian = rendered(textOf('libffi'));
    const upstream = rendered(textOf('libffi'), {...context, sourceSet: 'upstream'});

    expect(fromDebian.patches).toEqual(['0001-do-without-libltdl.patch']);
    expect(fromDebian.script).toContain('autoreconf');
    expect(upstream.patches).toEqual([]);
    expect(upstream.script).not.toContain('autoreconf');
  });

  it('writes the same script for both source sets when they share their bytes', () => {
    expect(rendered(textOf('openssl'), {...context, sourceSet: 'upstream'})).toEqual(
      rendered(textOf('openssl')),
    );
  });

  it('gives every step the date of the source', () => {
    expect(rendered(textOf('bzip2')).environment).toMatchObject({SOURCE_DATE_EPOCH: '1562976000'});
  });

  it('quotes arguments for the shell', () => {
    const text = textOf('mpdecimal').replace('- --disable-doc', `- "A=it's $HOME"`);

    expect(rendered(text).script).toContain(` 'A=it'\\''s $HOME'\n`);
  });

  it('refuses a recipe that has no build of its own', () => {
    const [head = ''] = textOf('bzip2').split('build:');

    expect(() => rendered(head)).toThrow(InternalError);
  });
});

describe('renderHookScript', () => {
  it.each(['3.11.2', '3.13.15', '3.14.7', '3.15.0rc2'])(
    'renders CPython %s as it was agreed',
    async (python) => {
      const recipe = valueOrThrow(parseRecipe(textOf('cpython'), 'recipe.yaml'));
      const version = versionsOf(recipe).find(({pins}) => pins.debian.version === python);

      const {script, ...inputs} = renderHookScript(version ?? recipe, '/install', {
        ...context,
        python,
      });

      await expect(`${script}\n${JSON.stringify(inputs, undefined, 2)}\n`).toMatchFileSnapshot(
        `../../fixtures/recipe/cpython-${python}.golden.txt`,
      );
    },
  );

  it('renders what builds, trains and optimizes an interpreter with a profile', () => {
    const recipe = valueOrThrow(parseRecipe(textOf('cpython'), 'recipe.yaml'));
    const optimized: Variant = {...context, python: '3.14.7', options: ['pgo', 'lto']};
    const trained: Variant = {...optimized, options: ['pgo']};

    const instrument = renderInstrumentScript(recipe, '/install', trained).script.split('\n');
    const final = renderHookScript(recipe, '/install', optimized).script.split('\n');

    const hooks = (lines: readonly string[]) => lines.filter((line) => line.startsWith('. /src/'));
    expect(hooks(instrument)).toEqual(
      ['prepare.sh', 'instrument.sh', 'make.sh'].map((file) => `. /src/${file}`),
    );
    expect(hooks(final)).toEqual(
      [
        ...['prepare.sh', 'lto.sh', 'pgo.sh', 'make.sh', 'match-profile.sh'],
        ...['install.sh', 'lto-objects.sh'],
      ].map((file) => `. /src/${file}`),
    );
    const configure = (lines: readonly string[]) =>
      lines.find((line) => line.startsWith('./configure')) ?? '';
    expect(configure(instrument)).toContain(' --enable-optimizations ');
    expect(configure(final)).toBe(
      configure(instrument).replace(
        ' --enable-optimizations ',
        ' --enable-optimizations --with-lto=full ',
      ),
    );
    expect(renderTrainScript(recipe, trained)).toMatchObject({
      script: 'set -eu\n. /src/train.sh\n',
      files: expect.arrayContaining(['train.sh', 'train.py', 'common.sh']) as string[],
    });
  });

  it('refuses a recipe that has no hooks', () => {
    const recipe = valueOrThrow(parseRecipe(textOf('bzip2'), 'recipe.yaml'));

    expect(() => renderHookScript(recipe, '/install', context)).toThrow(InternalError);
  });
});
