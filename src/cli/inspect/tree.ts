import {loadProject} from '../../builder/load-project.js';
import {hostCommandRunner} from '../../executor/local/host-command.js';
import {findInstallation} from '../../installation/find-installation.js';
import {inspectTree} from '../../installation/inspect-tree.js';
import {runInterpreter} from '../../installation/run-interpreter.js';
import {pythonsOf} from '../../stages/pythons.js';
import {ownerName} from '../../store/owner.js';
import {print, printJson} from '../print.js';
import type {InspectOptions} from './run.js';
import {treeText} from './tree-text.js';

/** Prints what a folder with a Python in it is and holds. */
export async function runInspectTree(
  given: string,
  options: InspectOptions,
  signal: AbortSignal,
): Promise<void> {
  const tree = await findInstallation(given);
  const project = await loadProject();
  const inspection = await inspectTree(tree, {
    definitions: project.moduleDefinitions,
    series: pythonsOf(project).map(({series}) => series),
  });
  const names = inspection.extensions.map(({name}) => name);
  const report =
    options.run === true
      ? await runInterpreter(tree, names, hostCommandRunner(await ownerName()), signal)
      : undefined;
  if (options.json) printJson({format: 1, ...inspection, ...(report && {interpreter: report})});
  else print(treeText(given, inspection, report, options));
}
