"""Makes head.json: linear heads at their optimum, from scikit-learn.

    OMP_NUM_THREADS=1 python Scripts/golden/head.py [--out Tests/Golden/head.json]      (needs numpy, scikit-learn)

Features like those behind a rectifier (half of them zero, the columns of different sizes), exact in Float32. The objective is
mean cross-entropy + lambda / 2 * |W|^2 with lambda = strength * mean |x|^2 and free biases, which is scikit-learn's with
C = 1 / (count * lambda). For two classes scikit-learn has one row of weights w; two rows +w/2 and -w/2 give the same
probabilities for half the penalty, so lambda is halved there. Biases have the mean zero. All Float64; "off" is the largest
component of the gradient that scikit-learn left.
"""
import common
import numpy as np
import sklearn
from sklearn.linear_model import LogisticRegression

options = common.arguments(__doc__, common.golden + '/head.json')


def data(seed, count, columns, classes):
    random = np.random.RandomState(seed)
    labels = np.arange(count) % classes
    centres = random.standard_normal((classes, columns))
    sizes = 2.0 ** random.randint(-3, 3, columns)
    features = np.maximum(centres[labels] + 0.8 * random.standard_normal((count, columns)) + 0.2, 0) * sizes
    return np.round(features * 256) / 256, labels


def objective(w, b, x, y, penalty):
    z = x @ w.T + b
    z -= z.max(1, keepdims=True)
    p = np.exp(z)
    p /= p.sum(1, keepdims=True)
    loss = -np.log(p[np.arange(len(y)), y]).mean() + penalty / 2 * (w ** 2).sum()
    p[np.arange(len(y)), y] -= 1
    off = max(np.abs(p.T @ x / len(y) + penalty * w).max(), np.abs(p.mean(0)).max())
    return loss, off


cases = []
for name, seed, count, columns, classes in (('three', 1, 60, 7, 3), ('two', 2, 40, 5, 2), ('ten', 3, 100, 12, 10), ('few', 4, 5, 12, 5)):
    x, y = data(seed, count, columns, classes)
    assert (x.astype(np.float32) == x).all()
    solutions = []
    for strength in (1.0, 0.1, 0.01, 0.001):
        penalty = strength * (x ** 2).sum(1).mean()
        c = 1 / (count * penalty) * (2 if classes == 2 else 1)
        fit = LogisticRegression(C=c, tol=1e-12, max_iter=100000, solver='newton-cg').fit(x, y)
        w, b = fit.coef_, fit.intercept_
        if classes == 2:
            w, b = np.concatenate([-w, w]) / 2, np.concatenate([-b, b]) / 2
        b = b - b.mean()
        value, off = objective(w, b, x, y, penalty)
        assert off < 1e-6 * max(1, np.sqrt((x ** 2).sum(1).mean())), (name, strength, off)
        solutions.append(dict(strength=strength, objective=float(value), off=float('%.2g' % off), weights=w.tolist(), biases=b.tolist(),
                              predictions=fit.predict(x).tolist()))
        print(f'{name:6} strength {strength:6} objective {value:.6f} right {(fit.predict(x) == y).mean():.2f} off {off:.1g} largest weight {np.abs(w).max():.2f}')
    cases.append(dict(name=name, features=x.tolist(), labels=y.tolist(), classes=classes, solutions=solutions))
common.write(options.out, dict(made_by=f'Scripts/golden/head.py, scikit-learn {sklearn.__version__}',
             what='weights is [classes][columns]; features are exact in Float32.', cases=cases))
