"""Makes calibration.json: calibration errors from NumPy, temperatures from SciPy.

    OMP_NUM_THREADS=1 python Scripts/golden/calibration.py [--out Tests/Golden/calibration.json]
                                                                   (needs numpy, scipy, scikit-learn)

The logits are Float32 and the arithmetic Float64. ECE, MCE and NLL are Guo et al., ICML 2017, eq. 3, 5 and 6 (mean), with 15 bins
(lower, upper], whose shares and means must be those of sklearn.calibration.calibration_curve. A temperature
is the minimum over t = log T of the summed NLL and (t - log expected)^2 / (2 * 0.5^2).
"""
import common
import numpy as np
import scipy
from scipy import optimize, special
from sklearn.calibration import calibration_curve

options = common.arguments(__doc__, common.golden + '/calibration.json')
rng = np.random.default_rng(20240603)
bins, lowest, highest, deviation = 15, 0.05, 20.0, 0.5


def reliability(logits, labels, temperature):
    z = logits.astype(np.float64) / temperature
    logarithms = special.log_softmax(z, axis=1)
    answers, confidence = z.argmax(axis=1), np.exp(logarithms.max(axis=1))
    right = answers == labels
    place = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    images = np.bincount(place, minlength=bins)
    sums, correct = np.bincount(place, confidence, bins), np.bincount(place, right, bins)
    full = images > 0
    gaps = np.abs(correct[full] / images[full] - sums[full] / images[full])
    ece, mce = float(np.sum(gaps * images[full]) / len(labels)), float(gaps.max())
    shares, means = calibration_curve(right, confidence.clip(0, 1), n_bins=bins)
    assert np.allclose(shares, correct[full] / images[full]) and np.allclose(means, sums[full] / images[full])
    return dict(temperature=temperature, images=images.tolist(), confidences=sums.tolist(), correct=correct.astype(int).tolist(),
                ece=ece, mce=mce, accuracy=float(right.mean()), confidence=float(confidence.mean()),
                loss=float(-logarithms[np.arange(len(labels)), labels].mean()))


def temperature(logits, labels, expected):
    z = logits.astype(np.float64)
    rows = np.arange(len(labels))

    def objective(t):
        return -np.sum(special.log_softmax(z / np.exp(t), axis=1)[rows, labels]) + (t - np.log(expected)) ** 2 / (2 * deviation ** 2)

    def slope(t):
        p = special.softmax(z / np.exp(t), axis=1)
        return np.sum(z[rows, labels] - np.sum(p * z, axis=1)) * np.exp(-t) + (t - np.log(expected)) / deviation ** 2

    grid = np.linspace(np.log(lowest), np.log(highest), 400)
    best = int(np.argmin([objective(t) for t in grid]))
    ends = grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]
    found = optimize.minimize_scalar(objective, bounds=ends, method='bounded', options=dict(xatol=1e-12)).x
    # A minimum is flat: the root of the slope is known to all digits.
    root = optimize.brentq(slope, *ends, xtol=1e-14, rtol=1e-14) if slope(ends[0]) < 0 < slope(ends[1]) else found
    assert abs(root - found) < 1e-5 and objective(root) <= objective(found) + 1e-12, (root, found)
    return float(np.clip(np.exp(root), lowest, highest))


def drawn(images, classes, spread, sharpness):
    """Labels drawn from softmax(z), and the logits z times `sharpness`."""
    z = rng.normal(0, spread, (images, classes))
    labels = np.array([rng.choice(classes, p=special.softmax(row)) for row in z])
    return (z * sharpness).astype(np.float32), labels


def case(name, logits, labels, expected=1.0):
    labels = np.asarray(labels)
    t = temperature(logits, labels, expected)
    print(name, t)
    return dict(name=name, logits=common.float32(logits), labels=labels.tolist(), expected=expected, fitted=t,
                reliabilities=[reliability(logits, labels, v) for v in (1.0, 0.5, 2.5, t)])


def matrix(rows):
    return np.asarray(rows, np.float32)


easy = matrix(np.eye(4)[[0, 1, 2, 3, 0, 2]] * 9 + rng.normal(0, 0.5, (6, 4)))
cases = [
    case('too-sure', *drawn(150, 5, 2, 3)),
    case('as-it-should-be', *drawn(150, 4, 2, 1)),
    case('not-sure-enough', *drawn(150, 5, 3, 0.25)),
    case('two-classes', *drawn(60, 2, 2, 2)),
    case('expected-otherwise', *drawn(40, 5, 2, 2), 0.3),
    case('all-right', easy, [0, 1, 2, 3, 0, 2]),
    case('all-wrong', easy, [1, 2, 3, 0, 1, 3]),
    case('one-image', matrix([[2, -1, 0.5]]), [0]),
    case('huge', matrix([[9e3, -1e4, 1e4], [1e4, 9990, -3], [0, 5, 1e4]]), [2, 1, 2]),
    case('tiny', matrix(rng.normal(0, 1e-3, (20, 3))), rng.integers(0, 3, 20)),
]
common.write(options.out, dict(made_by=f'Scripts/golden/calibration.py, NumPy {np.__version__}, SciPy {scipy.__version__}', cases=cases))
