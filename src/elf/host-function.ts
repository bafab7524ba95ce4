import {defineHostFunction} from '../core/host-function.js';

/**
 * From the input `suite`, an unpacked sysroot, writes what makes it one of an older glibc, all of it text:
 * `libraries/<soname>.s` and `.map` for the stub libraries, `scripts/` with the linker scripts, `include/` with the headers
 * that change, and `config.site`.
 */
export const glibcFloorFunction = defineHostFunction({
  name: 'glibc-floor',
  revision: 7,
  load: () => import('./glibc-floor-body.js').then(({glibcFloorBody}) => glibcFloorBody),
});
