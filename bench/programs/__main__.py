"""Programs of plain Python and its standard library, to compare interpreters with.

Called as `programs NAME COUNT`, it runs a program once to warm up, then COUNT times, and prints the seconds of processor
time of these. Without arguments it prints the names.
"""

import sys
import time

import algorithms
import data
import language

PROGRAMS = {**algorithms.PROGRAMS, **language.PROGRAMS, **data.PROGRAMS}


def main():
    if len(sys.argv) == 1:
        print(" ".join(PROGRAMS))
        return
    program, count = PROGRAMS[sys.argv[1]], int(sys.argv[2])
    program()
    start = time.process_time()
    for _ in range(count):
        program()
    print(time.process_time() - start)


main()
