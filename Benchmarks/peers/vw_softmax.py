"""Vowpal Wabbit: one pass over the data as sparse examples that it has parsed beforehand, in a new order each time.

    python Benchmarks/peers/vw_softmax.py [--threads N] [--units UNIT,...]     (protocol: common.py)

Not the same recipe, but the same kind of model at its own best: ten one-against-all logistic regressions (--oaa 10, no softmax),
updated after every image (batch 1), --sgd (plain steps, no adaptive rates) with its falling learning rate, no momentum.
Parsed examples in memory were faster than its binary cache file (0.20 against 0.25 s). One thread, whatever is asked for.
"""
import common
import time
import vowpalwabbit

x, y = common.images()
workspace = vowpalwabbit.Workspace('--oaa 10 --loss_function logistic --sgd --learning_rate 0.01 --bit_precision 14 --quiet')


def line(image, label):
    pixels = image.nonzero()[0]
    return f'{label + 1} | ' + ' '.join(f'{i}:{image[i]:.4g}' for i in pixels.tolist())


examples = [workspace.example(line(*pair)) for pair in zip(x, y)]
test = [(workspace.example(line(*pair)), pair[1] + 1) for pair in zip(*common.images('t10k'))]


def epoch():
    learn, start = workspace.learn, time.perf_counter()
    for i in common.generator.permutation(len(examples)).tolist():
        learn(examples[i])
    seconds = time.perf_counter() - start
    right = sum(workspace.predict(example) == label for example, label in test)
    return {'seconds': seconds, 'note': f'accuracy {100 * right / len(test):.2f} %'}


common.serve(vowpalwabbit.__version__, {'softmax-epoch': epoch})
