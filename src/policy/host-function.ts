import {defineHostFunction} from '../core/host-function.js';

/**
 * Checks an archive against the policy. Input `archive`: an artifact with the file `fileName`. Parameter `target`: the
 * required target. The output is `report.json`, the report without errors. If there are errors, logs them and throws
 * `InvalidArchiveError`. Raise the revision when a rule is added, removed or changed.
 */
export const validateArchiveFunction = defineHostFunction({
  name: 'validate-archive',
  revision: 9,
  load: () =>
    import('./validate-archive-body.js').then(({validateArchiveBody}) => validateArchiveBody),
});
