"""What the libraries that the extension modules are linked with were built to do, a line each: an upgrade that changes it
shall be seen."""

import curses
import pyexpat
import sqlite3
import ssl
import zlib

import _hashlib

for (option,) in sorted(sqlite3.connect(':memory:').execute('pragma compile_options')):
    if not option.startswith('COMPILER='):
        print('sqlite', option)
for name, value in pyexpat.features:
    print('expat', name, value)
for name in sorted(_hashlib.openssl_md_meth_names):
    print('openssl digest', name)
for name in 'HAS_ALPN', 'HAS_ECDH', 'HAS_SNI', 'HAS_SSLv3', 'HAS_TLSv1', 'HAS_TLSv1_1', 'HAS_TLSv1_2', 'HAS_TLSv1_3':
    print('openssl', name, getattr(ssl, name))
context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
print('openssl level', context.security_level, context.minimum_version.name, context.maximum_version.name)
for cipher in context.get_ciphers():
    print('openssl cipher', cipher['name'])
print('ncurses', sorted(name for name in dir(curses) if name.startswith(('A_', 'BUTTON', 'has_extended'))))
print('zlib', sorted(name for name in dir(zlib) if name.startswith(('Z_', 'DEF'))))
