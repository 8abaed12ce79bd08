"""What the peers share: threads, data, and the loop that answers the runner. Import it first: it sets the number of threads.

    python Benchmarks/peers/NAME.py [--threads N|all] [--units UNIT,...] [--data-dir FOLDER]

--data-dir is the folder that holds mnist/ with the four .gz files, or mnist/ itself (default: $GRAFT_DATA). A peer loads the
data and runs each unit once to warm up; a compiler's time falls in here. Then it prints one JSON line with its units and
the seconds of that first run, and waits. For each unit name on standard input it runs the unit once and prints
{"unit": ..., "seconds": ..., "note": ...}. So anyone can time a peer by hand:

    printf 'network-epoch\\nnetwork-epoch\\n' | python Benchmarks/peers/torch_tuned.py --units network-epoch
"""
import argparse
import gzip
import json
import os
import sys
import time

parser = argparse.ArgumentParser(description=sys.modules['__main__'].__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument('--threads', default='1', help='a number or all (default: 1)')
parser.add_argument('--units', help='only these, with commas (default: all of the peer)')
parser.add_argument('--data-dir', default=os.environ.get('GRAFT_DATA', '.'), help='folder that holds mnist/')
parser.add_argument('--epochs', type=int, nargs=2, default=(100, 30), help='torch_reproduction: of a training, of a transfer')
options = parser.parse_args()

# The libraries read these when they are imported. A peer of N threads has N cores and no more.
cores = sorted(os.sched_getaffinity(0)) if hasattr(os, 'sched_getaffinity') else list(range(os.cpu_count()))
threads = len(cores) if options.threads == 'all' else int(options.threads)
for variable in ('OMP', 'MKL', 'OPENBLAS', 'NUMEXPR', 'VECLIB_MAXIMUM'):
    os.environ[f'{variable}_NUM_THREADS'] = str(threads)
if hasattr(os, 'sched_setaffinity'):
    os.sched_setaffinity(0, cores[-threads:])

# Standard output belongs to the answers; whatever a library prints goes to standard error.
answers = os.fdopen(os.dup(1), 'w')
os.dup2(2, 1)

import numpy as np

batch_size, learning_rate, momentum, hidden = 64, 0.001, 0.9, 500
products = {'product-64x784x500': (64, 784, 500), 'product-512x784x500': (512, 784, 500),
            'product-1024x1024x1024': (1024, 1024, 1024)}
generator = np.random.default_rng(0)


def read(name, header):
    folder = os.path.join(options.data_dir, 'mnist')
    path = os.path.join(folder if os.path.isdir(folder) else options.data_dir, name)
    if not os.path.exists(path):
        parser.error(f'no {path}: give --data-dir or set GRAFT_DATA')
    with gzip.open(path) as file:
        return np.frombuffer(file.read(), np.uint8, offset=header)


def pixels(split):
    """MNIST's images as bytes [n, 784] and labels [n]; split is train or t10k."""
    return read(f'{split}-images-idx3-ubyte.gz', 16).reshape(-1, 784), read(f'{split}-labels-idx1-ubyte.gz', 8)


def images(split='train', half='even'):
    """Images in [0, 1], Float32 [n, 784], and labels, Int64 [n], of the even digits, the odd ones or all."""
    x, y = pixels(split)
    keep = np.full(len(y), True) if half == 'all' else y % 2 == (half == 'odd')
    return x[keep].astype(np.float32) / 255, y[keep].astype(np.int64)


def linear(inputs, outputs):
    """Weights [outputs, inputs] and biases, uniform in ±1/√inputs as nn.Linear draws them."""
    bound = inputs ** -0.5
    draw = lambda *shape: generator.uniform(-bound, bound, shape).astype(np.float32)
    return draw(outputs, inputs), draw(outputs)


def repeated(call, seconds=0.2):
    """Seconds of one call, from as many as fill the given time; the last result is waited for by the caller."""
    call()
    start, count = time.perf_counter(), 0
    while (elapsed := time.perf_counter() - start) < seconds:
        for _ in range(10):
            call()
        count += 10
    return {'seconds': elapsed / count}


def single(call, count=2000):
    """Median seconds of call(0), call(1), ..., each timed alone."""
    times = []
    for i in range(count):
        start = time.perf_counter_ns()
        call(i)
        times.append(time.perf_counter_ns() - start)
    return {'seconds': float(np.median(times)) / 1e9}


def best_batch(run, sizes=(64, 128, 256, 512, 1000, 2500, 5000, 10000)):
    """The batch size with which run(size) takes least, of three tries each."""
    def seconds(size):
        start = time.perf_counter()
        run(size)
        return time.perf_counter() - start
    return min(sizes, key=lambda size: min(seconds(size) for _ in range(3)))


def wanted(*units):
    """Whether any of these units was asked for."""
    return not options.units or bool(set(units) & set(options.units.split(',')))


def serve(version, units, warm={}):
    """Warms up and answers. A unit is a function; what it returns goes into the answer ("note", or "seconds" where the
    time of the whole call is not the figure). warm has a shorter first run for long units."""
    units = {name: unit for name, unit in units.items() if wanted(name)}
    first = {}
    for name, unit in units.items():
        start = time.perf_counter()
        warm.get(name, unit)()
        first[name] = time.perf_counter() - start
    say(peer=os.path.basename(sys.argv[0]).removesuffix('.py'), version=version, units=list(units), threads=threads, first=first)
    for line in sys.stdin:
        name = line.strip()
        if name not in units:
            say(unit=name, error='no such unit')
            continue
        start = time.perf_counter()
        answer = units[name]() or {}
        say(**{'unit': name, 'seconds': time.perf_counter() - start} | answer)


def say(**answer):
    print(json.dumps(answer), file=answers, flush=True)
