"""Files in folders above the tree, where others may write, do not become the standard library.

Usage: zip_above.py PREFIX SCRATCH, with any Python but the one at PREFIX
"""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

from checks import check, run

prefix, scratch = (Path(name).resolve() for name in sys.argv[1:])
program = prefix / 'bin' / 'python3'
show = 'import sys, os; print(sys.prefix, sys.exec_prefix, os.__file__, sys._base_executable)'


def answer(*options, executable=program, **more):
    return subprocess.run([executable, *options, '-c', show], capture_output=True, text=True, **more).stdout


expected = answer('-I')
name = Path(expected.split()[-2]).parent.name  # python3.14, python3.14t
archive = f'{name.replace(".", "")}.zip'


def stays(title, *options, **more):
    @check(title)
    def _():
        got = answer(*options, **more)
        return got == expected or got


def foreign_library():
    lib = scratch / 'lib'
    (lib / name / 'lib-dynload').mkdir(parents=True)
    (lib / name / 'os.py').write_text('print("foreign os")')
    (lib / archive).touch()
    for folder in scratch, prefix.parent:
        (folder / 'pyvenv.cfg').write_text(f'home = {scratch}\n')
        (folder / f'{program.name}._pth').write_text(str(scratch))
        (folder / 'pybuilddir.txt').write_text('lib')
    return lib


lib = foreign_library()
stays('an empty zip file, os.py, pyvenv.cfg, ._pth and pybuilddir.txt', '-I')
stays('the same, without isolation')
stays('the same, without site', '-S')
stays('the same, in the folder of the zip file', '-E', cwd=lib)


@check('a filled zip file')
def _():
    standard_library = Path(expected.split()[-2]).parent
    with zipfile.ZipFile(lib / archive, 'w') as output:
        for folder, folders, files in os.walk(standard_library):
            folders[:] = [each for each in folders if each not in ('site-packages', 'test', '__pycache__', 'lib-dynload')]
            for file in files:
                if file.endswith('.py'):
                    output.write(Path(folder, file), os.path.relpath(Path(folder, file), standard_library))
        output.writestr('foreign.py', 'print("code of somebody else")')
    got = answer('-I')
    return got == expected or got


@check('its own zip file still counts')
def _():
    own = prefix / 'lib' / archive
    os.rename(lib / archive, own)
    try:
        output = subprocess.run([program, '-I', '-c', 'import foreign'], capture_output=True, text=True).stdout
        return output == 'code of somebody else\n' or output
    finally:
        os.rename(own, lib / archive)


run()
