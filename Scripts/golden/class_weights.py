"""Makes class_weights.json: balanced class weights, the weighted loss and weighted linear heads.

    OMP_NUM_THREADS=1 python Scripts/golden/class_weights.py [--out Tests/Golden/class_weights.json]   (needs numpy, scikit-learn, torch)

balanced is scikit-learn's `compute_class_weight('balanced')`. losses are PyTorch's `cross_entropy(weight=)` in Float64, with the
gradient of the weighted mean; with label smoothing, where PyTorch weighs each term of the target by that term's class, the loss is
Graft's: PyTorch's smoothed loss of each example times the example's weight, over the sum of the weights. heads are scikit-learn's
`LogisticRegression(class_weight='balanced')` on features as in head.py, whose objective is
sum w[y] loss / sum w[y] + lambda / 2 * |W|^2, because the weights of all examples have the mean one.
"""
import common
import numpy as np
import sklearn
import torch
import torch.nn.functional as F
from sklearn.linear_model import LogisticRegression
from sklearn.utils.class_weight import compute_class_weight

options = common.arguments(__doc__, common.golden + '/class_weights.json')
torch.set_num_threads(1)


def balanced(labels, classes):
    """The weight of each class; 0 for one without examples."""
    weights = np.zeros(classes)
    present = np.unique(labels)
    weights[present] = compute_class_weight('balanced', classes=present, y=labels)
    return weights


def loss(classes, counts, smoothing):
    random = np.random.RandomState(classes)
    labels = random.permutation(np.repeat(np.arange(classes), counts))
    logits = np.round(random.standard_normal((len(labels), classes)) * 2, 3).astype(np.float32)
    weights = balanced(labels, classes).astype(np.float32)
    z = torch.tensor(logits).double().requires_grad_()
    y, w = torch.tensor(labels), torch.tensor(weights).double()
    if smoothing == 0:
        mean = F.cross_entropy(z, y, weight=w)
    else:
        mean = (w[y] * F.cross_entropy(z, y, label_smoothing=smoothing, reduction='none')).sum() / w[y].sum()
    mean.backward()
    return dict(classes=classes, label_smoothing=smoothing, labels=labels.tolist(), logits=common.float32(logits),
                weights=common.float32(weights), mean=float(mean.detach()),
                gradient=common.float32(z.grad.numpy().astype(np.float32)))


def data(seed, counts, columns):
    random = np.random.RandomState(seed)
    labels = random.permutation(np.repeat(np.arange(len(counts)), counts))
    centres = random.standard_normal((len(counts), columns))
    sizes = 2.0 ** random.randint(-3, 3, columns)
    features = np.maximum(centres[labels] + 0.8 * random.standard_normal((len(labels), columns)) + 0.2, 0) * sizes
    return np.round(features * 256) / 256, labels


def objective(w, b, x, y, penalty, weights):
    z = x @ w.T + b
    z -= z.max(1, keepdims=True)
    p = np.exp(z)
    p /= p.sum(1, keepdims=True)
    each = weights[y] / weights[y].sum()
    value = -(each * np.log(p[np.arange(len(y)), y])).sum() + penalty / 2 * (w ** 2).sum()
    p[np.arange(len(y)), y] -= 1
    p *= each[:, None]
    off = max(np.abs(p.T @ x + penalty * w).max(), np.abs(p.sum(0)).max())
    return value, off


def head(name, seed, counts, columns):
    x, y = data(seed, counts, columns)
    assert (x.astype(np.float32) == x).all()
    weights = balanced(y, len(counts))
    solutions = []
    for strength in (0.1, 0.001):
        penalty = strength * (x ** 2).sum(1).mean()
        c = 1 / (len(y) * penalty) * (2 if len(counts) == 2 else 1)
        fit = LogisticRegression(C=c, tol=1e-12, max_iter=100000, solver='newton-cg', class_weight='balanced').fit(x, y)
        w, b = fit.coef_, fit.intercept_
        if len(counts) == 2:
            w, b = np.concatenate([-w, w]) / 2, np.concatenate([-b, b]) / 2
        b = b - b.mean()
        value, off = objective(w, b, x, y, penalty, weights)
        assert off < 1e-6 * max(1, np.sqrt((x ** 2).sum(1).mean())), (name, strength, off)
        solutions.append(dict(strength=strength, objective=float(value), off=float('%.2g' % off), weights=w.tolist(),
                              biases=b.tolist()))
    return dict(name=name, classes=len(counts), features=x.tolist(), labels=y.tolist(), solutions=solutions)


counted = []
for counts in ([90, 10], [3, 5, 7], [40, 1, 9, 0, 14], [6, 6, 6]):
    labels = np.repeat(np.arange(len(counts)), counts)
    counted.append(dict(counts=counts, weights=balanced(labels, len(counts)).tolist()))
losses = [loss(classes, counts, smoothing)
          for classes, counts in ((3, [6, 2, 1]), (17, [4] + [1] * 16)) for smoothing in (0.0, 0.1)]
heads = [head('two', 5, [54, 6], 5), head('four', 6, [40, 20, 5, 3], 7)]
common.write(options.out, dict(
    made_by=f'Scripts/golden/class_weights.py, scikit-learn {sklearn.__version__}, PyTorch {torch.__version__}',
    what='weights of heads is [classes][columns]; features and logits are exact in Float32.',
    balanced=counted, losses=losses, heads=heads))
