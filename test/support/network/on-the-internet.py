"""Runs a command where this machine alone is the Internet: on-the-internet.py ADDRESS HOSTS COMMAND...

To be started by `unshare` with a network and a mount namespace. The loopback interface gets the public ADDRESS too, and
HOSTS takes the place of /etc/hosts.
"""

import ctypes
import fcntl
import os
import socket
import struct
import sys

SIOCSIFFLAGS, SIOCSIFADDR = 0x8914, 0x8916
IFF_UP, MS_BIND = 1, 4096

address, hosts, *command = sys.argv[1:]
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
    fcntl.ioctl(link, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", IFF_UP))
    packed = socket.inet_aton(address)
    fcntl.ioctl(link, SIOCSIFADDR, struct.pack("16sHH4s8x", b"lo:1", socket.AF_INET, 0, packed))
libc = ctypes.CDLL(None, use_errno=True)
if libc.mount(hosts.encode(), b"/etc/hosts", None, MS_BIND, None) != 0:
    raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
os.execvp(command[0], command)
