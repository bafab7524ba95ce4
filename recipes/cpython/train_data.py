"""Data and the system: dates, numbers, bytes, databases, files, threads, sources, and starts."""

import argparse
import array
import ast
import base64
import contextlib
import datetime
import decimal
import fractions
import hashlib
import heapq
import io
import logging
import os
import pathlib
import queue
import random
import sqlite3
import statistics
import struct
import subprocess
import sys
import tempfile
import threading
import tokenize
import zlib

from train_parts import NAMES, part
from train_texts import TEXT

@part(120)
def dates():
    start = datetime.datetime(2024, 2, 28, 12, tzinfo=datetime.UTC)
    for n in range(900):
        moment = start + datetime.timedelta(hours=n * 7, seconds=n)
        assert datetime.datetime.fromisoformat(moment.isoformat()) == moment
        moment.strftime('%Y-%m-%d %H:%M')
        moment.replace(day=1).weekday()
        (moment - start).total_seconds()
    for n in range(200):
        datetime.datetime.strptime(f'2024-03-{n % 30 + 1:02} 10:{n % 60:02}', '%Y-%m-%d %H:%M')


@part(200)
def exact_numbers():
    total = decimal.Decimal(0)
    rate = decimal.Decimal('0.0725')
    for n in range(2500):
        price = decimal.Decimal(n * 99 + 1) / 100
        total += (price * rate).quantize(decimal.Decimal('0.01'), rounding=decimal.ROUND_HALF_UP) + price
        if total > 10**9 or str(price) == '0':
            total -= 1
    with decimal.localcontext(prec=60):
        x = decimal.Decimal(2)
        for _ in range(40):
            x = (x + decimal.Decimal(2) / x) / 2
        assert decimal.Decimal(2).sqrt() and x.ln() and format(x, '.20f')
    assert sum(fractions.Fraction(1, n) for n in range(1, 60)) > 4
    assert statistics.fmean(range(500)) and statistics.stdev([n / 3 for n in range(60)])


@part(800)
def binary():
    record = struct.Struct('<HIqd8s')
    data = b''.join(record.pack(n, n * 5, -n, n / 3, NAMES[n % 13].encode()[:8]) for n in range(700))
    for number, *_ in record.iter_unpack(data):
        struct.unpack_from('>I', data, number)
    view = memoryview(data)
    for start in range(0, 3000, 7):
        bytes(view[start : start + 16])
        int.from_bytes(data[start : start + 4], 'big').to_bytes(8, 'little')
    numbers = array.array('d', range(1500))
    numbers.extend(array.array('d', numbers[:100]))
    assert sum(numbers) and array.array('d', numbers.tobytes())
    buffer = bytearray()
    for byte in data[:3000]:
        buffer.append(byte ^ 0x55)
    assert b'\x55\x55' in buffer and bytes(buffer).hex() and data.split(b'amber')
    assert base64.b64decode(base64.b64encode(data)) == data and bytes.fromhex(data[:900].hex())
    assert data.translate(bytes(reversed(range(256)))) and data.replace(b'\0', b'\1').strip()


@part(400)
def digests():
    data = TEXT.encode()
    for name in ('md5', 'sha1', 'sha256', 'sha512', 'sha3_256', 'blake2b', 'blake2s'):
        hashlib.new(name, data, usedforsecurity=False).hexdigest()
    for n in range(700):
        hashlib.sha256(b'%d' % n).hexdigest()
    packed = zlib.compress(data)
    for _ in range(5):
        assert zlib.decompress(packed) == data and zlib.crc32(data) + zlib.adler32(data)
    engine = random.Random(5)
    assert sum(engine.random() for _ in range(2500)) and engine.sample(range(1000), 50)
    for _ in range(800):
        engine.randrange(100) + engine.choice(range(7))
    engine.shuffle(list(range(300)))


@part(150)
def database():
    with contextlib.closing(sqlite3.connect(':memory:')) as connection:
        connection.execute('create table beds (id integer primary key, name text, depth real, picked blob)')
        connection.executemany(
            'insert into beds (name, depth, picked) values (?, ?, ?)',
            ((NAMES[n % 13], n / 4, b'y' * (n % 20)) for n in range(1500)),
        )
        connection.create_function('double', 1, lambda value: value * 2)
        connection.row_factory = sqlite3.Row
        for name in NAMES:
            rows = connection.execute('select id, double(depth) as twice from beds where name = ? order by depth desc', (name,))
            assert sum(row['twice'] for row in rows)
        connection.execute('update beds set depth = depth + 1 where id % 2 = 0')
        connection.commit()


@part(150)
def files():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for n in range(25):
            (folder / f'{NAMES[n % 13]}{n}.txt').write_text(TEXT[: n * 400], encoding='utf-8')
        for path in sorted(folder.glob('*.txt')):
            with path.open(encoding='utf-8') as lines:
                assert sum(len(line.rstrip('\n')) for line in lines) <= 10000
            with path.open('rb') as stream:
                while stream.read(1000):
                    pass
            assert path.stat().st_size <= 20000 and path.suffix == '.txt' and path.with_suffix('.bak').name
        for parent, _folders, names in os.walk(name):
            for each in names:
                os.path.splitext(os.path.join(parent, each))
                os.path.abspath(each)
                os.path.exists(each)
        with (folder / 'out').open('w', encoding='utf-8') as stream:
            for n in range(1500):
                stream.write(f'{n}\n')
                if n % 10 == 0:
                    print(n, 'a', file=stream)


@part(80)
def messages():
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter('%(levelname)s:%(name)s:%(message)s'))
    logger = logging.getLogger('training')
    logger.propagate = False
    logger.setLevel(logging.INFO)
    logger.handlers = [handler]
    for n in range(1500):
        logger.debug('not written %d', n)
        logger.info('written %s %d', NAMES[n % 13], n)
    assert stream.getvalue()


@part(200)
def threads():
    work, results = queue.Queue(), []
    lock = threading.Lock()

    def run():
        while (item := work.get()) is not None:
            with lock:
                results.append(item * 2)

    workers = [threading.Thread(target=run) for _ in range(2)]
    for worker in workers:
        worker.start()
    for n in range(2500):
        work.put(n)
    for _ in workers:
        work.put(None)
    for worker in workers:
        worker.join()
    assert len(results) == 2500


@part(8)
def sources():
    for module in (pathlib.Path(argparse.__file__), pathlib.Path(heapq.__file__)):
        text = module.read_text(encoding='utf-8')
        code = compile(text, module.name, 'exec')
        tree = ast.parse(text)
        assert sum(isinstance(node, ast.Call) for node in ast.walk(tree)) and ast.unparse(tree)
        list(tokenize.generate_tokens(io.StringIO(text).readline))
        assert code
    for n in range(200):
        assert eval(f'{n} + len("x" * {n}) - [1, 2][{n} % 2]') is not None


@part(2)
def starts():
    for flags in (['-I', '-S', '-c', 'pass'], ['-I', '-c', 'pass'], ['-c', 'import json, re, argparse, subprocess, typing, pathlib']):
        for _ in range(8):
            subprocess.run([sys.executable, *flags], check=True)
