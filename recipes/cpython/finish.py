"""Makes the installed tree true wherever it is moved. Nothing of the tree is run: it may be for another machine.

Usage: finish.py --source SOURCE --install INSTALL --terminfo TERMINFO
"""

import argparse
import base64
import configparser
import csv
import hashlib
import importlib.util
import io
import json
import os
import re
import shlex
import shutil
import stat
import sys
import sysconfig
import types
import zipfile
from collections.abc import Iterator
from pathlib import Path

try:
    from sysconfig.__main__ import _parse_makefile
except ImportError:  # 3.12 and older
    from sysconfig import _parse_makefile

PREFIX = '/install'
# What archives for installers have in place of files of the tree.
OWN_FORMS = Path('/out/install_only')

# Flags that this toolchain needed and that another one may refuse, or that are a user's own choice.
BUILD_ONLY_FLAG = re.compile(
    r'-W(?!l,|p,|a,).*|-Wl,-z,.*|-Wl,--exclude-libs.*|-fuse-ld=.*|--sysroot.*|-f(file|debug|macro)-prefix-map=.*'
    r'|-fstack-.*|-[UD]_FORTIFY_SOURCE.*|-fdebug-default-version=.*|-fsanitize.*|-fno-sanitize.*|-[IL]/(deps|build|sysroot)\b.*'
)
# Up to 3.14 a choice of ours. From 3.15 on upstream's configure asks extension modules for them, so that profilers can walk
# through.
FRAME_POINTER_FLAG = re.compile(r'-f(no-)?omit-frame-pointer|-m(no-)?omit-leaf-frame-pointer')
BUILD_PATH = re.compile(r'(?<![\w.-])/(deps|build|sysroot)(?![\w.-])')


class FinishError(Exception):
    """Something in the installed tree is not as this script expects it."""


class Tree:
    """Places in the installed tree, and the reading and writing of its text files."""

    def __init__(self, install: Path) -> None:
        self.install = install
        self.bin = install / 'bin'
        self.lib = install / 'lib'
        (makefile,) = self.lib.glob('python3.*/config-*/Makefile')
        self.config = makefile.parent
        self.stdlib = self.config.parent
        text = makefile.read_text(encoding='utf-8')
        version, abi_flags = (self.assigned(text, name) for name in ('VERSION', 'ABIFLAGS'))
        self.version = version
        self.name = f'python{version}{abi_flags}'

    @staticmethod
    def assigned(makefile: str, name: str) -> str:
        found = re.search(rf'^{name}=[ \t]*(.*?)[ \t]*$', makefile, re.M)
        if found is None:
            raise FinishError(f'the Makefile does not assign {name}')
        return found[1]

    def files(self) -> Iterator[Path]:
        for folder, folders, names in os.walk(self.install):
            folders.sort()
            yield from (Path(folder, name) for name in sorted(names))


def write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding='utf-8', newline='')


# Makefile, sysconfig data -------------------------------------------------------------------------------------------

def recorded_variables(tree: Tree, config_args: str) -> dict[str, str]:
    """What the Makefile says instead of what this build used. Everything else in it follows from these."""
    kept = [
        '--with-openssl' if word.startswith('--with-openssl=') else word
        for word in shlex.split(config_args)
        if word.startswith('--')
    ]
    return {
        'CC': 'cc -pthread',
        'CXX': 'c++ -pthread',
        'AR': 'ar',
        'READELF': 'readelf',
        # Where the build's image has them is not where every system has them.
        'INSTALL': 'install -c',
        'MKDIR_P': 'mkdir -p',
        'CONFIGURE_CFLAGS': '',
        'CONFIGURE_CPPFLAGS': '',
        'CONFIGURE_LDFLAGS': '',
        'RUNSHARED': '',
        'abs_srcdir': '$(LIBPL)',
        'abs_builddir': '$(LIBPL)',
        'CONFIG_ARGS': ' '.join(f"'{word}'" for word in kept),
    }


def is_build_only(tree: Tree, word: str) -> bool:
    if BUILD_ONLY_FLAG.fullmatch(word):
        return True
    minor = int(tree.version.split('.')[1])
    return minor < 15 and FRAME_POINTER_FLAG.fullmatch(word) is not None


def without_build_flags(tree: Tree, text: str) -> str:
    """The same text less the flags that belong to this build alone; as it is when there are none."""
    words = text.split()
    kept = [word for word in words if not is_build_only(tree, word)]
    return text if kept == words else ' '.join(kept)


def rewrite_makefile(tree: Tree) -> None:
    path = tree.config / 'Makefile'
    text = path.read_text(encoding='utf-8')
    found = re.search(r'^CONFIG_ARGS=\s*(.*)$', text, re.M)
    if found is None:
        raise FinishError(f'{path} has no CONFIG_ARGS')
    recorded = recorded_variables(tree, found[1])
    seen = set()

    def assignment(match: re.Match[str]) -> str:
        name, sign, value = match['name'], match['sign'], match['value']
        if name in recorded:
            seen.add(name)
            return f'{name}{sign}{recorded[name]}'
        value = without_build_flags(tree, value)
        # The compiler's own folder, as configure found it.
        value = re.sub(r'(?:/usr/lib/llvm-\d+|/tools)/bin/', '', value)
        return f'{name}{sign}{value}'

    text = re.sub(
        r'^(?P<name>[A-Za-z_]\w*)(?P<sign>[ \t]*=[ \t]*)(?P<value>.*)$', assignment, text, flags=re.M
    )
    missing = recorded.keys() - seen - {'READELF'}
    if missing:
        raise FinishError(f'{path} does not assign {sorted(missing)}')
    write_text(path, text)


def python_literal(value: str | int, key: str) -> str:
    """A literal that the strict readers of other tools understand: no escape but these two."""
    if isinstance(value, int) and value >= 0:
        return str(value)
    if not isinstance(value, str) or re.search(r'[^ -~]', value):
        raise FinishError(f'_sysconfigdata: {key} is {value!r}, wanted a printable text or a natural number')
    return "'" + value.replace('\\', '\\\\').replace("'", "\\'") + "'"


def rewrite_sysconfig_data(tree: Tree) -> None:
    """Writes _sysconfigdata and _sysconfig_vars again, from the Makefile and pyconfig.h as they are installed now."""
    path = next(tree.stdlib.glob('_sysconfigdata_*.py'))
    old = runpy_vars(path)
    new: dict[str, str | int] = {}
    _parse_makefile(str(tree.config / 'Makefile'), new)
    with open(tree.install / 'include' / tree.name / 'pyconfig.h', encoding='utf-8') as stream:
        sysconfig.parse_config_h(stream, new)
    new['BLDSHARED'] = new['LDSHARED']
    if old.keys() != new.keys():
        raise FinishError(f'_sysconfigdata: keys changed: {sorted(old.keys() ^ new.keys())}')
    # By this, uv knows a Python that may lie in any folder.
    new['PYTHON_BUILD_STANDALONE'] = 1
    lines = [f'    {python_literal(key, key)}: {python_literal(new[key], key)},\n' for key in sorted(new)]
    write_text(
        path,
        '# system configuration generated and used by the sysconfig module\n'
        'build_time_vars = {\n' + ''.join(lines) + '}\n',
    )
    for json_path in tree.stdlib.glob('_sysconfig_vars_*.json'):
        data = json.loads(json_path.read_text(encoding='utf-8'))
        data.update({key: new[key] for key in new if key not in old or data.get(key) == old[key]})
        # It would be the home of whoever built this; sysconfig works it out at run time.
        data.pop('userbase', None)
        write_text(json_path, json.dumps(data, indent=2, sort_keys=True) + '\n')


def runpy_vars(path: Path) -> dict[str, str | int]:
    module: dict[str, dict[str, str | int]] = {}
    exec(path.read_text(encoding='utf-8'), module)
    return module['build_time_vars']


def rewrite_build_details(tree: Tree, source: Path) -> None:
    """PEP 739 allows paths relative to the file: they stay true when the tree is moved.

    Archives for installers have no static library. Their own form of a file has the same name in `install_only`, beside
    the tree.
    """
    path = tree.stdlib / 'build-details.json'
    if not path.exists():  # 3.13 and older
        return
    generator = load_module(source / 'Tools' / 'build' / 'generate-build-details.py')
    data = json.loads(path.read_text(encoding='utf-8'))
    generator.make_paths_relative(data)
    data['base_prefix'] = os.path.relpath(tree.install, path.parent)
    write_text(path, json.dumps(data, indent=2) + '\n')
    del data['libpython']['static']
    own_form = OWN_FORMS / path.relative_to(tree.install)
    own_form.parent.mkdir(parents=True)
    write_text(own_form, json.dumps(data, indent=2) + '\n')


def load_module(path: Path) -> types.ModuleType:
    spec = importlib.util.spec_from_file_location('loaded', path)
    if spec is None or spec.loader is None:
        raise FinishError(f'cannot load {path}')
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def rewrite_python_config(tree: Tree) -> None:
    path = tree.bin / f'{tree.name}-config'
    text = path.read_text(encoding='utf-8')
    text, count = re.subn(r'^CFLAGS=\$\(echo "[^"]*"', 'CFLAGS=$(echo ""', text, flags=re.M)
    if count != 1:
        raise FinishError(f'{path} does not set CFLAGS as expected')
    text = re.sub(
        r'^(BASECFLAGS|OPT)="([^"]*)"$',
        lambda match: f'{match[1]}="{without_build_flags(tree, match[2])}"',
        text,
        flags=re.M,
    )
    write_text(path, text)


def rewrite_pkg_config(tree: Tree) -> None:
    for path in sorted((tree.lib / 'pkgconfig').glob('*.pc')):
        if path.is_symlink():
            continue
        # In quotes: the old pkg-config splits at the blanks of a prefix.
        text, count = re.subn(
            rf'^prefix={PREFIX}$', 'prefix="${pcfiledir}/../.."', path.read_text(encoding='utf-8'), flags=re.M
        )
        if count != 1:
            raise FinishError(f'{path} has no line prefix={PREFIX}')
        write_text(path, text)


# Scripts ------------------------------------------------------------------------------------------------------------

def launcher(script: Path, interpreter: Path) -> str:
    """First lines of a script for which the interpreter at a fixed place beside it is found, wherever both are.

    A shell sees the command `:` and then `exec`, Python sees a string. The kernel gives the shell the script's path
    as $0; links to the script are followed, and blanks in the path do no harm.
    """
    relative = os.path.relpath(interpreter, script.parent)
    return (
        '#!/bin/sh\n'
        '""":"\n'
        f'exec "$(dirname -- "$(readlink -f -- "$0")")/{relative}" "$0" "$@"\n'
        '"""\n'
    )


def rewrite_shebangs(tree: Tree) -> None:
    interpreter = tree.bin / tree.name
    for path in tree.files():
        if path.is_symlink():
            continue
        with open(path, 'rb') as stream:
            if stream.read(2) != b'#!':
                continue
            shebang = stream.readline().strip().decode()
            rest = stream.read()
        if shebang.startswith(PREFIX):
            write_text(path, launcher(path, interpreter) + rest.decode())
            path.chmod(0o755)
        elif shebang == '/usr/local/bin/python':  # cgi.py, which nothing but 3.12 and older have
            write_text(path, '#!/usr/bin/env python3\n' + rest.decode())
        elif not re.match(r'/bin/(ba)?sh\b|/usr/bin/env (bash|python3?(\.\d+)?)\b', shebang) and path.parent == tree.bin:
            raise FinishError(f'{path} starts with #!{shebang}: this script does not know how to move it')


# pip ----------------------------------------------------------------------------------------------------------------

def install_wheels(tree: Tree, source: Path) -> None:
    """Installs what ensurepip would: pip, and up to 3.11 setuptools."""
    for wheel in sorted((source / 'Lib' / 'ensurepip' / '_bundled').glob('*.whl')):
        install_wheel(tree, wheel)


def install_wheel(tree: Tree, wheel_path: Path) -> None:
    """Unpacks a wheel that CPython carries, as pip itself would, but without direct_url.json and .pyc files."""
    site_packages = tree.stdlib / 'site-packages'
    name, version, *_ = wheel_path.name.split('-')
    info = site_packages / f'{name}-{version}.dist-info'
    written: list[Path] = []
    with zipfile.ZipFile(wheel_path) as wheel:
        for member in wheel.namelist():
            if not member.endswith('/'):
                target = site_packages / member
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(wheel.read(member))
                written.append(target)
    if name == 'pip':
        written += write_pip_scripts(tree, info)
    for file, text in (('INSTALLER', 'pip\n'), ('REQUESTED', '')):
        write_text(info / file, text)
        written.append(info / file)
    write_record(site_packages, info / 'RECORD', written)


def write_pip_scripts(tree: Tree, info: Path) -> Iterator[Path]:
    entry_points = configparser.ConfigParser(delimiters=('=',))
    entry_points.read(info / 'entry_points.txt', encoding='utf-8')
    module, function = entry_points['console_scripts']['pip'].split(':')
    for name in ('pip', 'pip3', f'pip{tree.version}'):
        script = tree.bin / name
        body = (
            'import sys\n'
            f'from {module} import {function}\n'
            "if __name__ == '__main__':\n"
            f'    sys.exit({function}())\n'
        )
        write_text(script, launcher(script, tree.bin / tree.name) + body)
        script.chmod(0o755)
        yield script


def write_record(site_packages: Path, record: Path, files: list[Path]) -> None:
    rows = {os.path.relpath(record, site_packages): ('', '')}
    for path in files:
        if path != record:
            content = path.read_bytes()
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b'=').decode()
            rows[os.path.relpath(path, site_packages)] = (f'sha256={digest}', str(len(content)))
    stream = io.StringIO(newline='')
    csv.writer(stream, lineterminator='\n').writerows((name, *rows[name]) for name in sorted(rows))
    write_text(record, stream.getvalue())


# Links, data --------------------------------------------------------------------------------------------------------

def link(path: Path, target: str) -> None:
    path.unlink(missing_ok=True)
    path.symlink_to(target)


def make_links(tree: Tree) -> None:
    for short in ('python', 'python3', f'python{tree.version}'):
        # The last one is a hard link when there are ABI flags, and the interpreter itself when there are none.
        if short != tree.name:
            link(tree.bin / short, tree.name)
    archive = f'lib{tree.name}.a'
    link(tree.lib / archive, os.path.relpath(tree.config / archive, tree.lib))
    (tree.stdlib / 'lib-dynload' / '.empty').touch()  # Python complains when the folder is not there.


def copy_debugger_commands(tree: Tree, source: Path) -> None:
    """gdb loads PROGRAM-gdb.py with the program: py-bt, py-locals, and how it prints objects."""
    text = (source / 'Tools' / 'gdb' / 'libpython.py').read_text(encoding='utf-8')
    text = re.sub(r'^#!.*\n', '', text)  # gdb reads it, nobody runs it
    for program in (tree.bin / tree.name, *tree.lib.glob(f'lib{tree.name}.so.*')):
        write_text(program.with_name(f'{program.name}-gdb.py'), text)


def copy_terminfo(tree: Tree, terminfo: Path) -> None:
    """Links stay links, hard links become files; one that leads out of the folder or in a circle is an error."""
    target = tree.install / 'share' / 'terminfo'
    shutil.copytree(terminfo, target, symlinks=True)
    for path in target.rglob('*'):
        if path.is_symlink() and not path.resolve(strict=True).is_relative_to(target.resolve()):
            raise FinishError(f'{path} leads out of the terminfo folder')


# The result ---------------------------------------------------------------------------------------------------------

def remove_bytecode(tree: Tree) -> None:
    for folder in [path for path in tree.install.rglob('__pycache__') if path.is_dir()]:
        shutil.rmtree(folder)


def check(tree: Tree) -> None:
    """Fails for a path of this build in a text that describes the interpreter, or a flag that others may refuse."""
    wrong: list[str] = []
    described = [
        *tree.stdlib.glob('_sysconfig*'),
        *tree.stdlib.glob('build-details.json'),
        *tree.config.iterdir(),
        *tree.bin.iterdir(),
        *(tree.lib / 'pkgconfig').iterdir(),
        *(tree.install / 'include').rglob('pyconfig.h'),
        *(tree.stdlib / 'site-packages').rglob('*.dist-info/*'),
    ]
    for path in described:
        if path.is_symlink() or not path.is_file():
            continue
        try:
            text = path.read_text(encoding='utf-8')
        except UnicodeDecodeError:
            continue
        wrong += [
            f'{path}:{number}: {match[0]}'
            for number, line in enumerate(text.splitlines(), 1)
            if (match := BUILD_PATH.search(line)) is not None
        ]
    variables = runpy_vars(next(tree.stdlib.glob('_sysconfigdata_*.py')))
    for key, value in variables.items():
        words = value.split() if isinstance(value, str) else []
        wrong += [f'_sysconfigdata: {key}: {word}' for word in words if is_build_only(tree, word)]
        wrong += [f'_sysconfigdata: {key}: {word}' for word in words if re.search(r'\b(clang|lld)\b', word)]
    for path in tree.files():
        if not path.is_symlink() and stat.S_ISREG(path.stat().st_mode):
            with open(path, 'rb') as stream:
                if re.match(rb'#! *(/install|/build|/out)', stream.read(20)):
                    wrong.append(f'{path}: shebang')
    if wrong:
        raise FinishError('left over from the build:\n  ' + '\n  '.join(sorted(wrong)))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument('--source', type=Path, required=True)
    parser.add_argument('--install', type=Path, required=True)
    parser.add_argument('--terminfo', type=Path, required=True)
    options = parser.parse_args()
    tree = Tree(options.install)
    rewrite_makefile(tree)
    rewrite_sysconfig_data(tree)
    rewrite_build_details(tree, options.source)
    rewrite_python_config(tree)
    rewrite_pkg_config(tree)
    rewrite_shebangs(tree)
    install_wheels(tree, options.source)
    make_links(tree)
    copy_debugger_commands(tree, options.source)
    copy_terminfo(tree, options.terminfo)
    remove_bytecode(tree)
    check(tree)


if __name__ == '__main__':
    try:
        main()
    except FinishError as error:
        sys.exit(f'error: {error}')
