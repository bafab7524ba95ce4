import {existsSync, realpathSync} from 'node:fs';
import path from 'node:path';
import type {OwnName} from '../core/own-command.js';
import {quote} from '../recipe/shell.js';

/** What packages and checkouts have in their folder, and links on PATH lead to. */
const launcher = path.resolve(import.meta.dirname, '../../ampoule');

/**
 * How the user types the name of this program: `ampoule` if that is this program on PATH, otherwise the path of the
 * launcher, from the working directory if that is shorter.
 */
export function nameToType(): OwnName {
  const usual = {asTyped: 'ampoule', anywhere: 'ampoule'};
  if (!existsSync(launcher)) return usual;
  const onPath = (process.env['PATH'] ?? '')
    .split(':')
    // npm puts these on the PATH of what it runs.
    .filter((folder) => folder !== '' && !folder.endsWith('/node_modules/.bin'))
    .map((folder) => path.join(folder, 'ampoule'))
    .find(existsSync);
  if (onPath !== undefined && realpathSync(onPath) === realpathSync(launcher)) return usual;
  const anywhere = quote(launcher);
  const relative = path.relative(workingDirectory(), launcher);
  if (relative.length > launcher.length) return {asTyped: anywhere, anywhere};
  return {asTyped: relative.includes('/') ? quote(relative) : `./${relative}`, anywhere};
}

/** Where the user is. */
function workingDirectory(): string {
  const {INIT_CWD: calledIn, npm_package_json: npmPackage} = process.env;
  // npm runs a script of this package in the package's folder, wherever it was called: `npm --prefix ampoule start`.
  const isScript = npmPackage === path.join(path.dirname(launcher), 'package.json');
  if (isScript && calledIn !== undefined) return calledIn;
  try {
    return process.cwd();
  } catch {
    // It was removed.
    return '/';
  }
}
