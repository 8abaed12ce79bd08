"""Makes macro.json: means over classes of precision, recall and F1, and the balanced accuracy, from scikit-learn.

    python Scripts/golden/macro.py [--out Tests/Golden/macro.json]                     (needs numpy, scikit-learn)

The classes are those of the true labels (the argument `labels`), and a precision of no answer is 0 (`zero_division=0`): a class that
was never answered lowers the mean, a stray answer outside of the measured classes takes no class into it. macro_f1 is `f1_score` without
`labels`: the mean over the classes of true labels and answers, into which a stray answer does take its class.
"""
import common
import warnings
import numpy as np
import sklearn
from sklearn.metrics import balanced_accuracy_score, f1_score, precision_recall_fscore_support

options = common.arguments(__doc__, common.golden + '/macro.json')
rng = np.random.default_rng(8)


def case(name, truth, answer, classes):
    measured = np.unique(truth)
    counts = np.zeros((classes, classes), int)
    np.add.at(counts, (truth, answer), 1)
    precision, recall, f1, _ = precision_recall_fscore_support(
        truth, answer, labels=measured, average='macro', zero_division=0)
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')  # answers outside of the true labels
        balanced = balanced_accuracy_score(truth, answer)
    return dict(name=name, counts=counts.tolist(), precision=float(precision), recall=float(recall), f1=float(f1),
                balanced_accuracy=float(balanced), macro_f1=float(f1_score(truth, answer, average='macro', zero_division=0)))


truth = np.repeat(np.arange(5), 40)
noisy = np.where(rng.random(200) < 0.7, truth, rng.integers(0, 5, 200))
stray = noisy.copy()
stray[3] = 5
absent = truth[truth != 2]
cases = [
    case('all classes answered', truth, noisy, 5),
    case('one class is all that is ever answered', truth, np.zeros_like(truth), 5),
    case('a class that is never answered', truth, np.where(noisy == 4, 1, noisy), 5),
    case('one stray answer outside of the measured classes', truth, stray, 6),
    case('a class without examples that is answered often', absent, np.where(rng.random(160) < 0.2, 2, absent), 5),
]
common.write(options.out, dict(scikit_learn=sklearn.__version__, numpy=np.__version__, cases=cases))
