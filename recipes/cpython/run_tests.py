#!/usr/bin/env python3
"""Run CPython's own test suite with the interpreter of this archive.

    python/build/run_tests.py [argument of `-m test`]...
"""

import os
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent


def usual_arguments() -> list[str]:
    (options,) = ROOT.glob('install/lib/python3.*/test/libregrtest/cmdline.py')
    knows_it = '--slow-ci' in options.read_text(encoding='utf-8')
    return ['--slow-ci'] if knows_it else ['-u', 'all', '-j', '0', '-r', '-w']


def main() -> None:
    bin_dir = ROOT / 'install' / 'bin'
    interpreter = bin_dir / 'python3'
    arguments = sys.argv[1:] or usual_arguments()
    os.execv(interpreter, [str(interpreter), '-u', '-W', 'default', '-bb', '-E', '-m', 'test', *arguments])


if __name__ == '__main__':
    main()
