import {failure, success, type Diagnostic, type Result} from '../core/errors.js';
import type {Target} from '../core/target.js';
import {parseTarget} from '../target/parse-target.js';
import {projectFiles, type ProjectFiles} from './project-files.js';
import {projectFolder} from './project-folder.js';

const own = projectFiles([projectFolder]);

/** The targets of a project in the order of their triples; Ampoule's own if the project has none. */
export async function loadTargets(files: ProjectFiles = own): Promise<Result<readonly Target[]>> {
  const names = await targetNames(files);
  const source = names.length === 0 ? own : files;
  const targets: Target[] = [];
  const mistakes: Diagnostic[] = [];
  for (const triple of names.length === 0 ? await targetNames(own) : names) {
    const name = `targets/${triple}.yaml`;
    const [{text, file} = {text: '', file: name}, ...overlays] = await source.layersOf(name);
    const target = parseTarget(text, file, overlays);
    if (!target.ok) mistakes.push(...target.diagnostics);
    else if (target.value.triple === triple) targets.push(target.value);
    else mistakes.push({file, message: nameMistake(target.value.triple, triple)});
  }
  return mistakes.length > 0 ? failure(mistakes) : success(targets);
}

async function targetNames(files: ProjectFiles): Promise<readonly string[]> {
  return (await files.below('targets')).flatMap(
    (file) => /^targets\/([^/]+)\.yaml$/.exec(file)?.[1] ?? [],
  );
}

function nameMistake(triple: string, name: string): string {
  return `"triple" is ${triple}, expected the file's name ${name}`;
}
