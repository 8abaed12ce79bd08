"""Checks a checkpoint that Graft wrote against its own logits, with the safetensors package and NumPy alone.

    OMP_NUM_THREADS=1 python Scripts/golden/check_checkpoint.py FILE IMAGES.idx.gz --logits LOGITS.json
    ... --count 100 --out EXPECTED.json      writes NumPy's logits (Float64, rounded to Float32) instead of comparing

FILE holds Float32 tensors NAME.weight [outputs, inputs] and NAME.bias [outputs], where the names differ in a number that
gives the order (fc1, fc2, ...; one layer may have no number). IMAGES is an IDX file of bytes, gzipped or not. LOGITS.json
is {"logits": [[...], ...]}: one row per image, for the first images of the file. Images divided by 255 go through
Linear, ReLU, ..., Linear, once in Float32 and once in Float64; both largest absolute differences are printed, and the
one against Float64 decides: above --tolerance (1e-5) the exit status is 1. A file or shape that does not fit ends with 2.
Needs numpy and safetensors.
"""
import common
import argparse
import gzip
import json
import re
import sys
import zlib
import numpy as np
from safetensors import safe_open
from safetensors.numpy import load_file


def fail(message):
    print(f'check_checkpoint: {message}', file=sys.stderr)
    sys.exit(2)


def read_layers(path):
    """The layers in order, as (name, weight, bias)."""
    try:
        tensors = load_file(path)
    except Exception as error:  # safetensors raises its own class, outside OSError and ValueError
        fail(f'{path}: {error}')
    parts = {}
    for name, tensor in tensors.items():
        match = re.fullmatch(r'(.*?)(\d*)\.(weight|bias)', name)
        if not match:
            fail(f'{name} is neither a weight nor a bias')
        if tensor.dtype != np.float32:
            fail(f'{name} is {tensor.dtype}, not float32')
        stem, number, part = match.groups()
        parts.setdefault((int(number or 0), stem), {})[part] = tensor
    found = []
    for (number, stem), both in sorted(parts.items()):
        name = stem + (str(number) if number else '')
        if set(both) != {'weight', 'bias'}:
            fail(f'{name} has {" and ".join(both)} only')
        weight, bias = both['weight'], both['bias']
        if weight.ndim != 2 or bias.shape != weight.shape[:1]:
            fail(f'{name}: weight {list(weight.shape)} and bias {list(bias.shape)} are not a linear layer')
        if found and found[-1][1].shape[0] != weight.shape[1]:
            fail(f'{name} takes {weight.shape[1]} inputs, {found[-1][0]} gives {found[-1][1].shape[0]}')
        found.append((name, weight, bias))
    if not found:
        fail('no layers')
    return found


def read_images(path):
    try:
        with open(path, 'rb') as file:
            data = file.read()
        if data[:2] == b'\x1f\x8b':
            data = gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as error:
        fail(f'{path}: {error}')
    if data[:3] != b'\0\0\x08' or len(data) < 4:
        fail(f'{path} is not an IDX file of bytes')
    rank = data[3]
    shape = [int.from_bytes(data[4 + 4 * i:8 + 4 * i], 'big') for i in range(rank)]
    pixels = np.frombuffer(data, np.uint8, offset=4 + 4 * rank)
    if not shape or pixels.size != np.prod(shape):
        fail(f'{path} says {shape} and holds {pixels.size} bytes')
    return pixels.reshape(shape[0], -1)


def run(layers, images, dtype):
    x = images.astype(dtype) / dtype(255)
    for i, (_, weight, bias) in enumerate(layers):
        x = x @ weight.astype(dtype).T + bias.astype(dtype)
        if i + 1 < len(layers):
            x = np.maximum(x, 0)
    return x


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument('file')
parser.add_argument('images')
parser.add_argument('--logits', help='{"logits": [[...], ...]} to compare with')
parser.add_argument('--out', help='write the logits here')
parser.add_argument('--count', type=int, default=100, help='how many images --out takes (default: %(default)s)')
parser.add_argument('--tolerance', type=float, default=1e-5)
options = parser.parse_args()
if not (options.logits or options.out):
    parser.error('--logits or --out is needed')

layers, images = read_layers(options.file), read_images(options.images)
with safe_open(options.file, 'numpy') as file:
    metadata = file.metadata() or {}
print('layers: ' + ', '.join(f'{name} {w.shape[1]} -> {w.shape[0]}' for name, w, _ in layers))
print('metadata: ' + (json.dumps(metadata, indent=1, sort_keys=True, ensure_ascii=False) if metadata else 'none'))
if images.shape[1] != layers[0][1].shape[1]:
    fail(f'an image has {images.shape[1]} pixels, {layers[0][0]} takes {layers[0][1].shape[1]}')

if options.out:
    rows = run(layers, images[:options.count], np.float64).astype(np.float32)
    common.write(options.out, dict(logits=common.float32(rows)))
if options.logits:
    try:
        with open(options.logits, encoding='utf-8') as file:
            given = np.array(json.load(file)['logits'], np.float64)
    except (OSError, ValueError, TypeError, KeyError) as error:
        fail(f'{options.logits}: {error!r}')
    outputs = layers[-1][1].shape[0]
    if given.ndim != 2 or given.shape[1] != outputs or not 0 < len(given) <= len(images):
        fail(f'logits {list(given.shape)} do not fit {len(images)} images and {outputs} outputs')
    worst = {}
    for dtype in (np.float32, np.float64):
        expected = run(layers, images[:len(given)], dtype)
        worst[dtype] = float(np.abs(given - expected).max())  # NaN stays NaN and fails below
        print(f'largest absolute difference from NumPy in {dtype.__name__}: {worst[dtype]:.3g}')
    same = (given.argmax(1) == expected.argmax(1)).sum()
    print(f'{len(given)} images, largest logit {np.abs(given).max():.3g}, same answer for {same}')
    if not worst[np.float64] <= options.tolerance:
        print(f'FAILED: above {options.tolerance:g}')
        sys.exit(1)
    print('passed')
