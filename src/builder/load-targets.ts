import {readFile} from 'node:fs/promises';
import path from 'node:path';
import {failure, success, type Diagnostic, type Result} from '../core/errors.js';
import type {Target} from '../core/target.js';
import {parseTarget} from '../target/parse-target.js';
import {projectFolder, targetTriples} from './project-folder.js';

/** The targets of a project in the order of their triples; Ampoule's own if the project has none. */
export async function loadTargets(
  project: string = projectFolder,
): Promise<Result<readonly Target[]>> {
  const folder = targetTriples(project).length === 0 ? projectFolder : project;
  const targets: Target[] = [];
  const mistakes: Diagnostic[] = [];
  for (const triple of targetTriples(folder)) {
    const file = `targets/${triple}.yaml`;
    const target = parseTarget(await readFile(path.join(folder, file), 'utf8'), file);
    if (!target.ok) mistakes.push(...target.diagnostics);
    else if (target.value.triple === triple) targets.push(target.value);
    else mistakes.push({file, message: nameMistake(target.value.triple, triple)});
  }
  return mistakes.length > 0 ? failure(mistakes) : success(targets);
}

function nameMistake(triple: string, name: string): string {
  return `"triple" is ${triple}, wanted the file's name ${name}`;
}
