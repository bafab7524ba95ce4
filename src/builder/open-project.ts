import type {Project} from '../stages/project.js';
import {loadProject} from './load-project.js';
import type {SessionOptions} from './options.js';
import {digestOfTree} from './python-tree/pack-tree.js';
import {readPythonTree} from './python-tree/read-python-tree.js';
import {withPythonTree} from './python-tree/with-python-tree.js';

/** Reads the project that the options name; with `--python-source`, its only Python is that tree. */
export async function openProject(
  options: Pick<SessionOptions, 'project' | 'overlay' | 'pythonSource'>,
  signal: AbortSignal,
): Promise<Project> {
  const project = await loadProject(options.project, options.overlay);
  if (options.pythonSource === undefined) return project;
  const tree = await readPythonTree(options.pythonSource, '--python-source', project);
  return withPythonTree(project, tree, await digestOfTree(tree.folder, signal));
}
