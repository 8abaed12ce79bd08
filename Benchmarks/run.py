"""Times graft beside its peers, alternating unit by unit, and prints medians and ratios as a Markdown table.

    python Benchmarks/run.py [--peers torch_tuned,jax_epoch] [--units network-epoch] [--threads 1|all|1,all] [--rounds 5]
                             [--data-dir FOLDER] [--graft PATH] [--out FILE.json]

Every peer is a process of its own that loads the data and warms up before the first round (peers/common.py) and sleeps while
others run. In each round every unit is run once by every peer that has it and once by graft (`graft bench UNIT`), in an
order that is rotated from round to round. A peer of N threads is held to N cores, graft too. A peer that is not installed
or fails is left out, with a note. A unit's name in --units stands for its forms too: transfer for transfer-cached.
--out keeps every single time; table.py prints the table from it again.
"""
import argparse
import datetime
import json
import os
import platform
import subprocess
import sys
import tempfile
import time

import table

folder = os.path.dirname(os.path.abspath(__file__))
peers = ('torch_tuned', 'torch_compile', 'torch_embeddingbag', 'torch_study', 'jax_epoch', 'numpy_epoch', 'sklearn_mlp', 'vw_softmax',
         'onnxruntime_predict', 'torch_families', 'onnxruntime_families')
cores = sorted(os.sched_getaffinity(0)) if hasattr(os, 'sched_getaffinity') else list(range(os.cpu_count()))


class Failed(Exception):
    pass


class Peer:
    """A peer's process. Its units are known once it has warmed up."""

    def __init__(self, name, threads, *arguments, cores=cores):
        self.name, self.errors = name, tempfile.TemporaryFile('w+')
        script = os.path.join(folder, 'peers', f'{name}.py')
        self.process = subprocess.Popen([sys.executable, script, '--threads', str(threads), *arguments], text=True, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=self.errors, preexec_fn=lambda: hold(cores))

    def ready(self):
        self.about = self.answer()
        self.units = self.about['units']
        return self

    def ask(self, unit):
        try:
            print(unit, file=self.process.stdin, flush=True)
        except BrokenPipeError:
            pass  # answer() says why
        return self.answer()

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            code = self.process.wait()
            self.errors.seek(0)
            lines = self.errors.read().strip().splitlines()
            raise Failed(f'ended with {code}: {lines[-1][:200] if lines else "no message"}')
        answer = json.loads(line)
        if 'error' in answer:
            raise Failed(answer['error'])
        return answer

    def end(self):
        """Ends of itself when its standard input does, so that a library can end its own helpers."""
        try:
            self.process.stdin.close()
            self.process.wait(10)
        except (OSError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()


class Graft:
    """A process for each unit; `graft bench` warms up by itself."""
    name = 'graft'

    def __init__(self, path, threads, data, units):
        self.path, self.threads, self.data, self.units = path, threads, data, units
        self.about = {'version': first_line([path, '--version']), 'first': {}}

    def ask(self, unit):
        command = [self.path, 'bench', unit, '--rounds', '1', '--threads', str(self.threads), '--json', '--data-dir', self.data]
        try:
            done = subprocess.run(command, capture_output=True, text=True, preexec_fn=lambda: hold(cores[-self.threads:]))
        except OSError as error:
            raise Failed(str(error))
        if done.returncode:
            raise Failed(f'bench ended with {done.returncode}: {(done.stderr.strip() or "no message").splitlines()[-1][:200]}')
        return {'seconds': next(row['seconds'][0] for row in json.loads(done.stdout)['rows'] if row['task'] == unit)}

    def end(self):
        pass


def hold(cores):
    if hasattr(os, 'sched_setaffinity'):
        os.sched_setaffinity(0, cores)


def first_line(command):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip().splitlines()[0]
    except (OSError, subprocess.CalledProcessError, IndexError):
        return 'unknown'


def processor():
    try:
        with open('/proc/cpuinfo') as file:
            return next(line.split(':', 1)[1].strip() for line in file if line.startswith('model name'))
    except (OSError, StopIteration):
        return first_line(['sysctl', '-n', 'machdep.cpu.brand_string'])


def blank(rounds):
    """What a result is before anything was measured."""
    return {'schema_version': 1, 'date': datetime.datetime.now().astimezone().isoformat(timespec='seconds'), 'rounds': rounds,
            'machine': {'cpu': processor(), 'cores': len(cores), 'system': f'{platform.system()} {platform.release()}'},
            'python': platform.python_version(), 'peers': {}, 'notes': [], 'rows': []}


def save(result, path):
    if path:
        with open(path + '.part', 'w') as file:
            json.dump(result, file, indent=1)
        os.replace(path + '.part', path)


def progress(text):
    print(text, file=sys.stderr, flush=True)


def measure(settings, threads, result):
    asked = set(settings.units or table.tasks)
    forms = asked | {unit for unit in table.references if table.task(unit) in asked}  # what peers are asked for
    graft_tasks = {table.task(unit) for unit in asked}

    def note(contestant, unit, error):
        result['notes'].append(f'{contestant}, {table.counted(threads)}{", " if unit else ""}{unit}: {error}')
        progress(result['notes'][-1])

    contestants, values, started = [], {}, []
    try:
        if settings.graft:
            contestants.append(Graft(settings.graft, threads, settings.data_dir, graft_tasks))
        for name in settings.peers:
            progress(f'{name}: warming up')
            started.append(Peer(name, threads, '--data-dir', settings.data_dir, '--units', ','.join(sorted(forms))))
            try:
                contestants.append(started[-1].ready())
            except Failed as error:
                note(name, '', error)
        for contestant in contestants:
            about = result['peers'].setdefault(contestant.name, {'version': contestant.about['version'], 'first': {}})
            about['first'][str(threads)] = contestant.about['first']

        # What is compared with the same task of graft's is run side by side.
        groups = {name: [(c, unit) for c in contestants for unit in c.units if table.task(unit) == name] for name in table.tasks}
        left_out = set()
        for turn in range(settings.rounds):
            progress(f'round {turn + 1} of {settings.rounds}, {table.counted(threads)}')
            for group in groups.values():
                first = turn % len(group) if group else 0
                for contestant, unit in group[first:] + group[:first]:
                    if (contestant, unit) in left_out or contestant in left_out:
                        continue
                    time.sleep(0.3)  # threads of the one before may spin for a while
                    try:
                        answer = contestant.ask(unit)
                    except Failed as error:
                        left_out.add((contestant, unit) if isinstance(contestant, Graft) else contestant)
                        note(contestant.name, unit, error)
                        continue
                    empty = {'threads': threads, 'unit': unit, 'peer': contestant.name, 'seconds': []}
                    row = values.setdefault((unit, contestant.name), empty)
                    row['seconds'].append(answer['seconds'])
                    if 'note' in answer:
                        row['note'] = answer['note']
        result['rows'] += values.values()
    finally:
        for peer in started:
            peer.end()


def default_graft():
    path = os.path.join(os.path.dirname(folder), '.build', 'release', 'graft')
    return path if os.path.exists(path) else None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = lambda text: text.split(',')
    parser.add_argument('--peers', type=names, default=list(peers), help='default: all')
    parser.add_argument('--units', type=names, help='default: all')
    parser.add_argument('--threads', type=names, default=['1'], help='numbers or all, with commas (default: 1)')
    parser.add_argument('--rounds', type=int, default=5)
    parser.add_argument('--data-dir', default=os.environ.get('GRAFT_DATA', '.'), help='folder that holds mnist/ (default: $GRAFT_DATA)')
    parser.add_argument('--graft', default=default_graft(), help="graft's binary (default: .build/release/graft)")
    parser.add_argument('--out', help='JSON file for every single time')
    settings = parser.parse_args()
    settings.data_dir = os.path.abspath(settings.data_dir)
    if unknown := [name for name in settings.peers if name not in peers]:
        parser.error(f'no peer {unknown[0]}; there are {", ".join(peers)}')
    units = (*table.tasks, *table.references)
    if unknown := [unit for unit in settings.units or [] if unit not in units]:
        parser.error(f'no unit {unknown[0]}; there are {", ".join(units)}')

    result = blank(settings.rounds)
    if not settings.graft:
        result['notes'].append('graft was not built: no ratios')
    for threads in dict.fromkeys(len(cores) if text == 'all' else int(text) for text in settings.threads):
        measure(settings, threads, result)
        save(result, settings.out)
    print(table.markdown(result))


if __name__ == '__main__':
    main()
