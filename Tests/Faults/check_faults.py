"""Lets each file operation of graft's commands fail in turn, and looks at the exit code, the message and the files.

    python check_faults.py --graft .build/release/graft --data FOLDER --out FOLDER [--cases train export …] [--sample 200]

The method of SQLite's I/O error tests. All operations of an undisturbed run are recorded (fault.c), over the outputs of an older run. Then the
command runs again for each operation and each fault that fits it: ENOSPC, EIO, EACCES, EINTR, EMFILE, ENOMEM and short reads and writes, once,
and for ENOSPC and EIO from then on, too. After each:

- the exit code is 0 only if all outputs are those of the undisturbed run, and only if the fault hit nothing that must reach the disk; else it is
  65, 66, 73, 74, 75 or 77;
- a failure is told in one line, which names the file or its folder;
- each output is the old one or the new one, as a whole; a file that grows record by record holds whole records;
- no temporary is left, unless a removal was what failed;
- the same command, undisturbed, ends with the outputs of the undisturbed run.
"""

import argparse
import collections
import concurrent.futures
import json
import random
import re
import shutil
import signal
import sys
import time
from pathlib import Path

import faults

options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
options.add_argument("--graft", type=Path, required=True)
options.add_argument("--data", type=Path, required=True)
options.add_argument("--out", type=Path, required=True)
options.add_argument("--cases", nargs="+", help="only those whose names begin so")
options.add_argument("--sample", type=int, help="faults for each command, drawn at random (default: all)")
options.add_argument("--seed", type=int, default=0)
options.add_argument("--processes", type=int, default=2)
options.add_argument("--json", type=Path)
arguments = options.parse_args()
graft, data, out = arguments.graft.resolve(), arguments.data.resolve(), arguments.out.resolve()
shutil.rmtree(out, ignore_errors=True)
out.mkdir(parents=True)
program = faults.Program(graft, faults.compiled(out), out / "logs")

CODES = {65, 66, 73, 74, 75, 77}
# The operations that each fault fits, as in fault.c.
FITS = {
    "ENOSPC": "open write fsync rename mkdir link",
    "EIO": "open open-read read write fsync close rename unlink truncate mkdir link list map times",
    "EACCES": "open open-read rename unlink mkdir link list map times",
    "EINTR": "open open-read read write fsync close close-read truncate",
    "EMFILE": "open open-read list",
    "ENOMEM": "map",
    "short": "read write",
}
FITS = {kind: set(names.split()) for kind, names in FITS.items()}
PERSISTENT = ("ENOSPC", "EIO")
# Data that is lost if one of these fails.
LASTING = {"open", "write", "fsync", "rename", "truncate", "mkdir", "link"}


class Case:
    """A command, the folder that it runs in, and what it writes there."""

    def __init__(self, name, words, prepare, clock=0, grows=(), optional=("cache", "tmp"), most=None):
        self.name, self.words, self.prepare, self.clock, self.most = name, words, prepare, clock, most
        # Files to which records are appended: neither old nor new while the command runs.
        self.grows = grows
        # Places that nothing of the result is in: decoded pictures, locks.
        self.optional = optional

    def run(self, root, **faults):
        return program.run(root, self.words, timeout=120, FAULT_CLOCK=self.clock, **faults)

    def begin(self):
        self.base = out / f"{self.name}-base"
        (self.base / "inputs").mkdir(parents=True)
        self.prepare(self.base)
        self.old = self.print(self.base)
        prints = []
        for _ in range(2):
            root = faults.copy(self.base, out / f"{self.name}-whole")
            start = time.monotonic()
            ended = self.run(root)
            self.seconds = time.monotonic() - start
            if ended.code:
                raise SystemExit(f"{self.name}: the undisturbed run ended with {ended.code}: {ended.stderr}")
            prints.append(self.print(root))
            self.operations = ended.log
        self.new = prints[1]
        self.wholes = collections.defaultdict(list)
        different = faults.differences(*prints)
        if different:
            raise SystemExit(f"{self.name}: two undisturbed runs differ: {'; '.join(different)}")
        # A file that is replaced twice, such as a checkpoint that gets its verdict, has a whole version in between.
        renames = [operation for operation in self.operations if operation.name == "rename"]
        for operation in renames:
            if sum(other.path == operation.path for other in renames) > 1 and not operation.path.endswith(".training"):
                root = faults.copy(self.base, out / f"{self.name}-whole")
                self.run(root, FAULT_AT=operation.number, FAULT_KIND="after")
                place = operation.path[len(str(root)) + 1:]
                self.wholes[place].append(self.print(root).get(place))

    def print(self, root):
        return faults.fingerprint(root, ["logs"])

    def faults(self):
        found = []
        for operation in self.operations:
            for kind, names in FITS.items():
                if operation.name in names and (kind != "short" or operation.bytes > 1):
                    found.append((operation, kind, False))
                    if kind in PERSISTENT:
                        found.append((operation, kind, True))
        count = min(filter(None, [arguments.sample, self.most]), default=None)
        if count and count < len(found):
            # Operations on one place are much alike: each place gets its turn first.
            chance = random.Random(f"{arguments.seed} {self.name}")
            chance.shuffle(found)
            turns = collections.Counter()

            def turn(fault):
                operation, kind, persists = fault
                key = operation.label(out / f"{self.name}-whole"), kind, persists
                turns[key] += 1
                return turns[key]

            found = [fault for _, _, fault in sorted((turn(fault), place, fault) for place, fault in enumerate(found))][:count]
        return found

    def disturb(self, number, operation, kind, persists):
        """Runs with one fault; returns the exit code and what is wrong."""
        root = faults.copy(self.base, out / f"{self.name}-{number}")
        ended = self.run(root, FAULT_AT=operation.number, FAULT_KIND=kind, FAULT_PERSIST=int(persists))
        wrong = []
        if ended.fault is None:
            shutil.rmtree(root)
            return None, []
        found = self.print(root)
        hit = [operation for operation in ended.log if operation.fault]
        keeps = any(operation.name == "unlink" for operation in hit)
        if ended.code == 0:
            different = faults.differences(self.new, found)
            if keeps:
                different = [word for word in different if not word.endswith("is left behind")]
            if different and not self.only_lacks_optional(different):
                wrong.append("exit code 0, but " + "; ".join(different))
            lost = self.lost(ended.log, root) if kind not in ("EINTR", "short") else None
            if lost:
                wrong.append(f"exit code 0, but it could not {lost.label(root)}")
        elif ended.code not in CODES:
            wrong.append(f"ended with {faults.signal_name(ended.code)}: {ended.stderr.strip()[-200:]}")
        else:
            wrong += self.unclear(ended.stderr, hit, ended.log, root)
        if ended.code != 0:
            wrong += self.torn(found, keeps, persists)
        again = self.run(root)
        if again.code != 0:
            wrong.append(f"the next run ended with {faults.signal_name(again.code)}: {again.stderr.strip()[-200:]}")
        else:
            wrong += [f"after the next run, {word}" for word in faults.differences(self.new, self.print(root))]
        shutil.rmtree(root)
        return ended.code, wrong

    def is_optional(self, place):
        return place.startswith(self.optional)

    def only_lacks_optional(self, different):
        return all(self.is_optional(word) for word in different)

    def lost(self, log, root):
        """The first operation that had to succeed and did not, although the program said that all is well."""
        written, isDatabase = set(), False
        for operation in log:
            place = operation.place(root)
            isFolder = Path(operation.path).is_dir()
            if not isFolder:
                isDatabase = bool(re.search(r"\.sqlite(-journal)?$", operation.path))
            # SQLite itself passes over a folder that it cannot synchronise, over what a close says after fsync, and reads a file that it may
            # not write.
            if isDatabase and (isFolder or operation.name == "close") or place.startswith("inputs/"):
                continue
            if operation.name == "write":
                written.add(operation.path)
            lasts = operation.name in LASTING or (operation.name == "close" and operation.path in written)
            if operation.fault and lasts and not self.is_optional(place) and not place.endswith(".lock"):
                return operation
        return None

    def unclear(self, stderr, hit, log, root):
        """What is wrong with the message of a failure."""
        lines = [line for line in stderr.splitlines() if not line.startswith("warning: ")]
        if len(lines) != 1 or not lines[0].startswith("graft: error: "):
            return [f"not one line: {stderr.strip()[-300:]!r}"]
        line = lines[0]
        if faults.TEMPORARY.search(line.split(": cannot")[0]):
            return [f"the message names a temporary: {line}"]
        # Of several, the first may be one that does not matter.
        for operation in hit:
            path = Path(operation.path)
            name = re.sub(r"^\.(.*)\.tmp-[0-9a-f-]+$", r"\1", path.name)
            name = re.sub(r"-journal$", "", name)
            # A folder is synchronised because of what was made in it.
            inside = [operation.path for operation in log if Path(operation.path).parent == path] if path.is_dir() else []
            if any(word in line for word in [name, path.parent.name, *(Path(other).name for other in inside)]):
                return []
        return [f"the message does not name {hit[0].place(root)}: {line}"]

    def torn(self, found, keeps, persists):
        """What is wrong with the files after a failure."""
        wrong = []
        for name in sorted(self.old.keys() | found.keys()):
            value, isKept = found.get(name), name in self.old or name in self.new
            if faults.TEMPORARY.search(name) or name.startswith("tmp/"):
                # While nothing can be written, SQLite cannot undo its write either; the journal is for the next call.
                if not keeps and not (persists and name.endswith("-journal")):
                    wrong.append(f"{name} is left behind")
            elif self.is_optional(name):
                continue
            elif any(re.search(pattern, name) for pattern in self.grows):
                if value is None and name in self.old:
                    wrong.append(f"{name} is gone")
                elif "unreadable" in str(value) or "cut off" in str(value):
                    wrong.append(f"{name} is broken: {value}")
            # The state of a training that stopped is there so that it can go on.
            elif name.endswith(".training"):
                continue
            elif value is None and self.new.get(name) is not None:
                wrong.append(f"{name} is gone")
            elif value is not None and not isKept:
                wrong.append(f"{name} is left behind")
            elif value is not None and value not in [self.old.get(name), self.new.get(name), *self.wholes[name]]:
                wrong.append(f"{name} is neither old nor new")
        return wrong

    def campaign(self):
        self.begin()
        chosen = self.faults()
        held, reached, missed, every, codes = 0, 0, [], [], collections.defaultdict(collections.Counter)
        with concurrent.futures.ThreadPoolExecutor(arguments.processes) as pool:
            results = pool.map(lambda pair: self.disturb(pair[0], *pair[1]), enumerate(chosen))
            for (operation, kind, persists), (code, wrong) in zip(chosen, results):
                if code is None:
                    continue
                reached += 1
                codes[kind][faults.signal_name(code)] += 1
                every.append([operation.number, operation.label(out / f"{self.name}-whole"), kind + ("+" if persists else ""), code])
                if not wrong:
                    held += 1
                    continue
                missed.append({
                    "operation": operation.number, "name": operation.label(out / f"{self.name}-whole"), "kind": kind + ("+" if persists else ""),
                    "code": code, "wrong": wrong})
        words = "; ".join(f"{kind} " + ", ".join(f"{code}: {count}" for code, count in sorted(counts.items())) for kind, counts in codes.items())
        print(f"{self.name}: {held} of {reached} faults at {len(self.operations)} operations, {self.seconds:.2f} s each (codes: {words})", flush=True)
        groups = collections.defaultdict(list)
        for miss in missed:
            groups[re.sub(r"-\d+-\d+|-\d+/", "-N", "; ".join(miss["wrong"]))].append(f"{miss['kind']} at {miss['operation']} {miss['name']}")
        for reason, places in sorted(groups.items(), key=lambda group: -len(group[1]))[:12]:
            print(f"  MISS {len(places)} x {reason}\n       {', '.join(places[:4])}", flush=True)
        shutil.rmtree(self.base)
        shutil.rmtree(out / f"{self.name}-whole")
        return {
            "operations": len(self.operations), "faults": reached, "held": held, "codes": codes, "misses": missed, "every": every,
            "by_operation": collections.Counter(operation.name for operation in self.operations)}


# MARK: Cases


def do(root, *words, **faults):
    """Runs a command while a folder is prepared."""
    ended = program.run(root, list(words), FAULT_CLOCK=faults.pop("clock", 0), **faults)
    if ended.code and not faults:
        raise SystemExit(f"graft {' '.join(words)} ended with {ended.code}: {ended.stderr}")
    return ended


def digits(root):
    faults.small_digits(data, root / "inputs/digits", train=200, test=100)


def source(root, seed="0", to="inputs/source.safetensors"):
    digits(root)
    do(root, "train", "--data", "inputs/digits", "--classes", "even", "--model", "mlp:12", "--epochs", "2", "--seed", seed, "--out", to, "--quiet")


def with_old(words, prepare, seed=True):
    """A folder in which the command was run before, with another seed."""

    def prepared(root):
        prepare(root)
        do(root, *words, *(["--seed", "7"] if seed else []))

    return prepared


def cases():
    common = ["--threads", "1", "--quiet"]
    logs = ["--log", "out/log.csv", "--tensorboard", "out/events", "--store", "out/runs.sqlite"]
    train = ["train", "--data", "inputs/digits", "--classes", "even", "--model", "mlp:8", "--epochs", "3", "--out", "out/model.safetensors", *common]
    grows = (r"log\.csv$", "tfevents", r"\.sqlite$")
    yield Case("train", train + ["--report", "out/page.html"], with_old(train, digits), clock=1e6)
    yield Case("train-logs", train + logs, with_old(train, digits), clock=1e6, grows=grows)

    resumed = train + ["--resume", "--log", "out/log.csv", "--tensorboard", "out/events"]

    def interrupted(root):
        digits(root)
        log = do(root, *resumed, clock=1e6).log
        renames = [operation.number for operation in log if operation.name == "rename" and operation.path.endswith(".training")]
        shutil.rmtree(root / "out")
        do(root, *resumed, clock=1e6, FAULT_AT=renames[0], FAULT_KIND="after")

    yield Case("train-resumed", resumed, interrupted, clock=1e6, grows=grows)
    for method in ("frozen", "fine-tune", "gradual", "lp-ft", "copy+"):
        words = ["transfer", "--from", "inputs/source.safetensors", "--data", "inputs/digits", "--classes", "odd", "--method", method, "--recipe", "quick", "--epochs", "3",
                 "--per-class", "5", "--seeds", "2", "--out", "out/model.safetensors", *common]
        yield Case(f"transfer-{method}", words, with_old(words, source), clock=1e6)
    yield Case(
        "study",
        ["study", "--data", "inputs/digits", "--model", "mlp:8", "--methods", "frozen", "--per-class", "5", "--seeds", "2", "--epochs", "2", "--out", "out/study",
         "--store", "out/store.sqlite", *common], digits, grows=grows, most=400)
    yield Case(
        "layers",
        ["layers", "--data", "inputs/digits", "--model", "mlp:8,6", "--per-class", "5", "--seeds", "1", "--epochs", "1", "--out", "out/layers", "--store", "out/store.sqlite",
         *common], digits, grows=grows, most=100)
    page = ["report", "inputs/source.safetensors", "--data", "inputs/digits", "--out", "out/page.html", *common]
    yield Case("report", page, with_old(page, source, seed=False))
    for form, name in ("onnx", "model.onnx"), ("c", "model.h"), ("npz", "model.npz"), ("coreml", "model.mlpackage"), ("pytorch", "module"):
        words = ["export", "inputs/source.safetensors", "--format", form, "--out", f"out/{name}"]

        def other(root, words=words):
            source(root)
            source(root, "7", "inputs/other.safetensors")
            do(root, *[word.replace("source", "other") for word in words])

        yield Case(f"export-{form}", words, other)

    def weights(root):
        faults.small_photographs(data, root / "inputs/photographs", each=2)
        for seed in "0", "7":
            do(root, "train", "--data", "inputs/photographs", "--size", "32", "--model", "resnet9-w16", "--epochs", "1", "--seed", seed, "--out", f"inputs/net-{seed}.safetensors", "--quiet")
            do(root, "export", f"inputs/net-{seed}.safetensors", "--format", "pytorch", "--out", f"inputs/module-{seed}")
            do(root, "import", f"inputs/module-{seed}/model.safetensors", "--as", "resnet9-w16", "--out", "out/net.safetensors", "--quiet")
        shutil.rmtree(root / "out")
        do(root, "import", "inputs/module-7/model.safetensors", "--as", "resnet9-w16", "--out", "out/net.safetensors", "--quiet")
        for name in "photographs", "module-7":
            shutil.rmtree(root / "inputs" / name)
        shutil.rmtree(root / "cache")

    yield Case("import", ["import", "inputs/module-0/model.safetensors", "--as", "resnet9-w16", "--out", "out/net.safetensors", "--quiet"], weights)
    features = ["features", "inputs/source.safetensors", "--data", "inputs/digits", "--classes", "odd", "--out", "out/features.npz", *common]

    def with_features(root):
        source(root, "7")
        do(root, *features)
        source(root)

    yield Case("features", features, with_features)

    def stores(root):
        digits(root)
        for seed in "0", "1":
            do(root, "study", "--data", "inputs/digits", "--model", "mlp:8", "--methods", "frozen", "--per-class", "5", "--seeds", "1", "--seed", seed, "--epochs", "1",
               "--out", "inputs/study", "--store", f"inputs/part-{seed}.sqlite", *common)
        shutil.rmtree(root / "inputs/study")

    yield Case("runs-merge", ["runs", "merge", "inputs/part-0.sqlite", "inputs/part-1.sqlite", "--store", "out/all.sqlite"], stores, grows=grows)
    pictures = ["train", "--data", "inputs/photographs", "--size", "24", "--model", "cnn:4c5-p2-8", "--recipe", "colour-quick", "--epochs", "2", "--out", "out/model.safetensors", *common]
    yield Case("pictures", pictures, lambda root: faults.small_photographs(data, root / "inputs/photographs", each=2), clock=1e6)

    def decoded(root):
        faults.small_photographs(data, root / "inputs/photographs", each=2)
        do(root, *pictures, clock=1e6)

    yield Case("pictures-kept", pictures, decoded, clock=1e6)
    yield Case("data-cache-clear", ["data", "cache", "--clear"], decoded, optional=("tmp",))


told = {}
for case in cases():
    if arguments.cases and not case.name.startswith(tuple(arguments.cases)):
        continue
    told[case.name] = case.campaign()
    if arguments.json:
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        arguments.json.write_text(json.dumps(told, indent=1) + "\n")
held, all = sum(case["held"] for case in told.values()), sum(case["faults"] for case in told.values())
print(f"{held} of {all}")
sys.exit(held != all)
