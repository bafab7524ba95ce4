"""Runs the finished interpreter: it must say of itself what PYTHON.json says, and import every extension module.

What is compared was read from files by collect.py, which has run nothing.

Usage: smoke.py --install INSTALL --runtime RUNTIME_JSON --expected MODULES_JSON
"""

import argparse
import importlib
import importlib.machinery
import importlib.util
import json
import os
import re
import sys
import sysconfig
from pathlib import Path

PREFIX = '/install'


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


def differences(name: str, recorded_value: object, told: object) -> list[str]:
    if recorded_value == told:
        return []
    if isinstance(recorded_value, dict) and isinstance(told, dict):
        return [
            line
            for key in sorted(recorded_value.keys() | told.keys())
            for line in differences(f'{name}, {key}', recorded_value.get(key), told.get(key))
        ]
    if isinstance(recorded_value, list) and isinstance(told, list) and set(recorded_value) != set(told):
        more, less = sorted(set(told) - set(recorded_value)), sorted(set(recorded_value) - set(told))
        return [f'{name}: has {more} and lacks {less} of what is recorded']
    return [f'{name}: {told!r}, recorded is {recorded_value!r}']


def import_failures(names: list[str]) -> list[str]:
    """Each module in a process of its own: some test modules do not go together. The process ends as any other."""
    failures = []
    for name in names:
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.dup2(writer, 2)
            os.close(reader)
            os.close(writer)
            importlib.import_module(name)
            sys.exit()
        os.close(writer)
        with open(reader, encoding='utf-8', errors='replace') as stream:
            said = stream.read()
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if status != 0:
            failures.append(f'{name}: {said.strip().splitlines()[-1:] or status}')
    return failures


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument('--install', type=Path, required=True)
    parser.add_argument('--runtime', type=Path, required=True)
    parser.add_argument('--expected', type=Path, required=True)
    options = parser.parse_args()
    if Path(sys.prefix) != options.install:
        sys.exit(f'error: the interpreter finds its prefix at {sys.prefix}, wanted {options.install}')
    facts = json.loads(options.runtime.read_text(encoding='utf-8'))
    wrong = [
        line
        for name, told in runtime(options.install).items()
        for line in differences(name, facts.get(name), told)
    ]
    if wrong:
        sys.exit('error: the interpreter says of itself what PYTHON.json does not:\n  ' + '\n  '.join(wrong))
    names = sorted(module['name'] for module in json.loads(options.expected.read_text(encoding='utf-8')))
    broken = import_failures(names)
    if broken:
        sys.exit('error: extension modules that do not import:\n  ' + '\n  '.join(broken))
    print('\n'.join(names))


if __name__ == '__main__':
    main()
