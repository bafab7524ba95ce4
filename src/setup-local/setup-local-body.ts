import {writeFile} from 'node:fs/promises';
import path from 'node:path';
import * as v from 'valibot';
import {valueOrThrow, type Diagnostic} from '../core/errors.js';
import {inputTree, type HostFunctionBody, type HostFunctionContext} from '../core/host-function.js';
import {readInTree, TreeFileError, type Tree} from '../core/tree-file.js';
import {parseBuildOptions} from '../core/build-options.js';
import {modulesJson} from '../data/modules-json.js';
import {definitionsJson} from './definitions-json.js';
import {generateSetupLocal} from './setup-local.js';
import {SetupLocalError} from './setup-local-error.js';
import type {UpstreamTexts} from './upstream-modules.js';
import {upstreamFileNames} from './upstream-modules.js';

const schema = v.object({
  python: v.string(),
  target: v.string(),
  options: v.string(),
  definitions: definitionsJson,
});

/** The host stage's parameters. `definitions` comes from `definitionsToJson`, so comments never reach a key. */
export type SetupLocalParameters = v.InferInput<typeof schema>;

/** Writes `Setup.local` and `modules.json`. */
export const setupLocalBody: HostFunctionBody<
  SetupLocalParameters,
  v.InferOutput<typeof schema>
> = {
  schema,
  run,
};

async function run(
  {python, target, options, definitions}: v.InferOutput<typeof schema>,
  context: HostFunctionContext,
): Promise<void> {
  const upstream = readUpstream(inputTree(context, 'setup-files'));
  const result = generateSetupLocal({
    definitions: definitions.map((definition) => ({
      ...definition,
      place: context.places?.get(definition.name) ?? definition.place,
    })),
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

function readUpstream(tree: Tree): UpstreamTexts {
  const diagnostics: Diagnostic[] = [];
  const read = (name: string): string => {
    try {
      return readInTree(tree, name).toString();
    } catch (error) {
      if (!(error instanceof TreeFileError && error.isMissing)) throw error;
      diagnostics.push({file: `Modules/${name}`, message: "is missing from CPython's source"});
      return '';
    }
  };
  const texts = {
    setup: read(upstreamFileNames.setup),
    bootstrap: read(upstreamFileNames.bootstrap),
    stdlib: read(upstreamFileNames.stdlib),
    configC: read(upstreamFileNames.configC),
  };
  if (diagnostics.length > 0) throw new SetupLocalError(diagnostics);
  return texts;
}
