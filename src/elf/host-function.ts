import {defineHostFunction} from '../core/host-function.js';

/**
 * Writes what turns the input `suite`, an unpacked sysroot, into one with an older glibc. All of it is text:
 * `libraries/<soname>.s` and `.map` for the stub libraries, `scripts/` with the linker scripts, `include/` with the
 * headers that change, and `config.site`.
 */
export const glibcFloorFunction = defineHostFunction({
  name: 'glibc-floor',
  revision: 7,
  load: () => import('./glibc-floor-body.js').then(({glibcFloorBody}) => glibcFloorBody),
});
