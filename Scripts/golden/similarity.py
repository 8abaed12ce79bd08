"""Makes similarity.json: linear CKA from NumPy.

    OMP_NUM_THREADS=1 python Scripts/golden/similarity.py [--out Tests/Golden/similarity.json]      (needs numpy)

The features are Float32 and the arithmetic Float64. Both sides of Kornblith et al., ICML 2019, are computed and agree:
|Y'X|^2 / (|X'X| |Y'Y|) over units, and <K, L> / (|K| |L|) over images with doubly centred K = XX', L = YY'.
"""
import common
import numpy as np

options = common.arguments(__doc__, common.golden + '/similarity.json')
rng = np.random.default_rng(20240602)


def over_units(x, y):
    x, y = x - x.mean(axis=0), y - y.mean(axis=0)
    return np.linalg.norm(y.T @ x) ** 2 / (np.linalg.norm(x.T @ x) * np.linalg.norm(y.T @ y))


def over_images(x, y):
    n = len(x)
    centring = np.eye(n) - np.full((n, n), 1 / n)
    k, l = centring @ x @ x.T @ centring, centring @ y @ y.T @ centring
    return np.sum(k * l) / (np.linalg.norm(k) * np.linalg.norm(l))


def case(name, x, y):
    x, y = np.asarray(x, np.float32), np.asarray(y, np.float32)
    value = over_units(x.astype(np.float64), y.astype(np.float64))
    assert abs(value - over_images(x.astype(np.float64), y.astype(np.float64))) < 1e-12, name
    return dict(name=name, x=common.float32(x), y=common.float32(y), value=float(value))


def noise(*shape):
    return rng.normal(0, 1, shape).round(3)


def rectified(images, units, rank):
    return np.maximum(noise(images, rank) @ noise(rank, units), 0).round(3)


shared = noise(30, 4)
base = rectified(24, 7, 3)
dead = rectified(20, 6, 4)
dead[:, [1, 4]] = 0
rank_one = np.outer(noise(12), noise(5))
cases = [
    case('independent', noise(40, 5), noise(40, 3)),
    case('more-units-than-images', noise(8, 20), noise(8, 15)),
    case('one-of-each', noise(10, 25), noise(10, 3)),
    case('as-many', noise(9, 9), noise(9, 9)),
    case('shared-part', shared @ noise(4, 9) + 0.3 * noise(30, 9), shared @ noise(4, 6) + 0.3 * noise(30, 6)),
    case('rectified', base, np.maximum(base @ noise(7, 5), 0)),
    case('dead-units', dead, np.maximum(dead @ noise(6, 4), 0)),
    case('rank-one', rank_one, noise(12, 4)),
    case('both-rank-one', rank_one, np.outer(noise(12), noise(3))),
    case('one-unit-each', noise(15, 1), noise(15, 1)),
    case('two-images', noise(2, 3), noise(2, 4)),
    case('far-from-zero', 100 + noise(16, 4), -50 + noise(16, 5)),
    case('unlike-sizes', noise(20, 4) * [1e-3, 1, 30, 1e3], noise(20, 3) * 1e-6),
]
common.write(options.out, dict(made_by=f'Scripts/golden/similarity.py, NumPy {np.__version__}', cases=cases))
