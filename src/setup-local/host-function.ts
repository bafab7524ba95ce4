import {defineHostFunction} from '../core/host-function.js';

/**
 * Writes `Setup.local` and `modules.json` (the expected modules) from the input `setup-files`, a directory that holds
 * `Setup`, `Setup.bootstrap.in`, `Setup.stdlib.in` and `config.c.in`. Throws `SetupLocalError`.
 */
export const setupLocalFunction = defineHostFunction({
  name: 'setup-local',
  revision: 1,
  load: () => import('./setup-local-body.js').then(({setupLocalBody}) => setupLocalBody),
});
