"""Prints the names of modules that depend on headers, the C library and other libraries, as JSON."""

import importlib
import json

MODULES = """os posix socket select signal fcntl termios resource mmap time locale curses readline ssl syslog errno stat math
cmath zlib bz2 lzma sqlite3 hashlib pwd grp uuid faulthandler threading sys ctypes pyexpat decimal dbm dbm.ndbm multiprocessing
tty pty platform asyncio subprocess curses.panel crypt spwd nis ossaudiodev compression.zstd""".split()


def names(module):
    try:
        return sorted(name for name in dir(importlib.import_module(module)) if not name.startswith('_'))
    except ImportError:
        return []


found = {module: names(module) for module in MODULES}
import hashlib
import os
import ssl

found['ciphers of ssl'] = sorted(each['name'] for each in ssl.create_default_context().get_ciphers())
found['hashlib.algorithms_available'] = sorted(hashlib.algorithms_available)
for kind in 'sysconf', 'confstr', 'pathconf':
    found[f'os.{kind}_names'] = sorted(getattr(os, f'{kind}_names'))
found['os.supports_*'] = sorted(
    f'{name}: {function.__name__}'
    for name in dir(os)
    if name.startswith('supports_') and isinstance(getattr(os, name), (set, frozenset))
    for function in getattr(os, name)
)
print(json.dumps({module: names for module, names in found.items() if names}, indent=1))
