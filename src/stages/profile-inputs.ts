import {printBuildOptions} from '../core/build-options.js';
import {configureArguments, renderInstrumentScript} from '../recipe/render-hooks.js';
import {selectSource} from '../recipe/select-source.js';
import {sha256} from '../core/digest.js';
import type {ProfileInputs} from '../profile/profile-record.js';
import {suiteFloor} from './choose-glibc-floor.js';
import {patchFiles} from './dependency-stage.js';
import {trainedVariant} from './names.js';
import type {InterpreterInputs} from './project.js';

/** What the profile of an interpreter is made from, as planned now. */
export function profileInputs(inputs: InterpreterInputs): ProfileInputs {
  const {folder} = inputs;
  const context = trainedVariant(inputs.context);
  const {patches} = renderInstrumentScript(folder.recipe, '', context);
  const {source} = selectSource(folder.recipe, context.sourceSet);
  return {
    python: context.python,
    target: context.target.triple,
    options: printBuildOptions(context.options),
    source: source.sha256,
    patches: Object.fromEntries(
      Object.entries(patchFiles(folder, patches, context)).map(([file, text]) => [
        file.slice(file.indexOf('/') + 1),
        sha256(text),
      ]),
    ),
    glibc: context.glibcFloor ?? suiteFloor,
    toolchain: context.toolchain,
    llvm: clangVersion(inputs),
    // That of -fprofile-generate, which the recipe's `instrument` uses.
    instrumentation: 'ir',
    configure: configureArguments(folder.recipe, context),
  };
}

/** Of the pinned source, or of the package in the image. */
function clangVersion({names, project, context}: InterpreterInputs): string {
  if (context.toolchain === 'bootstrap') {
    const llvm = project.recipes.get('llvm');
    if (llvm !== undefined) return selectSource(llvm.recipe, context.sourceSet).version;
  }
  const packages = project.images.get(names.instrumentRootfs)?.lock.packages ?? [];
  return packages.find(({name}) => /^clang-\d+$/.test(name))?.version ?? 'unknown';
}
