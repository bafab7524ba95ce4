import type {buildMachine} from '../core/build-machine.js';

/** A system call that rules mention. */
export type SystemCall = keyof typeof buildMachine.systemCalls;

/** What a rule demands of an argument of a system call, of which the lower 32 bits count. */
export type ArgumentTest =
  | {readonly argument: number; readonly equals: number}
  | {readonly argument: number; readonly hasAnyOf: readonly number[]};

/** System calls that a stage may not use. */
export interface SystemCallRule {
  readonly calls: readonly SystemCall[];
  /** What they fail with, as the kernel numbers errors. */
  readonly error: number;
  /** All must hold; without any, the calls always fail. */
  readonly when: readonly ArgumentTest[];
}

const errors = {EPERM: 1, ENOSYS: 38, EAFNOSUPPORT: 97} as const;

const always: readonly ArgumentTest[] = [];

/** The bits for which the kernel runs a program as its owner or group. */
const setIds = [0o4000, 0o2000];
/** Of opening: a file may be made, so that there is a mode. */
const makesFile = [0o100, 0o20_000_000];
/** Of cloning: new namespaces. */
const newNamespaces = [
  ...[0x0002_0000, 0x0200_0000, 0x0400_0000, 0x0800_0000],
  ...[0x1000_0000, 0x2000_0000, 0x4000_0000],
];
/** Requests that put bytes into the input of a terminal, as if typed. */
const typing = {TIOCSTI: 0x5412, TIOCLINUX: 0x541c} as const;
/** Addresses that no network namespace holds back: of a virtual machine's host, and of the kernel's ciphers. */
const families = {AF_ALG: 38, AF_VSOCK: 40} as const;

const refuse = (calls: readonly SystemCall[], when = always): SystemCallRule => ({
  ...{calls, when},
  error: errors.EPERM,
});

/**
 * The system calls that every executor refuses to stages, beyond what a stage lacks capabilities for: the default of
 * engines, with two differences. personality() is allowed, because the training of a compiler switches the randomisation
 * of addresses off. No file gets a set-id bit, so that none is left for somebody of the host to run.
 */
export const systemCallRules: readonly SystemCallRule[] = [
  refuse(
    ['open'],
    [
      {argument: 1, hasAnyOf: makesFile},
      {argument: 2, hasAnyOf: setIds},
    ],
  ),
  refuse(
    ['openat'],
    [
      {argument: 2, hasAnyOf: makesFile},
      {argument: 3, hasAnyOf: setIds},
    ],
  ),
  refuse(['chmod', 'creat', 'fchmod', 'mknod'], [{argument: 1, hasAnyOf: setIds}]),
  refuse(['fchmodat', 'fchmodat2', 'mknodat'], [{argument: 2, hasAnyOf: setIds}]),
  refuse(['clone'], [{argument: 0, hasAnyOf: newNamespaces}]),
  ...Object.values(typing).map((equals) => refuse(['ioctl'], [{argument: 1, equals}])),
  ...Object.values(families).map((equals) => ({
    ...{calls: ['socket'] as const, error: errors.EAFNOSUPPORT},
    when: [{argument: 0, equals}],
  })),
  // Their arguments are in memory, where no filter looks. Programs go on with the older calls.
  {
    calls: ['clone3', 'io_uring_enter', 'io_uring_register', 'io_uring_setup', 'openat2'],
    error: errors.ENOSYS,
    when: always,
  },
  // Keys of the kernel, which belong to a user and to a session of the host.
  refuse(['add_key', 'keyctl', 'request_key']),
  // Namespaces and mounts.
  refuse(['fsconfig', 'fsmount', 'fsopen', 'fspick', 'mount', 'mount_setattr', 'move_mount']),
  refuse(['open_by_handle_at', 'open_tree', 'pivot_root', 'setns', 'umount2']),
  refuse(['unshare']),
  // The kernel itself: its log, its counters, its programs, its modules, its clock.
  refuse(['bpf', 'clock_settime', 'delete_module', 'fanotify_init', 'finit_module', 'init_module']),
  refuse(['ioperm', 'iopl', 'kexec_file_load', 'kexec_load', 'lookup_dcookie', 'perf_event_open']),
  refuse(['reboot', 'settimeofday', 'syslog', 'uselib', 'userfaultfd', 'vhangup']),
  // Accounts of whole file systems.
  refuse(['acct', 'quotactl', 'quotactl_fd', 'swapoff', 'swapon']),
];
