"""What the scripts of this folder share: where files go and how numbers are printed. Import it first.

Float32 values are printed with nine significant digits, which is enough for every Float32 to come back exactly.
Float64 values are printed in full. Lists of numbers stay on one line, one row of a matrix per line.
"""
import argparse
import json
import os
import sys

os.environ.setdefault('OMP_NUM_THREADS', '1')

folder = os.path.dirname(os.path.abspath(__file__))
repository = os.path.dirname(os.path.dirname(folder))
golden = os.path.join(repository, 'Tests', 'Golden')
resources = os.path.join(repository, 'Sources', 'GraftReproduction', 'Resources')

# A script's own folder is searched first, and statistics.py would hide the standard library's module of that name.
sys.path[:] = [p for p in sys.path if os.path.abspath(p or '.') != folder]


def arguments(description, default, *positional):
    """The command line: the named positional arguments and --out."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, text in positional:
        parser.add_argument(name, help=text)
    parser.add_argument('--out', default=default, help='the JSON file to write (default: %(default)s)')
    return parser.parse_args()


def float32(values):
    """Float32 numbers (an array, a tensor, a scalar) as nested lists that round-trip through nine digits."""
    import numpy as np
    array = np.asarray(values)
    assert array.dtype == np.float32, array.dtype
    if array.ndim:
        return [float32(v) for v in array]
    printed = float('%.9g' % array)
    assert np.float32(printed) == array, 'not a round trip'
    return printed


def text(value, indent=0):
    pad = ' ' * (indent + 1)
    if isinstance(value, dict) and value:
        flat = json.dumps(value, ensure_ascii=False, allow_nan=False)
        if len(flat) <= 150 and not any(isinstance(v, (dict, list)) for v in value.values()):
            return flat
        rows = [f'{pad}{json.dumps(k, ensure_ascii=False)}: {text(v, indent + 1)}' for k, v in value.items()]
        return '{\n' + ',\n'.join(rows) + '\n' + ' ' * indent + '}'
    if isinstance(value, list) and any(isinstance(v, (dict, list)) for v in value):
        return '[\n' + ',\n'.join(pad + text(v, indent + 1) for v in value) + '\n' + ' ' * indent + ']'
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def write(path, value):
    os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
    with open(path, 'w', encoding='utf-8') as file:
        file.write(text(value) + '\n')
    with open(path, encoding='utf-8') as file:
        assert json.load(file) == value, 'the file does not hold what was written'
    print(f'{path}: {os.path.getsize(path):,} bytes')
