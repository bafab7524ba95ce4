import {InputError} from '../core/errors.js';
import type {DistributionUnderTest} from './distribution-under-test.js';
import {runPython, type SuiteRunner} from './run-module.js';
import {SuiteError} from './suite-error.js';

/**
 * Every test module of the distribution, in its own order. @throws SuiteError when the interpreter cannot list them.
 */
export async function listModules(
  distribution: DistributionUnderTest,
  runner: SuiteRunner,
): Promise<readonly string[]> {
  const {exit, output} = await runPython(distribution, ['-m', 'test', '--list-tests'], runner);
  runner.signal.throwIfAborted();
  const lines = output.split('\n').filter((line) => line !== '');
  const modules = lines.map((line) => line.replace(/^test\./, ''));
  const isList = lines.length > 0 && modules.every((module) => /^\w+(?:\.\w+)*$/.test(module));
  if (exit.kind === 'exited' && exit.code === 0 && isList) return modules;
  throw new SuiteError(
    `The distribution's interpreter does not list its tests (${JSON.stringify(exit)}):\n${output.slice(-2000)}`,
  );
}

/**
 * The modules that a user's names match, or all without names: `test_ssl`, `test.test_ssl`, `test_asyncio` for all that
 * lies in that folder, or a part of a listed module, `test_unittest.test_skipping`.
 * @throws InputError with every name that matches none.
 */
export function selectModules(all: readonly string[], names: readonly string[]): readonly string[] {
  if (names.length === 0) return all;
  const mistakes: string[] = [];
  const selected = new Set<string>();
  for (const given of names) {
    const name = given.replace(/^test\./, '');
    const meant = all.filter((module) => module === name || module.startsWith(`${name}.`));
    const isPart = /^[\w.]+$/.test(name) && all.some((module) => name.startsWith(`${module}.`));
    if (meant.length === 0 && !isPart) mistakes.push(unknownName(all, name));
    for (const module of isPart ? [name] : meant) selected.add(module);
  }
  if (mistakes.length > 0) throw new InputError(mistakes);
  return [...selected];
}

function unknownName(all: readonly string[], name: string): string {
  const near = all.filter((module) => module.includes(name.replace(/^test_/, ''))).slice(0, 5);
  const hint = near.length > 0 ? ` Did you mean ${near.join(', ')}?` : '';
  return `There is no test module "${name}".${hint}`;
}
