import type {Diagnostic} from '../core/errors.js';
import type {UpstreamModule} from './upstream-module.js';

/** The modules in the table of built-in modules of `config.c.in`. */
export interface Inittab {
  readonly modules: readonly UpstreamModule[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads the `{"name", init}` entries of `_PyImport_Inittab`. */
export function parseInittab(file: string, text: string): Inittab {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => line.includes('_PyImport_Inittab[]'));
  const end = lines.findIndex(
    (line, index) => index > start && /^\s*\{\s*0\s*,\s*0\s*\}/.test(line),
  );
  if (start < 0 || end < 0) {
    const message = 'has no _PyImport_Inittab[] that ends with {0, 0}: is this config.c.in?';
    return {modules: [], diagnostics: [{file, message}]};
  }
  const modules: UpstreamModule[] = [];
  const diagnostics: Diagnostic[] = [];
  lines.slice(start + 1, end).forEach((line, index) => {
    if (!line.trim().startsWith('{')) return;
    const place = {file, line: start + index + 2};
    const entry = /^\s*\{"(\w+)",\s*(\w+)\},?\s*$/.exec(line);
    const [, name, init] = entry ?? [];
    if (name === undefined || init === undefined) {
      diagnostics.push({...place, message: `is not an entry of the table: ${line.trim()}`});
      return;
    }
    modules.push({
      name,
      origin: 'config.c',
      linkage: 'core',
      words: [],
      sources: [],
      archives: [],
      initFunction: init === 'NULL' ? null : init,
      place,
    });
  });
  return {modules, diagnostics};
}
