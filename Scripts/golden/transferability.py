"""Makes transferability.json: transferability scores, eigenvalues and Kendall's tau within groups.

    OMP_NUM_THREADS=1 python Scripts/golden/transferability.py [--out Tests/Golden/transferability.json]
                                                                      (needs numpy, scipy, scikit-learn)

The scores are written from the papers' equations, with whole matrices and in Float64, and share no shortcut with the Swift: the
evidence has its A and m, the H-score its covariances. The shrinkage is checked against scikit-learn. Features and probabilities
are Float32. null stands for a value that does not exist.
"""
import common
import math
import numpy as np
import scipy
from scipy import stats
from sklearn.covariance import ledoit_wolf

options = common.arguments(__doc__, common.golden + '/transferability.json')
rng = np.random.default_rng(20240917)


def leep(theta, y):
    """Nguyen et al. 2020, equations 1 and 2; rows are divided by their sums first."""
    theta = theta / theta.sum(axis=1, keepdims=True)
    joint = np.array([theta[y == c].sum(axis=0) for c in range(y.max() + 1)]) / len(y)
    marginal = joint.sum(axis=0)
    conditional = np.divide(joint, marginal, out=np.zeros_like(joint), where=marginal > 0)
    return float(np.mean([math.log(conditional[c] @ t) for c, t in zip(y, theta)]))


def nce(theta, y):
    """Tran et al. 2019: -H(Y|Z)."""
    z = theta.argmax(axis=1)
    return float(np.mean([math.log(np.mean(y[z == a] == b)) for a, b in zip(z, y)]))


LARGEST_BETA, LARGEST_ALPHA, SMALLEST = 1e8, 1e12, 1e-12


def logme(F, y):
    """You et al. 2021, algorithm 1, with the bounds that LabelledFeatures+LogME.swift states."""
    n, d = F.shape
    U, s, Vt = np.linalg.svd(F, full_matrices=False)
    kept = s * s > SMALLEST * s[0] ** 2 if s[0] > 0 else np.zeros(len(s), bool)
    F = (U[:, kept] * s[kept]) @ Vt[kept]
    squares = s[kept] ** 2
    evidences = []
    for c in sorted(set(y)):
        t = (y == c).astype(float)
        if not len(squares):
            b = min(n / (t @ t), LARGEST_BETA)
            evidences.append(n / 2 * math.log(b / 2 / math.pi) - b / 2 * (t @ t))
            continue
        a = b = 1.0

        def solved():
            m = Vt[kept].T @ (b * (Vt[kept] @ (F.T @ t)) / (a + b * squares))
            return m, ((F @ m - t) ** 2).sum()
        for _ in range(1000):
            gamma = (b * squares / (a + b * squares)).sum()
            free = n - len(squares) + (a / (a + b * squares)).sum()
            m, residual = solved()
            with np.errstate(divide='ignore'):
                new_b = min(free / residual, LARGEST_BETA)
                new_a = min(gamma / (m @ m), LARGEST_ALPHA * new_b * squares[0])
            settled = abs(new_a - a) < 1e-10 * a and abs(new_b - b) < 1e-10 * b
            a, b = float(new_a), float(new_b)
            if settled:
                break
        m, residual = solved()
        determinant = np.linalg.slogdet(np.eye(d) + b / a * F.T @ F)[1] + d * math.log(a)
        evidences.append(n / 2 * math.log(b) + d / 2 * math.log(a) - n / 2 * math.log(2 * math.pi)
                         - b / 2 * residual - a / 2 * (m @ m) - determinant / 2)
    return float(np.mean(evidences) / n)


def h_score(F, y):
    """Ibrahim et al. 2021, with covariances of divisor n and the shrinkage of Ledoit and Wolf 2004."""
    n, d = F.shape
    if n < 2:
        return None
    if (F == F[0]).all():
        return 0.0
    x = F - F.mean(axis=0)
    covariance = x.T @ x / n
    variance = np.trace(covariance) / d
    distance = ((covariance - variance * np.eye(d)) ** 2).sum()
    uncertainty = sum(((np.outer(v, v) - covariance) ** 2).sum() for v in x) / n ** 2
    if uncertainty < 1e-14 * distance:
        uncertainty = 0.0
    alpha = min(uncertainty, distance) / distance if distance > 1e-20 * variance ** 2 else 0.0
    assert abs(alpha - ledoit_wolf(x)[1]) < 1e-9 or d == 1, (alpha, ledoit_wolf(x)[1])
    g = np.array([x[y == c].mean(axis=0) for c in y])
    shrunk = (1 - alpha) * covariance + alpha * variance * np.eye(d)
    return float(np.trace(np.linalg.pinv(shrunk, rcond=1e-12) @ ((1 - alpha) * g.T @ g / n)))


def nearest_mean(F, y):
    """Each image against the class means, its own without it."""
    right = []
    for i, c in enumerate(y):
        others = np.arange(len(y)) != i
        if (y[others] == c).sum() == 0:
            continue
        distances = {k: ((F[i] - F[(y == k) & (others if k == c else True)].mean(axis=0)) ** 2).sum() for k in sorted(set(y))}
        right.append(min(distances, key=distances.get) == c)
    return float(np.mean(right)) if right else None


def case(name, features, probabilities, labels, classes):
    features, probabilities, y = np.float32(features), np.float32(probabilities), np.array(labels)
    F, theta = features.astype(np.float64), probabilities.astype(np.float64)
    return dict(name=name, features=common.float32(features), probabilities=common.float32(probabilities), labels=[int(c) for c in y],
                classes=classes, scores={'leep': leep(theta, y), 'nce': nce(theta, y), 'logme': logme(F, y), 'h-score': h_score(F, y),
                                         'nearest-mean': nearest_mean(F, y)})


def softmax(logits):
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    return p / p.sum(axis=1, keepdims=True)


def drawn(n, d, classes, sources, strength=1.0, offset=0.0, rectified=True, skip=None):
    y = np.array([c for c in range(classes) if c != skip] * n)[:n]
    x = rng.normal(0, 1, (n, d)) + strength * rng.normal(0, 1, (classes, d))[y]
    if rectified:
        x = np.maximum(x, 0)
    return x + offset, softmax(rng.normal(0, 1, (n, sources)) + 2 * strength * rng.normal(0, 1, (classes, sources))[y]), y, classes


def rank_one(n):
    x, p, y, classes = drawn(n, 6, 3, 4)
    return np.outer(np.arange(1, n + 1), [1, 2, 0, -1, 4, 0.5]), p, y, classes


def doubled(n):
    x, p, y, classes = drawn(n, 4, 3, 4)
    return np.hstack([x, x, np.zeros((n, 2))]), p, y, classes


def with_features(x, n, classes=3):
    _, p, y, _ = drawn(n, 2, classes, 4)
    return np.float64(x), p, y, classes


tall, wide = drawn(60, 9, 4, 5), drawn(12, 20, 3, 4)
cases = [
    case('tall', *tall),
    case('signed', *drawn(50, 7, 5, 3, rectified=False)),
    case('weak', *drawn(80, 5, 2, 6, strength=0.1)),
    case('offset', *drawn(40, 6, 3, 4, offset=300.0)),
    case('wide', *wide),
    case('wide, offset', *drawn(10, 16, 2, 3, offset=20.0, rectified=False)),
    case('square', *drawn(10, 10, 2, 3, rectified=False)),
    case('class missing', *drawn(30, 5, 4, 4, skip=1)),
    case('one image per class', *drawn(5, 4, 5, 3)),
    case('one image per class, wide', *drawn(4, 9, 4, 3)),
    case('rank one', *rank_one(15)),
    case('rank one, wide', *(v[:4] if i < 3 else v for i, v in enumerate(rank_one(15)))),
    case('doubled', *doubled(24)),
    case('identical', *with_features(np.tile([[0.1, 0.7, 0.3]], (12, 1)), 12)),
    case('identical, wide', *with_features(np.tile([[0.1, 0.7, 0.3, 0.9]], (3, 1)), 3)),
    case('zeros', *with_features(np.zeros((9, 4)), 9)),
    case('one source class', tall[0][:20], np.ones((20, 1)), tall[2][:20], 4),
    case('one class', tall[0][:20], tall[1][:20], np.zeros(20, int), 4),
    case('one image', tall[0][:1], tall[1][:1], tall[2][:1], 4),
    case('two images', tall[0][:2], tall[1][:2], tall[2][:2], 4),
    case('one unit', tall[0][:, :1], tall[1], tall[2], 4),
    case('the classes themselves', np.eye(3)[np.arange(21) % 3], np.eye(3)[np.arange(21) % 3], np.arange(21) % 3, 3),
    case('large', *(v * 1e15 if i == 0 else v for i, v in enumerate(wide))),
    case('small', *(v * 1e-15 if i == 0 else v for i, v in enumerate(tall))),
]


def spectrum(name, matrix, count=3):
    a = np.array(matrix, float)
    a = (a + a.T) / 2
    b = rng.normal(0, 1, (len(a), count)).round(3)
    values = np.linalg.eigvalsh(a)[::-1]
    shift = float(np.ceil(1.5 * np.abs(values).max() + 1))
    return dict(name=name, matrix=a.tolist(), values=values.tolist(), sides=b.T.tolist(), shift=shift,
                solved=(b.T @ np.linalg.solve(a + shift * np.eye(len(a)), b)).tolist())


def with_values(values):
    q = np.linalg.qr(rng.normal(0, 1, (len(values), len(values))))[0]
    return q @ np.diag(values) @ q.T


factor = rng.normal(0, 1, (30, 6))
spectra = [
    spectrum('random', rng.normal(0, 1, (9, 9))),
    spectrum('repeated', with_values([3, 3, 3, 1, 1, 0, 0, -2, -2])),
    spectrum('low rank', factor @ factor.T),
    spectrum('graded', with_values([10.0 ** -k for k in range(12)])),
    spectrum('identity', np.eye(5)),
    spectrum('diagonal', np.diag([4.0, -1.0, 0.0, 2.5])),
    spectrum('tridiagonal', np.diag([2.0] * 8) - np.diag([1.0] * 7, 1) - np.diag([1.0] * 7, -1)),
    spectrum('ones', np.ones((6, 6))),
    spectrum('zero', np.zeros((4, 4))),
    spectrum('one', [[-2.5]]),
    spectrum('two', [[1.0, 2.0], [2.0, -3.0]]),
    spectrum('large', 1e60 * with_values([5, 2, 2, 1, 0])),
]


def grouped_tau(sizes, levels):
    groups = [[[int(v) for v in rng.integers(0, levels, n)], [int(v) for v in rng.integers(0, levels, n)]] for n in sizes]
    agreement = x_pairs = y_pairs = 0
    for x, y in groups:
        for i in range(len(x)):
            for j in range(i):
                a, b = np.sign(x[i] - x[j]), np.sign(y[i] - y[j])
                agreement, x_pairs, y_pairs = agreement + a * b, x_pairs + abs(a), y_pairs + abs(b)
    value = float(agreement / math.sqrt(x_pairs * y_pairs)) if x_pairs and y_pairs else None
    if len(groups) == 1 and value is not None:
        assert abs(value - stats.kendalltau(*groups[0], variant='b').statistic) < 1e-14
    return dict(groups=[dict(x=[float(v) for v in x], y=[float(v) for v in y]) for x, y in groups], tau=value)


common.write(options.out, dict(
    made_by=f'Scripts/golden/transferability.py, NumPy {np.__version__}, SciPy {scipy.__version__}',
    scores=cases,
    spectra=spectra,
    grouped_tau=[grouped_tau([40], 1000), grouped_tau([25], 5), grouped_tau([7, 12, 3], 4), grouped_tau([1, 2, 9], 50), grouped_tau([1, 1], 9),
                 grouped_tau([5, 5], 1)]))
