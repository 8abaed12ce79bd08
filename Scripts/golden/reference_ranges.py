"""Makes reference.json: how many test images each of our PyTorch reference runs got right, seed by seed.

    python Scripts/golden/reference_ranges.py torch_recipe.jsonl [--out Sources/GraftReproduction/Resources/reference.json]

The argument is the file that torch_recipe.py wrote; numpy_recipe.jsonl (the older variant's runs) is taken from beside it.
One JSON line per training, tag "<system> <target> <seed>", transfer
"tl <source>-><target> <seed>". The result holds counts only, so that means, deviations and ranges are computed where they
are shown. A transfer also has source_correct: what the network of the same seed got right on the source's test images, so
that the study's pooled accuracy of a seed is (source_correct + correct) / (source_images + images). Losses are those of
the last epoch. A table of means and sample deviations is printed.
Needs the standard library only.
"""
import common
import json
import os
from statistics import mean, stdev

options = common.arguments(__doc__, common.resources + '/reference.json', ('runs', 'torch_recipe.jsonl'))
names = {'softmax': 'softmax', 'nn': 'network', 'tl': 'transfer', 'adam': 'scratch-matched', 'random': 'random-frozen'}
images = {'even': 4926, 'odd': 5074}
other = {'even': 'odd', 'odd': 'even'}

runs = {}
with open(options.runs, encoding='utf-8') as file:
    for line in filter(str.strip, file):
        run = json.loads(line)
        system, halves, seed = run['tag'].split()
        source, _, target = halves.rpartition('->')
        assert names[system] != 'transfer' or source == other[target], run['tag']
        run.setdefault('images', images[target])
        run.setdefault('correct', round(run['acc'] * run['images']))
        assert run['images'] == images[target] and abs(run['correct'] / run['images'] - run['acc']) < 1e-6, run['tag']
        key = names[system], target, int(seed)
        assert key not in runs, f'{run["tag"]} is there twice'
        runs[key] = run

results = []
for system in names.values():
    for target in ('even', 'odd'):
        seeds = sorted(s for n, t, s in runs if (n, t) == (system, target))
        mine = [runs[system, target, s] for s in seeds]
        result = dict(system=system, target=target, images=images[target], seeds=seeds, correct=[r['correct'] for r in mine])
        if system == 'transfer':
            source = other[target]
            result |= dict(source=source, source_images=images[source],
                           source_correct=[runs['network', source, s]['correct'] for s in seeds])
        result |= dict(train_loss=[float('%.7g' % r['train']) for r in mine], test_loss=[float('%.7g' % r['test']) for r in mine])
        results.append(result)

numpy_runs = []
with open(os.path.join(os.path.dirname(options.runs), 'numpy_recipe.jsonl'), encoding='utf-8') as file:
    for line in filter(str.strip, file):
        run = json.loads(line)
        source = run['source']
        for system, target, key in (('network', source, 'scratch_accuracy'), ('transfer', other[source], 'transfer_accuracy')):
            numpy_runs.append(dict(system=system, target=target, seed=run['seed'], images=images[target],
                                   correct=round(run[key] * images[target])))

common.write(options.out, dict(
    made_by='Scripts/golden/reference_ranges.py from torch_recipe.jsonl (PyTorch 2.13, CPU, one thread)',
    what='Correct answers on the target\'s own test images after the study\'s recipes, one entry per seed, in the order of seeds. '
         'softmax: 784-10, SGD 0.001, momentum 0.9, 100 epochs. network: 784-500-10, the same. transfer: the other half\'s network, '
         'hidden layer frozen, its head trained on with a new Adam 0.001, 30 epochs; source_correct is what that network, before the '
         'transfer, got right on the source\'s test images. scratch-matched: the whole network from scratch, Adam 0.001, 30 epochs. '
         'random-frozen: a new head on a hidden layer that was never trained, Adam 0.001, 30 epochs. Losses are those of the last '
         'epoch: train_loss the mean of the batches\' losses before each update, test_loss the unweighted mean over test batches of 64.',
    # SHA-256 over "1x28x28 COUNT\n", the labels and the pixels of each half of MNIST, as Dataset.digest counts them.
    data_sha256=dict(
        train_even='62d1bf3f1087bf4df745c5547e8418e91cf7f7bd48072af7d75383d4ced3d942', train_odd='c23380ed72a234dc1b48979d2b1fcb1be047af09a5ddbc979dc84d9e50734d80',
        test_even='2280c1644911b3d3ded56db1863de90590a81ad124c3ad6a045780857c057045', test_odd='a7e5cfaf5d5c9f81997a6e28f44727a0982f3a3e735007c0ea8e37fa36fc64fd'),
    results=results, numpy=numpy_runs))

for r in results:
    accuracy = [100 * c / r['images'] for c in r['correct']]
    print(f'{r["system"]:16} {r["target"]:5} {len(accuracy)} seeds, {mean(accuracy):.2f} ± {stdev(accuracy):.2f}')
