import {readFile, writeFile} from 'node:fs/promises';
import path from 'node:path';

import type {JsonValue} from '../core/digest.js';
import type {Diagnostic} from '../core/errors.js';
import {InternalError, valueOrThrow} from '../core/errors.js';
import type {HostFunction, HostFunctionContext} from '../core/host-function.js';
import {parseBuildOptions} from '../core/variant.js';
import type {ModuleDefinition} from './module-definition.js';
import {modulesJson} from './modules-json.js';
import {parseModuleDefinitions} from './parse-definitions.js';
import {generateSetupLocal} from './setup-local.js';
import {SetupLocalError} from './setup-local-error.js';
import type {UpstreamTexts} from './upstream-modules.js';
import {upstreamFileNames} from './upstream-modules.js';

/** The host stage's parameters. `definitions` comes from `definitionsToJson`, so comments never reach a key. */
export interface SetupLocalParameters {
  readonly python: string;
  /** A triple. */
  readonly target: string;
  /** The option string, `noopt`. */
  readonly options: string;
  readonly definitions: JsonValue;
}

/**
 * Writes `Setup.local` and `modules.json` (the expected modules) from the input `setup-files`, a directory that holds
 * `Setup`, `Setup.bootstrap.in`, `Setup.stdlib.in` and `config.c.in`. Throws `SetupLocalError`.
 */
export const setupLocalFunction: HostFunction = {revision: 1, run};

async function run(context: HostFunctionContext): Promise<void> {
  const {python, target, options, definitions} = parseParameters(context.parameters);
  const directory = context.inputs.get('setup-files');
  if (directory === undefined) throw new InternalError('setup-local has no input setup-files');
  const upstream = await readUpstream(directory, context.signal);
  const result = generateSetupLocal({
    definitions: parseDefinitions(definitions),
    upstream,
    python,
    target: {triple: target},
    options: valueOrThrow(parseBuildOptions(options)),
  });
  if (!result.ok) throw new SetupLocalError(result.diagnostics);
  const {setupLocal, modules} = result.value;
  context.signal.throwIfAborted();
  await writeFile(path.join(context.outputPath, 'Setup.local'), setupLocal);
  await writeFile(path.join(context.outputPath, 'modules.json'), modulesJson(modules));
  context.log(`${modules.length} extension modules for CPython ${python} on ${target}`);
}

function parseParameters(parameters: JsonValue): SetupLocalParameters {
  if (typeof parameters === 'object' && parameters !== null && !Array.isArray(parameters)) {
    const {python, target, options, definitions} = parameters as Record<string, JsonValue>;
    if (
      typeof python === 'string' &&
      typeof target === 'string' &&
      typeof options === 'string' &&
      definitions !== undefined
    ) {
      return {python, target, options, definitions};
    }
  }
  throw new InternalError('setup-local wants the parameters python, target, options, definitions');
}

/** JSON is also YAML: one parser checks both. */
function parseDefinitions(definitions: JsonValue): readonly ModuleDefinition[] {
  const text = JSON.stringify(definitions);
  const result = parseModuleDefinitions([{file: 'static-modules', text}]);
  if (!result.ok) throw new SetupLocalError(result.diagnostics);
  return result.value;
}

async function readUpstream(directory: string, signal: AbortSignal): Promise<UpstreamTexts> {
  const diagnostics: Diagnostic[] = [];
  const read = async (name: string): Promise<string> => {
    try {
      return await readFile(path.join(directory, name), {encoding: 'utf8', signal});
    } catch (error) {
      if (signal.aborted || !isMissing(error)) throw error;
      diagnostics.push({file: `Modules/${name}`, message: "is missing from CPython's source"});
      return '';
    }
  };
  const texts = {
    setup: await read(upstreamFileNames.setup),
    bootstrap: await read(upstreamFileNames.bootstrap),
    stdlib: await read(upstreamFileNames.stdlib),
    configC: await read(upstreamFileNames.configC),
  };
  if (diagnostics.length > 0) throw new SetupLocalError(diagnostics);
  return texts;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
