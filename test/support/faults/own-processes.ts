/** As in a container: with processes of its own, the same number for each builder. */
export const ownProcesses: readonly string[] = [
  'unshare',
  ...(process.getuid?.() === 0 ? [] : ['--user', '--map-root-user']),
  ...['--pid', '--fork', '--kill-child', '--mount-proc'],
];

/** The same, on a file system that takes no sockets. */
export const ownProcessesWithoutSockets = (store: string): readonly string[] => [
  ...ownProcesses,
  '--mount',
  ...['sh', '-c', 'mount -t tmpfs -o ro none "$0/v1/owners" && exec "$@"', store],
];
