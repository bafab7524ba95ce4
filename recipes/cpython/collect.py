"""Writes down what the finished interpreter says about itself, for PYTHON.json, and checks its extension modules.

Usage: collect.py --install INSTALL --expected MODULES_JSON --output FOLDER
"""

import argparse
import importlib.machinery
import importlib.util
import json
import re
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import TypedDict

PREFIX = '/install'
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


class ExpectedModule(TypedDict):
    """An entry of modules.json, as far as it is used here."""

    name: str
    linkage: str
    dependencies: list[str]


def recorded(text: str, install: Path) -> str:
    """The text with the prefix that the distribution records instead of the place where it lies now."""
    return re.sub(rf'(?<![\w./-]){re.escape(str(install))}(?![\w.-])', PREFIX, text)


def paths(install: Path) -> dict[str, str]:
    """Install paths relative to the folder that holds `install/`."""
    return {
        name: f'install{path.removeprefix(str(install))}' for name, path in sysconfig.get_paths().items()
    }


def config_vars(install: Path) -> dict[str, str]:
    variables = sysconfig.get_config_vars()
    # The home of whoever runs this is no property of the distribution.
    return {key: recorded(str(variables[key]), install) for key in sorted(variables) if key != 'userbase'}


def shared_modules(install: Path) -> dict[str, str]:
    """Name to file, relative to the folder that holds `install/`, of each module in lib-dynload."""
    suffix = sysconfig.get_config_var('EXT_SUFFIX')
    folder = Path(sysconfig.get_path('platstdlib')) / 'lib-dynload'
    return {
        path.name.removesuffix(suffix): f'install/{path.relative_to(install)}'
        for path in sorted(folder.glob(f'*{suffix}'))
    }


def built_modules(expected: list[ExpectedModule], install: Path) -> dict[str, str]:
    """Name to `core`, `static` or `shared`. Only the expected list knows which built-in modules are the core's."""
    core = {module['name'] for module in expected if module['linkage'] == 'core'}
    builtin = {name: 'core' if name in core else 'static' for name in sys.builtin_module_names}
    shared = dict.fromkeys(shared_modules(install), 'shared')
    return dict(sorted({**builtin, **shared}.items()))


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
    messages += [f'extension module {name} is not in static-modules/' for name in built if name not in names]
    return messages


def test_packages() -> list[str]:
    stdlib = Path(sysconfig.get_path('stdlib'))
    return [name for name in TEST_PACKAGES if (stdlib / name.replace('.', '/')).is_dir()]


def runtime(install: Path) -> dict[str, object]:
    info = sys.version_info
    minor = f'{info.major}.{info.minor}'
    config_folder = Path(sysconfig.get_config_var('LIBPL'))
    return {
        'python_tag': f'cp{info.major}{info.minor}',
        'python_abi_tag': sys.abiflags,
        'python_platform_tag': sysconfig.get_platform(),
        'python_implementation_name': sys.implementation.name,
        'python_implementation_cache_tag': sys.implementation.cache_tag,
        'python_implementation_hex_version': sys.implementation.hexversion,
        'python_implementation_version': [str(part) for part in sys.implementation.version],
        'python_version': sys.version.split()[0],
        'python_major_minor_version': minor,
        'python_exe': f'install/bin/python{minor}{sys.abiflags}',
        'python_paths': paths(install),
        'python_paths_abstract': sysconfig.get_paths(expand=False),
        'python_config_vars': config_vars(install),
        'python_stdlib_platform_config': f'install/{config_folder.relative_to(install)}',
        'python_stdlib_test_packages': test_packages(),
        'python_suffixes': {
            'bytecode': importlib.machinery.BYTECODE_SUFFIXES,
            'debug_bytecode': importlib.machinery.BYTECODE_SUFFIXES,
            'optimized_bytecode': importlib.machinery.BYTECODE_SUFFIXES,
            'source': importlib.machinery.SOURCE_SUFFIXES,
            'extension': importlib.machinery.EXTENSION_SUFFIXES,
        },
        'python_bytecode_magic_number': importlib.util.MAGIC_NUMBER.hex(),
        'builtin_module_names': sorted(sys.builtin_module_names),
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument('--install', type=Path, required=True)
    parser.add_argument('--expected', type=Path, required=True)
    parser.add_argument('--output', type=Path, required=True)
    options = parser.parse_args()
    if Path(sys.prefix) != options.install:
        sys.exit(f'error: the interpreter finds its prefix at {sys.prefix}, wanted {options.install}')
    expected: list[ExpectedModule] = json.loads(options.expected.read_text(encoding='utf-8'))
    built = built_modules(expected, options.install)
    wrong = differences(expected, built)
    if wrong:
        sys.exit(
            'error: the extension modules are not those of static-modules/:\n  '
            + '\n  '.join(wrong)
            + '\n  What the compiler or configure said is in this log and in config.log of the stage\'s work folder.'
        )
    broken = import_failures(built)
    if broken:
        sys.exit('error: extension modules that do not import:\n  ' + '\n  '.join(broken))
    text = json.dumps(runtime(options.install), indent=2, sort_keys=True)
    (options.output / 'runtime.json').write_text(text + '\n', encoding='utf-8')


def import_failures(built: dict[str, str]) -> list[str]:
    """Each module in a process of its own: some test modules do not go together."""
    failures = []
    for name in built:
        result = subprocess.run(
            [sys.executable, '-I', '-B', '-c', f'import {name}'], capture_output=True, text=True, check=False
        )
        if result.returncode != 0:
            failures.append(f'{name}: {result.stderr.strip().splitlines()[-1:] or result.returncode}')
    return failures


if __name__ == '__main__':
    main()
