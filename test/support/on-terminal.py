"""Runs a command on a terminal of its own: on-terminal.py COLUMNS ROWS COMMAND...

What the command writes goes to standard output. Each line of standard input is a JSON object: {"type": TEXT} is
typed, {"resize": [COLUMNS, ROWS]} changes the terminal's size. Ends with the command's exit code; SIGTERM hangs up.
"""

import fcntl
import json
import os
import pty
import select
import signal
import struct
import sys
import termios


class HangUp(Exception):
    pass


def hang_up(*_):
    raise HangUp


def resize(terminal, columns, rows):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def drain(terminal):
    while select.select([terminal], [], [], 0)[0]:
        os.write(sys.stdout.fileno(), os.read(terminal, 65536))


def obey(line, terminal, pid):
    order = json.loads(line)
    if "type" in order:
        os.write(terminal, order["type"].encode())
    if "resize" in order:
        # Nothing may be drawn for the old size once the terminal has the new one, so the command stands still; the
        # mark tells our reader from where on the new size counts.
        os.kill(pid, signal.SIGSTOP)
        os.waitpid(pid, os.WUNTRACED)
        drain(terminal)
        os.write(sys.stdout.fileno(), b"\x1b]7777;%d;%d\x07" % tuple(order["resize"]))
        resize(terminal, *order["resize"])
        os.kill(pid, signal.SIGCONT)


def relay(terminal, pid):
    orders = b""
    listening = [terminal, sys.stdin.fileno()]
    while True:
        ready, _, _ = select.select(listening, [], [])
        if terminal in ready:
            try:
                data = os.read(terminal, 65536)
            except OSError:
                return
            if not data:
                return
            os.write(sys.stdout.fileno(), data)
        if sys.stdin.fileno() in ready:
            data = os.read(sys.stdin.fileno(), 65536)
            if not data:
                listening.remove(sys.stdin.fileno())
            *lines, orders = (orders + data).split(b"\n")
            for line in lines:
                obey(line, terminal, pid)


def main():
    columns, rows = int(sys.argv[1]), int(sys.argv[2])
    # The size is there before the command looks at it.
    start_read, start_write = os.pipe()
    pid, terminal = pty.fork()
    if pid == 0:
        os.close(start_write)
        os.read(start_read, 1)
        os.execvp(sys.argv[3], sys.argv[3:])
    resize(terminal, columns, rows)
    os.write(start_write, b"x")
    try:
        signal.signal(signal.SIGTERM, hang_up)
        relay(terminal, pid)
    except HangUp:
        # The command hears of it as of a window that was closed.
        os.close(terminal)
    _, status = os.waitpid(pid, 0)
    sys.exit(os.waitstatus_to_exitcode(status) & 0xFF)


main()
