import {readdirSync} from 'node:fs';
import path from 'node:path';

/** Ampoule's own folder. */
export const projectFolder = path.resolve(import.meta.dirname, '../..');

const extension = '.yaml';

/**
 * The triples of a project's target files (`targets/<triple>.yaml`), in a fixed order; none without `targets/`. Reads
 * file names only, so that help is fast.
 */
export function targetTriples(project: string = projectFolder): readonly string[] {
  try {
    return (
      readdirSync(path.join(project, 'targets'))
        .filter((name) => name.endsWith(extension))
        .map((name) => name.slice(0, -extension.length))
        // By code units; `core/digest.js`, which says so elsewhere, would load node:crypto.
        .sort()
    );
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
