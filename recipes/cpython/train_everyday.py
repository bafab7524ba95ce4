"""Runs the everyday programs that a profile is trained by, beside CPython's own tests.

The tests execute every corner about once, and a few loops very often; what programs spend their time in would look cold.
Here each part takes about as long as any other. Nothing depends on the clock, the network, addresses or random hashes.
What is measured (bench/programs) are other programs with other data.

Usage: train_everyday.py [PART...]
"""

import sys
import time

import train_data  # noqa: F401
import train_language  # noqa: F401
import train_objects  # noqa: F401
import train_texts  # noqa: F401
from train_parts import PARTS


def main():
    for name in sys.argv[1:] or PARTS:
        function, count = PARTS[name]
        start = time.perf_counter()
        for _ in range(count):
            function()
        print(f'{name:24} {time.perf_counter() - start:6.2f} s', flush=True)


if __name__ == '__main__':
    main()
