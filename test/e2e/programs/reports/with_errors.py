"""Runs a program in a process where some system calls fail, as on an old kernel or under the filter of a container.

Usage: with_errors.py NAME=ERRNO[,NAME=ERRNO...] PROGRAM [ARGUMENT...]   (x86_64; needs no privilege)

`ficlone` is ioctl() with the request FICLONE.
"""

import ctypes
import errno
import os
import struct
import sys

NUMBERS = {
    'sendfile': 40, 'process_vm_readv': 310, 'renameat2': 316, 'getrandom': 318, 'memfd_create': 319, 'membarrier': 324,
    'copy_file_range': 326, 'preadv2': 327, 'pwritev2': 328, 'statx': 332, 'pidfd_send_signal': 424,
    'io_uring_setup': 425, 'pidfd_open': 434, 'clone3': 435, 'close_range': 436, 'openat2': 437, 'faccessat2': 439,
}  # fmt: skip
IOCTL, FICLONE = 16, 0x40049409
ALLOW, ERRNO = 0x7FFF0000, 0x00050000


def instruction(code, jump_true, jump_false, value):
    return struct.pack('HBBI', code, jump_true, jump_false, value)


def filter_of(rules):
    """A BPF program: the number of the call is at 0, its second argument at 24."""
    number, second = instruction(0x20, 0, 0, 0), instruction(0x20, 0, 0, 24)
    code = [number]
    for name, error in rules:
        deny = instruction(0x06, 0, 0, ERRNO | error)
        if name == 'ficlone':
            code += [instruction(0x15, 0, 4, IOCTL), second, instruction(0x15, 0, 1, FICLONE), deny, number]
        else:
            code += [instruction(0x15, 0, 1, NUMBERS[name]), deny]
    return [*code, instruction(0x06, 0, 0, ALLOW)]


def main():
    rules = [(name, getattr(errno, value)) for name, _, value in (rule.partition('=') for rule in sys.argv[1].split(','))]
    code = filter_of(rules)
    text = ctypes.create_string_buffer(b''.join(code))
    header = ctypes.create_string_buffer(struct.pack('HxxxxxxQ', len(code), ctypes.addressof(text)))
    libc = ctypes.CDLL(None, use_errno=True)
    # PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP with SECCOMP_MODE_FILTER
    if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, header, 0, 0):
        sys.exit(f'seccomp: {os.strerror(ctypes.get_errno())}')
    os.execvp(sys.argv[2], sys.argv[2:])


main()
