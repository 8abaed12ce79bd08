"""Makes statistics.json: intervals, quantiles and tests from SciPy.

    OMP_NUM_THREADS=1 python Scripts/golden/statistics.py [--out Tests/Golden/statistics.json]      (needs numpy, scipy)

Every group names in "from" the SciPy call its values came from; Holm, which SciPy lacks, is the textbook step-down and
is checked against R's p.adjust on one example. All Float64. null stands for a value that does not exist.
"""
import common
import math
import numpy as np
import scipy
from scipy import special, stats

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


def tau(x, y):
    value = float(stats.kendalltau(x, y, variant='b').statistic)
    return dict(x=x, y=y, tau=None if math.isnan(value) else value)


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
        tau([0.3, -0.7], [5.0, 9.0]), tau([0.1, 0.5, -2.0, 3.5, 0.25, 7.0, 1.0], [0.2, 0.1, -1.0, 2.0, 2.0, 5.0, -3.0])]))
common.write(options.out, write)
