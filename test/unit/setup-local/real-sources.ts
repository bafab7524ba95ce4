import {readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';

import {valueOrThrow} from '../../../src/core/errors.js';
import type {ModuleDefinition} from '../../../src/setup-local/module-definition.js';
import {parseModuleDefinitions} from '../../../src/setup-local/parse-definitions.js';
import type {UpstreamTexts} from '../../../src/setup-local/upstream-modules.js';

const projectPath = path.join(import.meta.dirname, '../../..');

/** The Pythons whose own Setup files are fixtures. */
export const fixturePythons = ['3.11.2', '3.13.15', '3.14.7', '3.15.0rc2'] as const;

/** The folder with the four files of one Python, and with its golden files. */
export function fixturePath(python: string): string {
  return path.join(projectPath, 'test/fixtures/setup-local', python);
}

/** The four files of one Python. */
export function upstreamTexts(python: string): UpstreamTexts {
  const read = (name: string): string => readFileSync(path.join(fixturePath(python), name), 'utf8');
  return {
    setup: read('Setup'),
    bootstrap: read('Setup.bootstrap.in'),
    stdlib: read('Setup.stdlib.in'),
    configC: read('config.c.in'),
  };
}

/** What the repository's `static-modules/` says. */
export function repositoryDefinitions(): readonly ModuleDefinition[] {
  const directory = path.join(projectPath, 'static-modules');
  const files = readdirSync(directory)
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => ({
      file: `static-modules/${name}`,
      text: readFileSync(path.join(directory, name), 'utf8'),
    }));
  return valueOrThrow(parseModuleDefinitions(files));
}
