"""Times the whole reproduction: the study's six trainings, with test loss and accuracy after every epoch, by graft and PyTorch.

    python Benchmarks/reproduction.py [--arrangements graft,torch,torch-compile] [--rounds 1] [--study [--study-epochs K]]
                                      [--data-dir FOLDER] [--graft PATH] [--out FILE.json] [--epochs 100 30]

graft           graft reproduce --no-controls --quiet, on all cores
torch           PyTorch with preloaded tensors and fused optimizers: one process per core with one thread, held to its core. The
                networks are started first and each goes on to its transfer, with features computed once; the softmax regressions
                fill what is left, so that on two cores both end together. More than four cores gain nothing more.
torch-compile   the same with every step through torch.compile. Compiling counts; the second run finds it in torch's cache.
--study         also the study's script as it was published: serial, DataLoader, default threads. Half an hour. --study-epochs K
                runs K epochs of each training and says what that makes for 100 and 30.

Seconds are those of the whole command, from starting the process to its end; graft also writes its figures and checkpoints in
them. --epochs rehearses with fewer epochs. The accuracies are printed so that one can see that all did the same work.
"""
import argparse
import concurrent.futures
import json
import os
import statistics
import subprocess
import tempfile
import time

import run

systems = [f'{system} {half}' for system in ('softmax', 'network', 'transfer') for half in ('even', 'odd')]


def graft(settings):
    with tempfile.TemporaryDirectory() as folder:
        command = [settings.graft, 'reproduce', '--no-controls', '--quiet', '--data-dir', settings.data_dir, '--out', folder]
        if settings.epochs != [100, 30]:
            command += ['--epochs', str(settings.epochs[0]), '--transfer-epochs', str(settings.epochs[1])]
        start = time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True)
        seconds = time.perf_counter() - start
        if done.returncode:
            raise run.Failed(f'graft ended with {done.returncode}: {(done.stderr.strip() or "no message").splitlines()[-1]}')
        with open(os.path.join(folder, 'results.json')) as file:
            cells = json.load(file)['cells']
    return {'seconds': seconds, 'cells': [{'system': c['system'], 'target': c['target'], 'accuracy': c['accuracy']['mean']} for c in cells]}


def torch(settings, suffix=''):
    jobs = [f'{name}{suffix}' for name in ('network-even', 'network-odd', 'softmax-even', 'softmax-odd')]
    start = time.perf_counter()
    peers = [run.Peer('torch_reproduction', 1, *arguments(settings, settings.epochs), cores=[core]) for core in run.cores[:len(jobs)]]

    def work(peer):
        """Does jobs while there are any, longest first."""
        peer.ready()
        answers = []
        while True:
            try:
                job = jobs.pop(0)
            except IndexError:
                break
            answers.append(peer.ask(job))
        return [cell for answer in answers for cell in answer['cells']], time.perf_counter() - start
    try:
        with concurrent.futures.ThreadPoolExecutor(len(peers)) as pool:
            done = list(pool.map(work, peers))
    finally:
        for peer in peers:
            peer.end()
    ends = [end for _, end in done]
    return {'seconds': max(ends), 'ends': ends, 'cells': [cell for cells, _ in done for cell in cells]}


def study(settings):
    k = settings.study_epochs
    epochs = [k or full for full in settings.epochs]
    start = time.perf_counter()
    peer = run.Peer('torch_reproduction', 'all', *arguments(settings, epochs))
    try:
        peer.ready()
        cells = peer.ask('study')['cells']
    finally:
        peer.end()
    seconds = time.perf_counter() - start
    if not k:
        return {'seconds': seconds, 'cells': cells}
    full = {'softmax': settings.epochs[0], 'network': settings.epochs[0], 'transfer': settings.epochs[1]}
    more = sum(cell['seconds'] * (full[cell['system']] / cell['epochs'] - 1) for cell in cells)
    return {'seconds': seconds + more, 'measured': seconds, 'cells': cells,
            'note': f'{k} epochs of each training were run, in {seconds:.0f} s; the total is scaled by {settings.epochs[0]}/{k} '
                    f'(transfer {settings.epochs[1]}/{k}) and the accuracies are those after {k}'}


def arguments(settings, epochs):
    return ['--data-dir', settings.data_dir, '--epochs', *map(str, epochs)]


arrangements = {'graft': graft, 'torch': torch, 'torch-compile': lambda settings: torch(settings, '-compiled'), 'study': study}


def markdown(result):
    totals = {name: statistics.median(r['seconds'] for r in runs) for name, runs in result['runs'].items() if runs}
    lines = [f'**The whole reproduction** ({result["machine"]["cpu"]}, {run.table.counted(result["machine"]["cores"], "core")}, '
             f'{result["date"]}, medians of {run.table.counted(result["rounds"], "round")}, ratio to graft, accuracy of the first)', '',
             f'| arrangement | seconds | ratio | {" | ".join(systems)} |', '|---|---:|---:|' + '---:|' * len(systems)]
    for name, seconds in totals.items():
        ratio = f'{seconds / totals["graft"]:.1f}x' if 'graft' in totals else ''
        accuracy = {f'{c["system"]} {c["target"]}': f'{c["accuracy"]:.2f}' for c in result['runs'][name][0]['cells']}
        lines.append(f'| {name} | {seconds:.1f} | {ratio} | {" | ".join(accuracy.get(system, "") for system in systems)} |')
    notes = [f'{name}: {runs[0]["note"]}' for name, runs in result['runs'].items() if runs and 'note' in runs[0]]
    return '\n'.join(lines + [''] + [f'- {note}' for note in result['notes'] + notes]).rstrip()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--arrangements', type=lambda text: text.split(','), default=['graft', 'torch', 'torch-compile'])
    parser.add_argument('--study', action='store_true')
    parser.add_argument('--study-epochs', type=int, metavar='K')
    parser.add_argument('--rounds', type=int, default=1, help='of all but the study, alternating (default: 1)')
    parser.add_argument('--epochs', type=int, nargs=2, default=[100, 30], help='of a training and of a transfer (default: 100 30)')
    parser.add_argument('--data-dir', default=os.environ.get('GRAFT_DATA', '.'), help='folder that holds mnist/ (default: $GRAFT_DATA)')
    parser.add_argument('--graft', default=run.default_graft(), help="graft's binary (default: .build/release/graft)")
    parser.add_argument('--out', help='JSON file')
    settings = parser.parse_args()
    settings.data_dir = os.path.abspath(settings.data_dir)
    names = settings.arrangements + ['study'] * (settings.study or bool(settings.study_epochs))
    if unknown := [name for name in names if name not in arrangements]:
        parser.error(f'no arrangement {unknown[0]}; there are {", ".join(arrangements)}')
    if 'graft' in names and not settings.graft:
        parser.error('graft was not built; give --graft, or --arrangements without it')

    result = run.blank(settings.rounds)
    del result['rows'], result['peers']
    result |= {'epochs': settings.epochs, 'runs': {name: [] for name in names}}
    for turn in range(settings.rounds):
        for name in names:
            if name == 'study' and turn > 0:
                continue
            run.progress(f'{name}, round {turn + 1} of {settings.rounds}')
            try:
                result['runs'][name].append(arrangements[name](settings))
            except (run.Failed, OSError) as error:
                result['notes'].append(f'{name}: {error}')
                run.progress(result['notes'][-1])
            run.save(result, settings.out)
    print(markdown(result))


if __name__ == '__main__':
    main()
