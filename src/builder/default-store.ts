import os from 'node:os';
import path from 'node:path';

/**
 * The default folder of the store, below the user's cache folder; `undefined` if neither the environment nor the
 * account has a home. Relative folders are ignored, because they depend on the working directory.
 */
export function defaultStore(): string | undefined {
  const cache = process.env['XDG_CACHE_HOME'];
  if (cache !== undefined && path.isAbsolute(cache)) return path.join(cache, 'ampoule');
  const home = [process.env['HOME'], accountHome()].find(
    (folder) => folder !== undefined && path.isAbsolute(folder),
  );
  return home === undefined ? undefined : path.join(home, '.cache', 'ampoule');
}

/** Users in containers often have no account. */
function accountHome(): string | undefined {
  try {
    return os.userInfo().homedir;
  } catch {
    return undefined;
  }
}
