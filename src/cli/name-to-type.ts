import {existsSync, realpathSync} from 'node:fs';
import path from 'node:path';
import {quote} from '../recipe/shell.js';

/** What packages and checkouts have in their folder, and links on PATH lead to. */
const launcher = path.resolve(import.meta.dirname, '../../ampoule');

/**
 * How the user types the name of this program: `ampoule` if that is this program on PATH, otherwise the path of the
 * launcher, from the working directory if that is shorter.
 */
export function nameToType(): string {
  if (!existsSync(launcher)) return 'ampoule';
  const onPath = (process.env['PATH'] ?? '')
    .split(':')
    // npm puts these on the PATH of what it runs.
    .filter((folder) => folder !== '' && !folder.endsWith('/node_modules/.bin'))
    .map((folder) => path.join(folder, 'ampoule'))
    .find(existsSync);
  if (onPath !== undefined && realpathSync(onPath) === realpathSync(launcher)) return 'ampoule';
  const relative = path.relative(workingDirectory(), launcher);
  if (relative.length > launcher.length) return quote(launcher);
  return relative.includes('/') ? quote(relative) : `./${relative}`;
}

/** That of a process may be removed. */
function workingDirectory(): string {
  try {
    return process.cwd();
  } catch {
    return '/';
  }
}
