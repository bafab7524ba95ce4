"""Writes down what the finished interpreter is, for PYTHON.json, and checks which extension modules it has.

All of it is read from files of the installation and of the source, so that it may be built for another machine than this
one. The stage `smoke/...` runs the interpreter and compares.

Usage: collect.py --source SOURCE --install INSTALL --expected MODULES_JSON --output FOLDER
"""

import argparse
import ast
import json
import re
import sys
from pathlib import Path
from typing import TypedDict

# A Python package of the standard library that holds nothing but its tests; not each version has each.
TEST_PACKAGES = (
    'bsddb.test',
    'ctypes.test',
    'distutils.tests',
    'email.test',
    'idlelib.idle_test',
    'json.tests',
    'lib-tk.test',
    'lib2to3.tests',
    'sqlite3.test',
    'test',
    'tkinter.test',
    'unittest.test',
)
RELEASE_LEVELS = {0xA: 'alpha', 0xB: 'beta', 0xC: 'candidate', 0xF: 'final'}


class CollectError(Exception):
    """Something in the source or in the installation is not as this script expects it."""


class ExpectedModule(TypedDict):
    """An entry of modules.json, as far as it is used here."""

    name: str
    linkage: str
    dependencies: list[str]


class Macros:
    """The `#define` lines of C headers, as texts; the last one of a name counts."""

    def __init__(self, *headers: Path) -> None:
        self.values: dict[str, str] = {}
        for header in headers:
            text = header.read_text(encoding='utf-8')
            for found in re.finditer(r'^[ \t]*#[ \t]*define[ \t]+(\w+)(?:[ \t]+(.*?))?[ \t]*(?:/\*.*)?$', text, re.M):
                self.values[found[1]] = found[2] or ''

    def number(self, name: str) -> int:
        """The value of a macro that is a number, or another macro that is one."""
        value = self.values[name]
        return self.number(value) if value in self.values else int(value, 0)

    def text(self, name: str) -> str:
        return str(ast.literal_eval(self.values[name]))


class Interpreter:
    """An installation, the source that it was built from, and the variables that its sysconfig has recorded."""

    def __init__(self, source: Path, install: Path) -> None:
        self.source = source
        self.install = install
        self.version = Macros(source / 'Include' / 'patchlevel.h')
        (data,) = install.glob('lib/python3.*/_sysconfigdata_*.py')
        module: dict[str, dict[str, str | int]] = {}
        exec(data.read_text(encoding='utf-8'), module)
        self.variables = module['build_time_vars']
        self.stdlib = data.parent
        self.prefix = str(self.variables['prefix'])
        self.abi_flags = str(self.variables['ABIFLAGS'])
        major, minor = (self.version.number(f'PY_{part}_VERSION') for part in ('MAJOR', 'MINOR'))
        self.short_version = f'{major}.{minor}'
        self.tag = f'{major}{minor}'
        sysconfig = self.stdlib / 'sysconfig' / '__init__.py'
        if not sysconfig.exists():  # 3.12 and older
            sysconfig = self.stdlib / 'sysconfig.py'
        self.sysconfig = sysconfig.read_text(encoding='utf-8')

    def computed_variables(self) -> dict[str, str]:
        """What sysconfig adds to the recorded variables when it is asked; not each version adds each."""
        added = set(re.findall(r"\b_CONFIG_VARS\['(\w+)'\] = ", self.sysconfig))
        values = {
            'abi_thread': 't' if 't' in self.abi_flags else '',
            'abiflags': self.abi_flags,
            'base': self.prefix,
            'implementation': 'Python',
            'implementation_lower': 'python',
            'installed_base': self.prefix,
            'installed_platbase': self.prefix,
            'platbase': self.prefix,
            'platlibdir': str(self.variables['PLATLIBDIR']),
            'projectbase': f'{self.prefix}/bin',
            'py_version': self.version.text('PY_VERSION').rstrip('+'),
            'py_version_nodot': self.tag,
            'py_version_nodot_plat': '',
            'py_version_short': self.short_version,
            'srcdir': str(self.variables['LIBPL']),
        }
        return {name: value for name, value in values.items() if name in added}

    def abstract_paths(self) -> dict[str, str]:
        """The scheme that sysconfig uses on Linux."""
        for node in ast.parse(self.sysconfig).body:
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == '_INSTALL_SCHEMES':
                scheme: dict[str, str] = ast.literal_eval(node.value)['posix_prefix']
                return scheme
        raise CollectError('sysconfig has no _INSTALL_SCHEMES')

    def paths(self) -> dict[str, str]:
        """Install paths relative to the folder that holds `install/`."""
        variables = self.computed_variables()
        return {
            name: 'install' + path.format(**variables).removeprefix(self.prefix)
            for name, path in self.abstract_paths().items()
        }

    def platform(self) -> str:
        machine = str(self.variables['HOST_GNU_TYPE']).split('-')[0]
        return f'{self.variables["MACHDEP"]}-{machine}'

    def hex_version(self) -> int:
        parts = ('MAJOR_VERSION', 'MINOR_VERSION', 'MICRO_VERSION')
        major, minor, micro = (self.version.number(f'PY_{part}') for part in parts)
        level, serial = (self.version.number(f'PY_RELEASE_{part}') for part in ('LEVEL', 'SERIAL'))
        return major << 24 | minor << 16 | micro << 8 | level << 4 | serial

    def version_parts(self) -> list[str]:
        number = self.hex_version()
        numbers = [str(number >> shift & 0xFF) for shift in (24, 16, 8)]
        return [*numbers, RELEASE_LEVELS[number >> 4 & 0xF], str(number & 0xF)]

    def magic_number(self) -> bytes:
        header = self.source / 'Include' / 'internal' / 'pycore_magic_number.h'
        if header.exists():
            number = Macros(header).number('PYC_MAGIC_NUMBER')
        else:  # 3.13 and older
            text = (self.stdlib / 'importlib' / '_bootstrap_external.py').read_text(encoding='utf-8')
            (found,) = re.findall(r'^MAGIC_NUMBER = \((\d+)\)\.to_bytes', text, re.M)
            number = int(found)
        return number.to_bytes(2, 'little') + b'\r\n'

    def extension_suffixes(self) -> list[str]:
        """The table in the source of what loads extension modules, as the preprocessor leaves it."""
        headers = ('Include/modsupport.h', 'Include/patchlevel.h', 'pyconfig.h')
        macros = Macros(*(self.source / header for header in headers)).values
        macros['SOABI'] = f'"{self.variables["SOABI"]}"'
        if self.variables.get('ALT_SOABI'):
            macros['ALT_SOABI'] = str(self.variables['ALT_SOABI'])
        text = (self.source / 'Python' / 'dynload_shlib.c').read_text(encoding='utf-8')
        table = text.partition('_PyImport_DynLoadFiletab[] = {')[2].partition('};')[0]
        suffixes, conditions = [], []
        for line in re.sub(r'/\*.*?\*/', '', table).splitlines():
            word, *rest = line.split() or ['']
            if word in ('#ifdef', '#ifndef'):
                conditions.append((rest[0] in macros) == (word == '#ifdef'))
            elif word == '#else':
                conditions[-1] = not conditions[-1]
            elif word == '#endif':
                conditions.pop()
            elif all(conditions) and word.startswith('"'):
                pieces = [macros.get(piece, piece) for piece in line.strip().rstrip(',').split()]
                suffixes.append(''.join(ast.literal_eval(piece) for piece in pieces))
        return suffixes

    def builtin_modules(self) -> list[str]:
        """The inittab that was linked in."""
        text = (self.source / 'Modules' / 'config.c').read_text(encoding='utf-8')
        table = text.partition('_PyImport_Inittab[] = {')[2].partition('\n};')[0]
        return sorted(re.findall(r'^\s*\{"(\w+)",', table, re.M))

    def shared_modules(self) -> list[str]:
        """The modules in lib-dynload."""
        suffix = str(self.variables['EXT_SUFFIX'])
        return sorted(path.name.removesuffix(suffix) for path in self.stdlib.glob(f'lib-dynload/*{suffix}'))

    def test_packages(self) -> list[str]:
        return [name for name in TEST_PACKAGES if (self.stdlib / name.replace('.', '/')).is_dir()]


def built_modules(expected: list[ExpectedModule], interpreter: Interpreter) -> dict[str, str]:
    """Name to `core`, `static` or `shared`. Only the expected list knows which built-in modules are the core's."""
    core = {module['name'] for module in expected if module['linkage'] == 'core'}
    builtin = {name: 'core' if name in core else 'static' for name in interpreter.builtin_modules()}
    return {**builtin, **dict.fromkeys(interpreter.shared_modules(), 'shared')}


def differences(expected: list[ExpectedModule], built: dict[str, str]) -> list[str]:
    messages = []
    for module in expected:
        got = built.get(module['name'])
        if got is None:
            needed = ', '.join(module['dependencies'])
            reason = f'it needs {needed}' if needed else 'it needs no library'
            messages.append(f'extension module {module["name"]} was not built: {reason}')
        elif got != module['linkage']:
            messages.append(f'extension module {module["name"]} is {got}, wanted {module["linkage"]}')
    names = {module['name'] for module in expected}
    return messages + [
        f'extension module {name} is not in static-modules/' for name in sorted(built) if name not in names
    ]


def runtime(interpreter: Interpreter) -> dict[str, object]:
    variables = {**interpreter.variables, **interpreter.computed_variables()}
    minor, tag = interpreter.short_version, interpreter.tag
    return {
        'python_tag': f'cp{tag}',
        'python_abi_tag': interpreter.abi_flags,
        'python_platform_tag': interpreter.platform(),
        'python_implementation_name': 'cpython',
        'python_implementation_cache_tag': f'cpython-{tag}',
        'python_implementation_hex_version': interpreter.hex_version(),
        'python_implementation_version': interpreter.version_parts(),
        'python_version': interpreter.version.text('PY_VERSION'),
        'python_major_minor_version': minor,
        'python_exe': f'install/bin/python{minor}{interpreter.abi_flags}',
        'python_paths': interpreter.paths(),
        'python_paths_abstract': interpreter.abstract_paths(),
        'python_config_vars': {key: str(variables[key]) for key in sorted(variables)},
        'python_stdlib_platform_config': 'install' + str(variables['LIBPL']).removeprefix(interpreter.prefix),
        'python_stdlib_test_packages': interpreter.test_packages(),
        'python_suffixes': {
            'bytecode': ['.pyc'],
            'debug_bytecode': ['.pyc'],
            'optimized_bytecode': ['.pyc'],
            'source': ['.py'],
            'extension': interpreter.extension_suffixes(),
        },
        'python_bytecode_magic_number': interpreter.magic_number().hex(),
        'builtin_module_names': interpreter.builtin_modules(),
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument('--source', type=Path, required=True)
    parser.add_argument('--install', type=Path, required=True)
    parser.add_argument('--expected', type=Path, required=True)
    parser.add_argument('--output', type=Path, required=True)
    options = parser.parse_args()
    interpreter = Interpreter(options.source, options.install)
    expected: list[ExpectedModule] = json.loads(options.expected.read_text(encoding='utf-8'))
    wrong = differences(expected, built_modules(expected, interpreter))
    if wrong:
        raise CollectError(
            'the extension modules are not those of static-modules/:\n  '
            + '\n  '.join(wrong)
            + '\n  What the compiler or configure said is in this log and in config.log of the stage\'s work folder.'
        )
    text = json.dumps(runtime(interpreter), indent=2, sort_keys=True)
    (options.output / 'runtime.json').write_text(text + '\n', encoding='utf-8')


if __name__ == '__main__':
    try:
        main()
    except CollectError as error:
        sys.exit(f'error: {error}')
