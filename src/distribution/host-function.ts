import {defineHostFunction} from '../core/host-function.js';

/**
 * Describes a built CPython: PYTHON.json, licence texts, `share/ampoule/`, and for each flavour the list of its members.
 *
 * Inputs: `cpython`, `setup-local`, `sysroot`, `toolchain` if it was built, and `dependency/<name>` for every component of the parameters
 * (`DistributionParameters`). The output is laid over the cpython artifact: it holds `python/PYTHON.json`,
 * `python/licenses/`, `python/install/share/ampoule/` and `lists/`. Throws `DistributionError` and
 * `MissingLicenceError`.
 */
export const distributionMetadataFunction = defineHostFunction({
  name: 'distribution-metadata',
  revision: 3,
  load: () => import('./metadata-body.js').then(({metadataBody}) => metadataBody),
});
