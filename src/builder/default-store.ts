import os from 'node:os';
import path from 'node:path';

/**
 * Where the store lies when nobody names a folder: below the user's cache folder. `undefined` when neither the
 * environment nor the user's account has a home. Relative folders do not count: they would change with the place that
 * the command is called from.
 */
export function defaultStore(): string | undefined {
  const cache = process.env['XDG_CACHE_HOME'];
  if (cache !== undefined && path.isAbsolute(cache)) return path.join(cache, 'ampoule');
  const home = [process.env['HOME'], accountHome()].find(
    (folder) => folder !== undefined && path.isAbsolute(folder),
  );
  return home === undefined ? undefined : path.join(home, '.cache', 'ampoule');
}

/** The users of containers often have no account. */
function accountHome(): string | undefined {
  try {
    return os.userInfo().homedir;
  } catch {
    return undefined;
  }
}
