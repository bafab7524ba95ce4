import {defineHostFunction} from '../core/host-function.js';

/**
 * Checks an archive by the policy. Input `archive`: an artifact with the file that the parameter `fileName` names. The
 * output is `report.json`, the report without findings of the level of an error. The parameter `target` is the target that
 * the archive must be for. Throws `InvalidArchiveError` when there are such findings, and logs them. Raise the revision
 * when a rule comes, goes or judges otherwise.
 */
export const validateArchiveFunction = defineHostFunction({
  name: 'validate-archive',
  revision: 3,
  load: () =>
    import('./validate-archive-body.js').then(({validateArchiveBody}) => validateArchiveBody),
});
