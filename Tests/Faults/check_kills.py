"""Kills graft at random instants and inside its writes, and compares what it ends with with an uninterrupted run.

    python check_kills.py --graft .build/release/graft --data FOLDER --out FOLDER [--subjects train study …] [--kills 200] [--signals 50]

FOLDER with the data holds mnist/ and, for the subject `pictures`, pictures/hymenoptera.zip. Half of the SIGKILLs fall before, in the middle of or
after an operation that changes the disk (fault.c), the other half at random times. A killed run is called again with the same words, and may
be killed again; the last call runs to its end. After each kill, every file at a final name must be whole. At the end, all files must be those of
the uninterrupted run, and no temporary may be left. SIGTERM, SIGINT, SIGHUP and a terminal that is closed must end a run with the
documented code and a line that says how to go on.

Downloads are not a subject: the program fetches from fixed https addresses only.
"""

import argparse
import collections
import concurrent.futures
import contextlib
import json
import os
import pty
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import faults

options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
options.add_argument("--graft", type=Path, required=True)
options.add_argument("--data", type=Path, required=True)
options.add_argument("--out", type=Path, required=True)
options.add_argument("--subjects", nargs="+", default=["train", "transfer", "study", "reproduce", "pictures"])
options.add_argument("--kills", type=int, default=200, help="SIGKILLs for each subject")
options.add_argument("--signals", type=int, default=50, help="SIGTERMs and SIGINTs for each subject, and a fifth as many SIGHUPs and closed terminals")
options.add_argument("--seed", type=int, default=0)
options.add_argument("--processes", type=int, default=2)
options.add_argument("--json", type=Path)
arguments = options.parse_args()
# A shell lets what it starts in the background ignore SIGINT, and so would every graft that is started here.
signal.signal(signal.SIGINT, signal.default_int_handler)
graft, data, out = arguments.graft.resolve(), arguments.data.resolve(), arguments.out.resolve()
shutil.rmtree(out, ignore_errors=True)
out.mkdir(parents=True)
program = faults.Program(graft, faults.compiled(out), out / "logs")
STATE = {"FAULT_OPS": "state"}


class Subject:
    """A command that is killed. All runs of it happen in copies of one prepared folder, with the same relative paths."""

    # How much faster the clock runs that says when the state of a training is old enough to be written again.
    clocks = [None]
    # The rest of a line that tells how to go on.
    advice = "goes on"
    # Whether a signal ends it at once, as it ends a program without handlers.
    keeps_nothing = False
    # Files that may differ.
    ignored = ("tmp", "inputs")

    def __init__(self, name, words, prepare=None, resumed=None):
        self.name, self.words, self.prepare, self.resumed = name, words, prepare, resumed or words

    def begin(self):
        """Makes the folder and the fingerprint of an uninterrupted run; two of them must be equal."""
        self.base = out / f"{self.name}-base"
        (self.base / "inputs").mkdir(parents=True)
        if self.prepare:
            self.prepare(self.base)
        prints = []
        for number in range(2):
            root = faults.copy(self.base, out / f"{self.name}-whole")
            start = time.monotonic()
            ended = program.run(root, self.words, FAULT_CLOCK=self.clocks[-1], **STATE)
            self.seconds = time.monotonic() - start
            if ended.code:
                raise SystemExit(f"{self.name}: the uninterrupted run ended with {ended.code}: {ended.stderr}")
            self.operations = ended.log
            prints.append(faults.fingerprint(root, self.ignored))
        self.expected = prints[0]
        different = faults.differences(*prints)
        if different:
            raise SystemExit(f"{self.name}: two uninterrupted runs differ: {'; '.join(different)}")

    def fresh(self, number):
        return faults.copy(self.base, out / f"{self.name}-{number}")

    def between(self, root):
        """What is wrong with the files after a kill, in words. Files that are replaced as a whole are old or new."""
        wrong = []
        for path in sorted(root.rglob("*")):
            name = str(path.relative_to(root))
            if not path.is_file() or name.split("/")[0] in self.ignored or faults.TEMPORARY.search(name):
                continue
            if name.endswith(".sqlite"):
                found = faults.content(path, root)
                if path.stat().st_size > 0 and (not isinstance(found, dict) or found["integrity"] != ["ok"]):
                    wrong.append(f"{name} is damaged: {found}")
            elif name.endswith((".safetensors", ".training", ".decoded")) and not self.is_whole(path):
                wrong.append(f"{name} is cut off")
        return wrong

    @staticmethod
    def is_whole(path):
        """Whether a safetensors file is as long as its header says."""
        bytes = path.read_bytes()
        if len(bytes) < 8:
            return False
        size = int.from_bytes(bytes[:8], "little")
        try:
            header = json.loads(bytes[8:8 + size])
        except ValueError:
            return False
        ends = [value["data_offsets"][1] for key, value in header.items() if key != "__metadata__"]
        return len(bytes) == 8 + size + max(ends, default=0)

    def end(self, root):
        """Runs to the end, and says what is wrong."""
        ended = program.run(root, self.resumed, FAULT_CLOCK=self.clocks[0])
        if ended.code:
            return [f"the last call ended with {ended.code}: {ended.stderr.strip()[-300:]}"]
        return faults.differences(self.expected, faults.fingerprint(root, self.ignored))


# MARK: Subjects


def training(*flags):
    return ["train", "--data", "inputs/digits", "--classes", "even", "--out", "out/model.safetensors", "--threads", "1", "--resume", *flags]


def with_digits(folder):
    faults.small_digits(data, folder / "inputs/digits")


def with_source(folder):
    with_digits(folder)
    ended = program.run(folder, ["train", "--data", "inputs/digits", "--classes", "even", "--model", "mlp:32", "--epochs", "4", "--out", "inputs/source.safetensors", "--quiet"])
    if ended.code:
        raise SystemExit(ended.stderr)


def with_photographs(folder):
    faults.small_photographs(data, folder / "inputs/photographs")


def subjects(kind):
    """The commands of a kind, among which its kills are divided."""
    if kind == "train":
        logs = ["--log", "out/log.csv", "--tensorboard", "out/events", "--store", "out/runs.sqlite"]
        found = [
            Subject("train-sgd", training("--model", "mlp:32", "--epochs", "120", *logs), with_digits),
            Subject("train-adam", training("--model", "mlp:24", "--epochs", "100", "--optimizer", "adam", "--validation", "0.2", "--average-weights", "0.9", "--log", "out/log.jsonl"), with_digits),
            Subject("train-cnn", training("--model", "cnn:4c5-p2-16", "--epochs", "25", "--augment", "--dropout", "0.2"), with_digits)]
        for one in found:
            one.clocks = [None, 300, 1e6]
        return found
    if kind == "transfer":
        methods = "scratch random-frozen frozen fine-tune lp-ft gradual discriminative l2-sp bias-only copy copy+".split()
        found = []
        for method in methods:
            control = [] if method == "scratch" else ["--seeds", "2"]
            found.append(Subject(
                f"transfer-{method}",
                ["transfer", "--from", "inputs/source.safetensors", "--data", "inputs/digits", "--classes", "odd", "--method", method, "--per-class", "20",
                 "--recipe", "quick", "--epochs", "60", "--out", "out/model.safetensors", "--log", "out/log.csv", "--threads", "1", "--resume", *control], with_source))
            found[-1].clocks = [None, 1e6]
        return found
    if kind == "study":
        one = Subject(
            "study",
            ["study", "--data", "inputs/digits", "--model", "mlp:16", "--methods", "frozen,fine-tune", "--per-class", "5,20", "--seeds", "3", "--epochs", "3",
             "--out", "out/study", "--store", "out/store.sqlite", "--threads", "1"], with_digits)
        # Its tables tell seconds, too.
        one.clocks = [0]
        return [one]
    if kind == "reproduce":
        one = Subject(
            "reproduce",
            ["reproduce", "--dataset", "synthetic", "--epochs", "2", "--transfer-epochs", "2", "--no-controls", "--out", "out/reproduce", "--threads", "1"])
        one.clocks = [None, 1e6]
        # It begins anew when it is called again.
        one.keeps_nothing = True
        return [one]
    if kind == "pictures":
        one = Subject(
            "pictures",
            ["train", "--data", "inputs/photographs", "--size", "32", "--model", "cnn:4c5-p2-16", "--epochs", "12", "--recipe", "colour-quick", "--out", "out/model.safetensors",
             "--threads", "1", "--resume"], with_photographs)
        one.clocks = [None, 1e6]
        return [one]
    raise SystemExit(f"there is no subject {kind}")


# MARK: Kills

# Operations are drawn by name first: there are many more writes than renames.
WEIGHTS = {"write": 4, "fsync": 3, "rename": 3, "close": 2, "open": 3, "unlink": 3, "truncate": 1, "mkdir": 1}


def drawn_operation(chance, operations):
    names = sorted({operation.name for operation in operations})
    name = chance.choices(names, [WEIGHTS.get(name, 1) for name in names])[0]
    return chance.choice([operation for operation in operations if operation.name == name])


class Chain:
    """Calls of one command that are killed, and the last one that is not."""

    def __init__(self, subject, number, seed, most):
        self.subject, self.number, self.most = subject, number, most
        self.chance = random.Random(f"{subject.name} {seed} {number}")
        self.kills, self.wrong = [], []

    def run(self):
        subject, chance = self.subject, self.chance
        root = subject.fresh(self.number)
        words = subject.words
        # A kill that comes after the end is none; then the chain is short.
        for _ in range(self.most):
            clock = chance.choice(subject.clocks)
            kill = self.inside(root, words, clock) if chance.random() < 0.5 else self.anywhere(root, words, clock)
            words = subject.resumed
            if kill is None:
                break
            self.kills.append(kill)
            self.wrong += [f"after {kill['where']}: {word}" for word in subject.between(root)]
        self.wrong += subject.end(root)
        if self.wrong:
            faults.copy(root, out / "misses" / root.name)
        shutil.rmtree(root)
        return self

    def inside(self, root, words, clock):
        chance = self.chance
        at = drawn_operation(chance, self.subject.operations)
        # Of an operation that is no write, torn is before it.
        kind = chance.choice(["kill", "torn", "torn", "after"])
        ended = program.run(root, words, FAULT_CLOCK=clock, FAULT_AT=at.number, FAULT_KIND=kind, **STATE)
        return self.kill(root, ended, kind)

    def anywhere(self, root, words, clock):
        wait = self.chance.uniform(0, 1.05 * self.subject.seconds)

        def disturb(process):
            time.sleep(wait)
            process.send_signal(signal.SIGKILL)

        return self.kill(root, program.run(root, words, before_end=disturb, FAULT_CLOCK=clock, **STATE), None)

    def kill(self, root, ended, kind):
        """What was killed and where; None if the run had ended."""
        if ended.code == 0:
            return None
        if ended.code != -signal.SIGKILL:
            self.wrong.append(f"ended with {faults.signal_name(ended.code)}: {ended.stderr.strip()[-300:]}")
            return None
        if kind is None:
            return {"where": "any time", "operation": None}
        operation = ended.fault
        moment = "half" if kind == "torn" and operation.name == "write" else "after" if kind == "after" else "before"
        file = "journal" if operation.path.endswith("-journal") else "store" if operation.path.endswith(".sqlite") else ""
        kind = f"{moment} {operation.name}"
        return {"where": f"{kind} {operation.place(root)}", "operation": operation.name, "kind": kind, "sqlite": file}


def campaign(kind, found):
    """SIGKILLs until there are enough of them; returns what is to be told."""
    kills, missed, number = [], [], 0
    pool = concurrent.futures.ThreadPoolExecutor(arguments.processes)
    chance = random.Random(arguments.seed)
    running = set()
    while len(kills) < arguments.kills or running:
        while len(running) < arguments.processes and len(kills) < arguments.kills:
            most = min(chance.choice([1, 1, 2, 3, 5]), arguments.kills - len(kills))
            running.add(pool.submit(Chain(found[number % len(found)], number, arguments.seed, most).run))
            number += 1
        ended, running = concurrent.futures.wait(running, return_when=concurrent.futures.FIRST_COMPLETED)
        for chain in ended:
            chain = chain.result()
            kills += chain.kills
            if chain.wrong:
                missed.append({"subject": chain.subject.name, "chain": chain.number, "kills": [kill["where"] for kill in chain.kills], "wrong": chain.wrong})
                print(f"  MISS {chain.subject.name} {chain.number}: {'; '.join(chain.wrong)}\n       killed: {', '.join(kill['where'] for kill in chain.kills)}", flush=True)
    bad = sum(len(miss["kills"]) for miss in missed)
    operations = collections.Counter(kill["operation"] for kill in kills if kill["operation"])
    kinds = collections.Counter(kill["kind"] for kill in kills if kill["operation"])
    inside = ", ".join(f"{count} {name}" for name, count in operations.most_common())
    sqlite = sum(1 for kill in kills if kill.get("sqlite"))
    print(
        f"{kind}: {len(kills) - bad} of {len(kills)} SIGKILL in {number} runs (inside a write of state {sum(operations.values())}: {inside}; "
        f"{kinds['half write']} in the middle of one" + (f"; {sqlite} of SQLite's" if sqlite else "") + ")", flush=True)
    return {"kills": len(kills), "held": len(kills) - bad, "runs": number, "inside": operations, "kinds": kinds, "sqlite": sqlite, "misses": missed}


# MARK: Signals


class Stop:
    """A run that is asked to stop, and goes on."""

    def __init__(self, subject, number, name):
        self.subject, self.number, self.name = subject, number, name
        self.chance = random.Random(f"{subject.name} {name} {number} {arguments.seed}")
        self.wrong, self.how = [], ""

    def run(self):
        root = self.subject.fresh(f"{self.name}-{self.number}")
        clock = self.chance.choice(self.subject.clocks)
        # Times are drawn again until the signal comes before the end.
        for _ in range(20):
            code, stderr, log = (self.hang_up if self.name == "terminal" else self.send)(root, clock)
            if code != 0:
                break
            root = self.subject.fresh(f"{self.name}-{self.number}")
        number = signal.SIGHUP if self.name == "terminal" else signal.Signals[f"SIG{self.name}"]
        if code == 0:
            self.how = "it always ended first"
        elif code == -number and self.subject.keeps_nothing:
            self.how = "at once"
        elif code == -number and not log:
            # The program has not changed anything yet, and ends as any program does.
            self.how = "before anything was written"
        elif self.name == "terminal" and code == 74 and not faults.differences(self.subject.expected, faults.fingerprint(root, self.subject.ignored)):
            # All was written when the terminal went, and only the text on it is lost.
            self.how = "after the end of the work"
        elif code != 128 + number:
            self.wrong.append(f"ended with {faults.signal_name(code)}: {stderr.strip()[-300:]}")
        elif self.name != "terminal":
            lines = [line for line in stderr.splitlines() if self.subject.advice in line]
            if len(lines) != 1 or not stderr.rstrip().endswith(lines[0].rstrip()):
                self.wrong.append(f"no last line that says how to go on: {stderr.strip()[-300:]!r}")
        self.wrong += self.subject.between(root)
        self.wrong += self.subject.end(root)
        if self.wrong:
            faults.copy(root, out / "misses" / root.name)
        shutil.rmtree(root)
        return self

    def send(self, root, clock):
        number = signal.Signals[f"SIG{self.name}"]
        if self.chance.random() < 0.3:
            at = drawn_operation(self.chance, self.subject.operations)
            ended = program.run(root, self.subject.words, FAULT_CLOCK=clock, FAULT_AT=at.number, FAULT_KIND="signal", FAULT_SIGNAL=int(number), **STATE)
        else:
            wait = self.chance.uniform(0, self.subject.seconds)

            def disturb(process):
                time.sleep(wait)
                process.send_signal(number)

            ended = program.run(root, self.subject.words, before_end=disturb, FAULT_CLOCK=clock, **STATE)
        return ended.code, ended.stderr, ended.log

    def hang_up(self, root, clock):
        """Runs in a terminal that is closed after a while."""
        log = program.logs / f"terminal-{self.number}"
        log.unlink(missing_ok=True)
        environment = program.environment(root, log, FAULT_CLOCK=clock, **STATE)
        words = [str(graft), *self.subject.words]
        terminal, inside = pty.openpty()
        # The program leads a session of its own, of which the terminal is the one.
        process = subprocess.Popen(["setsid", "--ctty", *words], cwd=root, env=environment, stdin=inside, stdout=inside, stderr=inside)
        os.close(inside)
        text = b""
        end = time.monotonic() + self.chance.uniform(0.05, self.subject.seconds)
        os.set_blocking(terminal, False)
        while time.monotonic() < end:
            with contextlib.suppress(OSError):
                text += os.read(terminal, 65536)
            time.sleep(0.01)
        os.close(terminal)
        return process.wait(timeout=300), text.decode(errors="replace"), faults.read_log(log)


def stops(kind, found):
    told = {}
    for name, count in ("TERM", arguments.signals), ("INT", arguments.signals), ("HUP", arguments.signals // 5), ("terminal", arguments.signals // 5):
        if count == 0:
            continue
        with concurrent.futures.ThreadPoolExecutor(arguments.processes) as pool:
            ended = list(pool.map(lambda number: Stop(found[number % len(found)], number, name).run(), range(count)))
        missed = [{"subject": stop.subject.name, "number": stop.number, "wrong": stop.wrong} for stop in ended if stop.wrong]
        for miss in missed:
            print(f"  MISS {miss['subject']} {name} {miss['number']}: {'; '.join(miss['wrong'])}", flush=True)
        special = collections.Counter(stop.how for stop in ended if stop.how)
        title = "closed terminal" if name == "terminal" else f"SIG{name}"
        print(f"{kind}: {count - len(missed)} of {count} {title}" + "".join(f" ({count} {how})" for how, count in special.items()), flush=True)
        told[name] = {"stops": count, "held": count - len(missed), "special": special, "misses": missed}
    return told


# MARK: All

told = {}
for kind in arguments.subjects:
    found = subjects(kind)
    for one in found:
        one.begin()
    told[kind] = {"seconds": {one.name: round(one.seconds, 2) for one in found}, "operations": {one.name: len(one.operations) for one in found}}
    print(f"{kind}: " + ", ".join(f"{one.name} {one.seconds:.2f} s and {len(one.operations)} operations" for one in found), flush=True)
    if arguments.kills:
        told[kind]["SIGKILL"] = campaign(kind, found)
    told[kind].update(stops(kind, found))
    if arguments.json:
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        arguments.json.write_text(json.dumps(told, indent=1) + "\n")
misses = sum(len(part["misses"]) for kind in told.values() for part in kind.values() if isinstance(part, dict) and "misses" in part)
sys.exit(1 if misses else 0)
