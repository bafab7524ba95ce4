import {buildMachine} from '../core/build-machine.js';
import type {StageId} from '../core/stage-id.js';
import {select} from '../data/condition.js';
import {closure, type BuildGraph} from '../graph/graph.js';
import type {Stage} from '../graph/stage.js';
import {isLibrary} from '../recipe/render.js';
import {dependencyClosure, dependencyTestStage} from './dependency-stage.js';
import {platformNames, testOf} from './names.js';
import {addLibraries, type InterpreterSettings, type StageSet} from './plan-interpreter.js';

/** Adds the libraries of all recipes, linked or not, and their tests. */
export function addAllLibraries(settings: InterpreterSettings, stages: StageSet): void {
  const {project, variant} = settings;
  const recipes = [...project.recipes.values()].map(({recipe}) => recipe);
  const names = recipes.filter(isLibrary).map(({name}) => name);
  const all = dependencyClosure(names, project, variant);
  addLibraries(all, settings, stages);
  stages.add(...testStages(all, settings));
}

/** The stages that try libraries, of those whose recipes have a `test` for this machine. */
export function testStages(
  names: readonly string[],
  {project, variant, libraryParts}: InterpreterSettings,
): readonly Stage[] {
  // Programs for another processor do not run here.
  if (variant.target.gnu !== buildMachine.gnu) return [];
  return names.flatMap((name) => {
    const folder = project.recipes.get(name);
    const parts = libraryParts(name, variant);
    if (folder === undefined || select(folder.recipe.test, parts).length === 0) return [];
    return dependencyTestStage(folder, project, platformNames(parts, libraryParts), parts);
  });
}

/** Stages of a graph, and the tests of the libraries that they need. */
export function withTests(graph: BuildGraph, ids: readonly StageId[]): readonly StageId[] {
  const tests = [...closure(graph, ids)].map(testOf).filter((id) => graph.stages.has(id));
  return [...new Set([...ids, ...tests.filter((id) => id.startsWith('test/'))])];
}
