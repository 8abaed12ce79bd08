"""Prints the table of a saved benchmark again, as Markdown.

    python Benchmarks/table.py FILE.json

One table per number of threads: a row per unit, a column per peer. A cell has the median of the rounds, the ratio to graft's
median in the same row, and the smallest and largest of the rounds. Above 1x the peer is slower than graft.
"""
import json
import os
import statistics
import sys

tasks = ('network-epoch', 'softmax-epoch', 'adam-epoch', 'convolution-epoch', 'convolution-best-epoch', 'transfer', 'product-64x784x500', 'product-512x784x500',
         'product-1024x1024x1024', 'predict-batch', 'predict-one',
         *(f'{name}-{kind}' for name in ('efficientnet-lite0', 'mobilenet-v2', 'resnet18') for kind in ('image', 'step')))

# What graft's figure in a row is, where it is not the task of the row's own name: the task and the part of it.
references = {'network-epoch-study': ('network-epoch', 1), 'softmax-epoch-study': ('softmax-epoch', 1),
              'transfer-as-study': ('transfer', 1), 'transfer-cached': ('transfer', 1), 'transfer-epoch-study': ('transfer', 30)}


def task(unit):
    return references.get(unit, (unit, 1))[0]


def counted(count, word='thread'):
    return f'{count} {word}{"s" * (count != 1)}'


def in_one_unit(*seconds):
    """Three digits each, in the unit that fits the first: s, ms or µs."""
    factor, unit = next(((f, u) for f, u in ((1, 's'), (1e3, 'ms')) if seconds[0] * f >= 0.9995), (1e6, 'µs'))
    return [f'{s * factor:.{max(0, 3 - len(str(int(s * factor))))}f}' for s in seconds], unit


def cell(seconds, graft=None):
    (median, low, high), unit = in_one_unit(statistics.median(seconds), min(seconds), max(seconds))
    ratio = f', **{statistics.median(seconds) / statistics.median(graft):.1f}x**' if graft else ''
    spread = f' ({low} to {high})' if len(seconds) > 1 else ''
    return f'{median} {unit}{ratio}{spread}'


def markdown(result):
    lines = []
    for threads in sorted({row['threads'] for row in result['rows']}):
        rows = {(row['unit'], row['peer']): row['seconds'] for row in result['rows'] if row['threads'] == threads and row['seconds']}
        names = [peer for peer in result['peers'] if peer != 'graft' and any(p == peer for _, p in rows)]
        units = {unit for unit, peer in rows if peer != 'graft'}
        units |= {unit for unit, _ in rows if unit not in map(task, units)}
        lines += [f'**{counted(threads)}** ({result["machine"]["cpu"]}, {result["date"]}, medians of '
                  f'{counted(result["rounds"], "round")}, ratio to graft, smallest to largest)', '']
        lines += [f'| unit | {" | ".join(["graft"] + names)} |', '|---|---:|' + '---:|' * len(names)]
        for unit in [form for name in tasks for form in (name, *references) if form in units and task(form) == name]:
            name, parts = references.get(unit, (unit, 1))
            graft = [s / parts for s in rows.get((name, 'graft'), [])]
            cells = [cell(graft) if graft else '']
            cells += [cell(rows[unit, peer], graft) if (unit, peer) in rows else '' for peer in names]
            lines.append(f'| {unit} | {" | ".join(cells)} |')
        lines.append('')
    return '\n'.join(lines + [f'- {note}' for note in result['notes']]).rstrip()


if __name__ == '__main__':
    if len(sys.argv) != 2 or sys.argv[1].startswith('-') or not os.path.exists(sys.argv[1]):
        sys.exit(__doc__)
    with open(sys.argv[1]) as file:
        print(markdown(json.load(file)))
