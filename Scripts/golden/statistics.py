"""Makes statistics.json: intervals, quantiles and tests from SciPy.

    OMP_NUM_THREADS=1 python Scripts/golden/statistics.py [--out Tests/Golden/statistics.json]
                                                                   (needs numpy, scipy, statsmodels, scikit-learn)

Every group names in "from" the SciPy call its values came from; Holm, which SciPy lacks, is the textbook step-down and
is checked against R's p.adjust on one example and against statsmodels on all. All Float64. null stands for a value that does not exist.
"""
import common
import math
import numpy as np
import scipy
from scipy import optimize, special, stats
from sklearn.isotonic import IsotonicRegression
from statsmodels.stats import contingency_tables, multitest

options = common.arguments(__doc__, common.golden + '/statistics.json')


def group(made_from, cases):
    return {'from': made_from, 'cases': cases}


def proportion(method, pairs):
    cases = []
    for k, n in pairs:
        interval = stats.binomtest(k, n).proportion_ci(0.95, method)
        cases.append(dict(successes=k, trials=n, confidence=0.95, low=float(interval.low), high=float(interval.high)))
    return cases


counts = [(0, 1), (1, 1), (0, 10), (10, 10), (1, 10), (5, 10), (0, 4926), (4926, 4926), (4847, 4926), (4941, 5074), (9806, 10000), (3, 7)]
wilson = proportion('wilson', counts)
for c in wilson:
    k, n, z = c['successes'], c['trials'], stats.norm.ppf(0.975)
    p = k / n
    middle, half = (p + z * z / 2 / n) / (1 + z * z / n), z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / 4 / n / n)
    assert abs(c['low'] - (middle - half)) < 1e-12 and abs(c['high'] - (middle + half)) < 1e-12, c

samples = {
    'three': [0.98, 0.9812, 0.9795],
    'two': [1.0, 2.0],
    'equal': [0.5, 0.5, 0.5, 0.5],
    'ten': [98.08, 98.21, 97.93, 98.3, 98.14, 97.88, 98.02, 98.11, 98.25, 98.05],
    'mixed': [-3.5, 1e-3, 12.25, 7.0, -0.5, 2.75],
    'large-offset': [1e6 + d for d in (0.1, 0.2, 0.4, 0.3, 0.5)],
}


def interval(name, values, p, factor, confidence):
    n, mean, sd = len(values), float(np.mean(values)), float(np.std(values, ddof=1))
    half = float(stats.t.ppf(p, n - 1)) * sd * factor(n)
    return dict(name=name, values=values, confidence=confidence, mean=mean, sd=sd, low=mean - half, high=mean + half)


means = [interval(k, v, 0.975, lambda n: 1 / math.sqrt(n), 0.95) for k, v in samples.items()]
for c in means:
    if c['sd']:
        low, high = stats.t.interval(0.95, len(c['values']) - 1, loc=c['mean'], scale=stats.sem(c['values']))
        assert math.isclose(low, c['low'], rel_tol=1e-12) and math.isclose(high, c['high'], rel_tol=1e-12), c
predictions = [interval(k, v, 0.9995, lambda n: math.sqrt(1 + 1 / n), 0.999) for k, v in samples.items()]


def mcnemar(b, c):
    p = float(stats.binomtest(b, b + c, 0.5).pvalue) if b + c else 1.0
    assert math.isclose(p, min(1, 2 * stats.binom.cdf(min(b, c), b + c, 0.5)), rel_tol=1e-9), (b, c)
    return dict(b=b, c=c, p=p)


betas = []
grid = [0.5, 1.0, 2.5, 10.0, 100.0]
for a in grid:
    for b in grid:
        betas.append(dict(a=a, b=b, x=[0.0, 0.01, 0.1, 0.5, 0.9, 0.99, 1.0]))
betas += [dict(a=4847.0, b=80.0, x=[0.975, 0.98, 0.9837, 0.9885, 0.999]), dict(a=2463.5, b=2463.5, x=[0.45, 0.49, 0.5, 0.505, 0.55]),
          dict(a=9.5, b=0.5, x=[0.05, 0.2, 0.6, 0.95]), dict(a=50.0, b=0.5, x=[0.5, 0.9, 0.999])]
for c in betas:
    c['values'] = [float(special.betainc(c['a'], c['b'], x)) for x in c['x']]


def holm(p):
    order, adjusted, largest = sorted(range(len(p)), key=lambda i: p[i]), [0.0] * len(p), 0.0
    for rank, i in enumerate(order):
        largest = max(largest, min(1.0, (len(p) - rank) * p[i]))
        adjusted[i] = largest
    return adjusted


assert np.allclose(holm([0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02])  # R: p.adjust(c(.01, .04, .03, .005), "holm")
lists = [[0.01, 0.04, 0.03, 0.005], [0.2], [0.5, 0.6, 0.9], [0.001, 0.001, 0.001], [0.04, 0.04, 0.01], [0.0, 1.0, 0.02, 0.013, 0.25], []]
for p in lists:
    assert not p or np.allclose(holm(p), multitest.multipletests(p, method='holm')[1], rtol=1e-12)


def tau(x, y):
    value = float(stats.kendalltau(x, y, variant='b').statistic)
    return dict(x=x, y=y, tau=None if math.isnan(value) else value)


rng = np.random.default_rng(20240601)


def paired_t(name, first, second):
    t, p = stats.ttest_rel(first, second)
    return dict(name=name, first=list(first), second=list(second), t=float(t), p=float(p))


ten = samples['ten']
paired = [
    paired_t('ten', ten, [97.4, 97.52, 97.31, 97.25, 97.6, 97.44, 97.2, 97.58, 97.37, 97.49]),
    paired_t('no-difference', ten, [v + d for v, d in zip(ten, (0.1, -0.2, 0.05, 0.12, -0.3, 0.2, -0.07, 0.01, 0.02, 0.08))]),
    paired_t('two', [1.0, 2.0], [0.5, 2.25]),
    paired_t('three', [90.1, 90.4, 90.2], [91.0, 91.1, 91.3]),
    paired_t('tiny-p', [84.2 + d for d in (0, 0.3, -0.2, 0.1, 0.05, -0.1, 0.2, -0.3, 0.15, 0)],
             [86.9 + d for d in (0.01, 0.32, -0.19, 0.1, 0.06, -0.12, 0.2, -0.29, 0.14, 0.01)]),
    paired_t('many', [float(v) for v in rng.normal(0.3, 1, 200).round(4)], [float(v) for v in rng.normal(0, 1, 200).round(4)]),
    paired_t('many-tiny-p', [float(v) for v in rng.normal(5, 1, 100).round(4)], [float(v) for v in rng.normal(0, 1, 100).round(4)]),
    paired_t('opposite', [1.0, -1.0, 2.0, -2.0], [0.0, 0.0, 0.0, 0.0]),
]


def percentile(values, shares):
    return dict(values=values, shares=shares, quantiles=[float(np.percentile(values, 100 * q)) for q in shares])


shares = [0.0, 0.025, 0.1, 0.25, 1 / 3, 0.5, 0.75, 0.975, 1.0]
percentiles = [percentile(v, shares) for v in ([3.0], [2.0, 1.0], [5.0, -1.0, 2.5, 2.5, 9.0], ten, samples['large-offset'],
                                               [float(v) for v in rng.normal(0, 3, 101).round(6)])]


def resampled(differences, count):
    indices = rng.integers(0, len(differences), (count, len(differences)))
    means = np.asarray(differences)[indices].mean(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return dict(differences=differences, resamples=indices.tolist(), mean=float(np.mean(differences)),
                means=means.tolist(), low=float(low), high=float(high))


given = [resampled([0.0] * 14 + [1.0, 1.0, 1.0, -1.0, -1.0, 1.0], 40),
         resampled([float(v) / 3 for v in rng.integers(-3, 4, 12)], 25), resampled([float(v) for v in rng.normal(0, 1, 9)], 30)]


def percentile_interval(name, counts):
    values = np.repeat([float(v) for v, _ in counts], [c for _, c in counts])
    found = stats.bootstrap((values,), np.mean, n_resamples=100_000, batch=1_000, method='percentile', confidence_level=0.95, rng=rng)
    low, high = found.confidence_interval
    return dict(name=name, values=[float(v) for v, _ in counts], counts=[c for _, c in counts], mean=float(values.mean()),
                error=float(values.std() / math.sqrt(len(values))), low=float(low), high=float(high))


scipy_bootstrap = [
    percentile_interval('one-seed', [(-1, 40), (0, 860), (1, 100)]),
    percentile_interval('ten-seeds', [(k / 10, c) for k, c in zip(range(-10, 11), (2, 1, 2, 3, 3, 5, 6, 9, 14, 40, 1500, 85, 50, 30, 22, 19, 14, 10, 8, 7, 20))]),
    percentile_interval('skewed', [(0, 180), (1, 12), (-1, 3), (0.5, 5)]),
]


def method_comparison(name, seeds, images, right, control_right):
    labels = rng.integers(0, 5, images)
    ease = rng.uniform(0, 1, images)
    def answers(share):
        wrong = rng.uniform(0, 1, (seeds, images)) * 0.5 + ease * 0.5 > share
        return np.where(wrong, (labels + rng.integers(1, 5, (seeds, images))) % 5, labels)
    first, second = answers(right), answers(control_right)
    a, b = first == labels, second == labels
    tables = [[[int((x & y).sum()), int((x & ~y).sum())], [int((~x & y).sum()), int((~x & ~y).sum())]] for x, y in zip(a, b)]
    tests = [float(contingency_tables.mcnemar(t, exact=True).pvalue) for t in tables]
    p = float(stats.ttest_rel(100 * a.mean(axis=1), 100 * b.mean(axis=1)).pvalue) if seeds > 1 else tests[0]
    gain = 100 * (a.mean(axis=1) - b.mean(axis=1))
    over = stats.t.interval(0.95, seeds - 1, loc=gain.mean(), scale=stats.sem(gain)) if seeds > 1 else (None, None)
    differences = 100 * (a.astype(float) - b).mean(axis=0)
    images_low, images_high = stats.bootstrap((differences,), np.mean, n_resamples=100_000, batch=1_000, method='percentile', rng=rng).confidence_interval
    shown = [(g, t) for g, t in zip(gain, tests) if t < 0.05]
    both = p
    if seeds > 1:
        over_seeds, over_images = gain.var(ddof=1) / seeds, differences.var(ddof=1) / images
        square = over_seeds + over_images
        freedom = square ** 2 / (over_seeds ** 2 / (seeds - 1) + over_images ** 2 / (images - 1))
        both = float(2 * stats.t.sf(abs(gain.mean()) / math.sqrt(square), freedom))
    return dict(name=name, labels=labels.tolist(), answers=first.tolist(), control=second.tolist(),
                accuracy=(100 * a.mean(axis=1)).tolist(), control_accuracy=(100 * b.mean(axis=1)).tolist(), gain=gain.tolist(),
                p=p, p_both=both, low=None if over[0] is None else float(over[0]), high=None if over[1] is None else float(over[1]),
                image_low=float(images_low), image_high=float(images_high), image_error=float(differences.std() / math.sqrt(images)),
                mcnemar=tests, wins=sum(bool(g > 0) for g, _ in shown), losses=sum(bool(g < 0) for g, _ in shown))


comparisons = [method_comparison('five-seeds', 5, 60, 0.75, 0.5), method_comparison('one-seed', 1, 60, 0.6, 0.8),
               method_comparison('alike', 4, 50, 0.7, 0.7)]


def isotonic(values):
    fitted = optimize.isotonic_regression(values).x
    assert np.allclose(fitted, IsotonicRegression().fit_transform(np.arange(len(values)), values), rtol=1e-12)
    return dict(values=values, fitted=fitted.tolist())


isotonics = [isotonic(v) for v in ([1.0], [1.0, 2.0, 3.0], [3.0, 2.0, 1.0], [60.2, 71.5, 70.9, 80.0, 80.0, 79.1, 78.8, 95.5], [2.0, 2.0, 1.0, 4.0, 0.0, 5.0],
                                   [float(v) for v in rng.normal(0, 1, 30).cumsum().round(4)])]


def worth(labels, control, accuracy):
    """Where the control's curve reaches the accuracy: None below its start or above its end."""
    fitted = optimize.isotonic_regression(control).x
    heights, first = np.unique(fitted, return_index=True)
    inside = heights[0] <= accuracy <= heights[-1]
    # Between two heights the curve rises from the last amount of the lower one.
    last = [np.flatnonzero(fitted == h)[-1] for h in heights]
    found = None
    if inside:
        i = int(np.searchsorted(heights, accuracy))
        found = float(labels[first[0]]) if i == 0 else float(np.exp(np.interp(
            accuracy, [heights[i - 1], heights[i]], np.log([labels[last[i - 1]], labels[first[i]]]))))
    return dict(labels=labels, control=control, accuracy=accuracy, below=bool(accuracy < heights[0]), above=bool(accuracy > heights[-1]), needed=found)


amounts = [1.0, 5.0, 10.0, 50.0, 200.0, 5900.0]
curve = [41.3, 74.8, 84.2, 93.9, 96.7, 98.8]
dented = [41.3, 74.8, 74.1, 93.9, 93.2, 98.8]
worths = [worth(amounts, c, a) for c in (curve, dented) for a in (30.0, 41.3, 60.0, 74.0, 86.9, 93.0, 93.6, 96.7, 98.8, 99.0)]

quantiles = [0.975, 0.9995]
write = dict(
    made_by=f'Scripts/golden/statistics.py, SciPy {scipy.__version__}',
    wilson=group("scipy.stats.binomtest(successes, trials).proportion_ci(0.95, 'wilson')", wilson),
    clopper_pearson=group("scipy.stats.binomtest(successes, trials).proportion_ci(0.95, 'exact')",
                          proportion('exact', [(0, 10), (10, 10), (1, 10), (5, 10), (4847, 4926), (0, 4926), (4941, 5074)])),
    student_t_quantiles=group('scipy.stats.t.ppf(p, df)', [dict(p=p, df=df, value=float(stats.t.ppf(p, df)))
                              for p in quantiles for df in (1, 2, 3, 4, 9, 19, 23, 100)]),
    normal_quantiles=group('scipy.stats.norm.ppf(p)', [dict(p=p, value=float(stats.norm.ppf(p)))
                           for p in (1e-9, 0.0005, 0.025, 0.2, 0.5, 0.7, 0.9, 0.95, 0.975, 0.995, 0.9995, 1 - 1e-6)]),
    mean_intervals=group('scipy.stats.t.interval(0.95, n - 1, loc=mean, scale=scipy.stats.sem(values)); sd has n - 1 below', means),
    prediction_intervals=group('mean ± scipy.stats.t.ppf(0.9995, n - 1) * sd * sqrt(1 + 1 / n)', predictions),
    mcnemar=group('scipy.stats.binomtest(b, b + c, 0.5).pvalue, and 1 where b + c = 0',
                  [mcnemar(*p) for p in ((0, 0), (1, 0), (0, 1), (5, 5), (6, 0), (10, 2), (2, 10), (50, 30), (200, 260), (1, 40))]),
    incomplete_beta=group('scipy.special.betainc(a, b, x)', betas),
    holm=group('the step-down of Holm 1979, in the order given (as R p.adjust)', [dict(p=p, adjusted=holm(p)) for p in lists]),
    kendall_tau_b=group("scipy.stats.kendalltau(x, y, variant='b').statistic; null where one list is constant", [
        tau([1.0, 2.0, 3.0, 4.0], [1.0, 2.0, 3.0, 4.0]), tau([1.0, 2.0, 3.0, 4.0], [4.0, 3.0, 2.0, 1.0]),
        tau([1.0, 2.0, 3.0, 4.0, 5.0], [2.0, 1.0, 4.0, 3.0, 5.0]), tau([12.0, 2.0, 1.0, 12.0, 2.0], [1.0, 4.0, 7.0, 1.0, 0.0]),
        tau([1.0, 1.0, 2.0, 2.0, 3.0, 3.0], [1.0, 2.0, 2.0, 3.0, 3.0, 3.0]), tau([1.0, 1.0, 1.0], [1.0, 2.0, 3.0]),
        tau([0.3, -0.7], [5.0, 9.0]), tau([0.1, 0.5, -2.0, 3.5, 0.25, 7.0, 1.0], [0.2, 0.1, -1.0, 2.0, 2.0, 5.0, -3.0])]),
    paired_t_tests=group('scipy.stats.ttest_rel(first, second)', paired),
    percentiles=group('numpy.percentile(values, 100 * share)', percentiles),
    resampled_means=group('numpy.mean of differences[resample]; numpy.percentile(means, [2.5, 97.5])', given),
    bootstrap_intervals=group("scipy.stats.bootstrap((values,), numpy.mean, n_resamples=100_000, method='percentile'); error is "
                              'that of the mean, the standard deviation / sqrt(n)', scipy_bootstrap),
    method_comparisons=group('ttest_rel over seeds, statsmodels mcnemar(exact=True) per seed, scipy.stats.bootstrap over images; in points',
                             comparisons),
    isotonic=group('scipy.optimize.isotonic_regression(values), the same as sklearn.isotonic', isotonics),
    label_worths=group('numpy.interp in log(labels) over the isotonic control; null where the curve does not hold the accuracy', worths))
common.write(options.out, write)
