"""What the programs of this folder have in common: each prints a line per check, and ends with 1 if one failed."""

import sys
from concurrent.futures import ThreadPoolExecutor

_checks = []


def check(title):
    """Adds a function that is right when it returns True."""
    return lambda function: _checks.append((title, function))


def run(workers=1):
    """Runs the checks, up to so many at once."""
    def result(function):
        try:
            return function()
        except Exception as error:
            return error

    with ThreadPoolExecutor(workers) as pool:
        results = pool.map(result, [function for _, function in _checks])
        failed = 0
        for (title, _), got in zip(_checks, results):
            print('ok  ' if got is True else 'FAIL', title, '' if got is True else repr(got)[-600:])
            failed += got is not True
    sys.exit(failed > 0)
