"""Starts a program with every address at the same place in each run.

Usage: train.py PROGRAM [ARGUMENT...]
"""

import ctypes
import os
import sys

ADDR_NO_RANDOMIZE = 0x0040000  # personality(2)


def main() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.personality(ADDR_NO_RANDOMIZE) == -1:
        sys.exit(f'error: personality(ADDR_NO_RANDOMIZE): {os.strerror(ctypes.get_errno())}')
    os.execv(sys.argv[1], sys.argv[1:])


if __name__ == '__main__':
    main()
