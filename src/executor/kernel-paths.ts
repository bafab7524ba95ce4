/**
 * Files through which a kernel tells of its machine, or takes orders for it. A stage sees an empty file or folder in their
 * place. Engines hide fewer by default.
 */
export const maskedPaths: readonly string[] = [
  ...['acpi', 'asound', 'interrupts', 'iomem', 'ioports', 'kallsyms', 'kcore', 'key-users', 'keys'],
  ...['kmsg', 'kpagecgroup', 'kpagecount', 'kpageflags', 'latency_stats', 'mtrr', 'pagetypeinfo'],
  ...['sched_debug', 'scsi', 'slabinfo', 'timer_list', 'timer_stats', 'vmallocinfo'],
].map((name) => `/proc/${name}`);

/** Settings of the kernel, which a stage may read only. */
export const readOnlyPaths: readonly string[] = [
  ...['bus', 'fs', 'irq', 'pressure', 'sys', 'sysrq-trigger'],
].map((name) => `/proc/${name}`);

/** Where engines show a kernel's devices; no stage of the `local` executor has a `/sys`. */
export const maskedDevicePaths: readonly string[] = [
  '/sys/devices/virtual/powercap',
  '/sys/firmware',
];
