"""Judges whether a frozen profile is one of the source that was compiled.

The compiler leaves a function without its profile if the control flow is another one than that of the training. Few such
functions cost nothing that can be measured. If more than 2 % of the hot ones are without it, this fails.

Usage: match_profile.py --functions FUNCTIONS_TSV --diagnostics FOLDER --output JSON --train-again COMMAND
"""

import argparse
import json
import re
import sys
from pathlib import Path

# The most executed functions that together have this share of all counts are hot.
HOT_SHARE = 0.99
# The share of hot functions that may be without their profile.
MAY_MISMATCH = 0.02
SHOWN = 20


def hot_functions(counts: dict[str, int]) -> set[str]:
    """The names of the hot functions, of counts in falling order."""
    rest = HOT_SHARE * sum(counts.values())
    hot = set()
    for name, count in counts.items():
        if rest <= 0:
            break
        hot.add(name)
        rest -= count
    return hot


def mismatches(log: str) -> set[tuple[str, str]]:
    """File and name of each function that clang left without its profile, from its log (-diagnostic-log-file)."""
    pattern = r'<string>([^<:]+): (?:function control flow change detected \(hash mismatch\)|Inconsistent number of counts in) ([^\s:]+)'
    return set(re.findall(pattern, log))


def profile_names(found: set[tuple[str, str]], counts: dict[str, int]) -> set[str]:
    """The names that functions have in the profile: static ones with their file."""
    return {static if (static := f'{file};{name}') in counts else name for file, name in found}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument('--functions', type=Path, required=True)
    parser.add_argument('--diagnostics', type=Path, required=True)
    parser.add_argument('--output', type=Path, required=True)
    parser.add_argument('--train-again', required=True, help='the command that makes the profile')
    options = parser.parse_args()
    rows = (line.split('\t') for line in options.functions.read_text(encoding='utf-8').splitlines())
    counts = {name: int(count) for count, name in rows}
    logs = [path.read_text(encoding='utf-8') for path in sorted(options.diagnostics.iterdir())]
    without = profile_names({pair for log in logs for pair in mismatches(log)}, counts)
    hot = hot_functions(counts)
    if not hot:
        sys.exit(f'error: the profile counts no function: expected some in {options.functions}.\n  train again: {options.train_again}')
    lost = sorted(without & hot, key=lambda name: -counts[name])
    text = f'{len(lost)} of {len(hot)} hot functions are not those of the profile, {len(without)} of all {len(counts)}'
    print(text)
    for name in lost[:SHOWN]:
        print(f'  {name}')
    if len(lost) > MAY_MISMATCH * len(hot):
        sys.exit(f'error: {text}: at most {MAY_MISMATCH:.0%} of the hot ones may be others.\n  train again: {options.train_again}')
    result = {'functions': len(counts), 'mismatched': len(without), 'hot': len(hot), 'hot_mismatched': len(lost)}
    options.output.write_text(json.dumps(result) + '\n', encoding='utf-8')


if __name__ == '__main__':
    main()
