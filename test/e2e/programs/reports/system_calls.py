"""What the standard library does with newer system calls; run by with_errors.py, where these fail."""

import asyncio
import concurrent.futures
import multiprocessing
import os
import pathlib
import secrets
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading

from checks import check, run

FOLDER = pathlib.Path(tempfile.mkdtemp())
CONTENT = b'x' * 100_000
SAY = [sys.executable, '-c', 'print("said")']


def source():
    path = FOLDER / secrets.token_hex(8)
    path.write_bytes(CONTENT)
    return path


def square(number):
    return number * number


@check('shutil copies and moves')
def _():
    target, moved = FOLDER / 'copied', FOLDER / 'moved'
    shutil.copy2(source(), target)
    shutil.move(target, moved)
    return moved.read_bytes() == CONTENT


if hasattr(pathlib.Path, 'copy'):

    @check('pathlib copies')
    def _():
        target = FOLDER / 'path'
        source().copy(target)
        return target.read_bytes() == CONTENT

    @check('pathlib copies a file of /proc')
    def _():
        target = FOLDER / 'proc'
        pathlib.Path('/proc/version').copy(target)
        return target.read_text() == pathlib.Path('/proc/version').read_text()


@check('a socket sends a file')
def _():
    left, right = socket.socketpair()
    with left, right, open(source(), 'rb') as file:
        got = bytearray()
        reader = threading.Thread(target=lambda: [got.extend(part) for part in iter(lambda: right.recv(65536), b'')])
        reader.start()
        left.sendfile(file)
        left.shutdown(socket.SHUT_WR)
        reader.join()
    return bytes(got) == CONTENT


@check('subprocess runs programs')
def _():
    plain = subprocess.run(SAY, capture_output=True, text=True).stdout
    other = subprocess.run(SAY, stdout=subprocess.PIPE, text=True, close_fds=False, start_new_session=True).stdout
    return (plain, other) == ('said\n', 'said\n') or (plain, other)


@check('a program is waited for with a time limit')
def _():
    with subprocess.Popen(['/bin/sleep', '600']) as process:
        try:
            process.wait(timeout=0.1)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGTERM)
        return process.wait(timeout=60) == -signal.SIGTERM


@check('asyncio runs programs')
def _():
    async def say():
        process = await asyncio.create_subprocess_exec(*SAY, stdout=asyncio.subprocess.PIPE)
        return (await process.communicate())[0]

    return asyncio.run(say()) == b'said\n'


@check('asyncio sends a file')
def _():
    async def send():
        got = bytearray()

        async def serve(reader, writer):
            got.extend(await reader.read())
            writer.close()

        server = await asyncio.start_server(serve, '127.0.0.1', 0)
        _, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        with open(source(), 'rb') as file:
            await asyncio.get_running_loop().sendfile(writer.transport, file)
        writer.close()
        await writer.wait_closed()
        while len(got) < len(CONTENT):
            await asyncio.sleep(0.01)
        server.close()
        return bytes(got)

    return asyncio.run(send()) == CONTENT


@check('pools of processes work')
def _():
    got = []
    for method in 'spawn', 'forkserver':
        context = multiprocessing.get_context(method)
        with concurrent.futures.ProcessPoolExecutor(1, mp_context=context) as pool:
            got += pool.map(square, [2, 3])
    return got == [4, 9, 4, 9] or got


@check('selectors, random bytes, memory that is shared')
def _():
    from multiprocessing import shared_memory

    with selectors.DefaultSelector() as selector, socket.socket() as listener:
        selector.register(listener, selectors.EVENT_READ)
        selector.select(0)
    memory = shared_memory.SharedMemory(create=True, size=16)
    memory.buf[0] = 1
    memory.close()
    memory.unlink()
    return len(os.urandom(8)) == 8 and len(secrets.token_bytes(8)) == 8


if __name__ == '__main__':
    run()
