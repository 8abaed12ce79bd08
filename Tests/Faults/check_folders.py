"""Runs graft with its outputs on full, read-only and foreign folders, and with another graft at the same outputs.

    python check_folders.py --graft .build/release/graft --data FOLDER --out FOLDER [--groups full refused names pairs] [--json FILE]

`full`: a file system in memory with room for a part of what a command writes. The command either ends right or ends with 73 or 74 and one line;
what has its final name is whole; with more room, the same command ends with the files of an undisturbed run.
`refused`: each output in turn in a read-only folder, on a read-only file system, or in a folder of another user. The command ends with 73, 74 or
77 and one line before its first epoch, and leaves no file.
`names`: an output whose name cannot be made, in the same way.
`pairs`: two processes at one time with one output, one store or one cache. Each ends right, or with 75 and one line, and the files are those of
one run.

FOLDER with the data holds mnist/ and pictures/hymenoptera.zip. Mounting and other users need root on Linux; what cannot be tried is told.
"""

import argparse
import collections
import contextlib
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import faults

GROUPS = ("full", "refused", "names", "pairs")
options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
options.add_argument("--graft", type=Path, required=True)
options.add_argument("--data", type=Path, required=True)
options.add_argument("--out", type=Path, required=True)
options.add_argument("--groups", nargs="+", default=GROUPS, choices=GROUPS)
options.add_argument("--rounds", type=int, default=10, help="the times that each pair is started")
options.add_argument("--sizes", type=int, default=24, help="the sizes of the file system for each command")
options.add_argument("--json", type=Path)
arguments = options.parse_args()
data, out = arguments.data.resolve(), arguments.out.resolve()
shutil.rmtree(out, ignore_errors=True)
out.mkdir(parents=True)
# Another user must be able to run it.
graft = Path(shutil.copy(arguments.graft.resolve(), out / "graft"))
library = faults.compiled(out)
program = faults.Program(graft, library, out / "logs")
PAGE = os.sysconf("SC_PAGE_SIZE")
NOBODY = 65534
is_root = os.geteuid() == 0


# MARK: Running


def start(root, words, nobody=False, clock=0, tmp=None):
    environment = program.environment(root, "/dev/null", FAULT_CLOCK=clock, FAULT_OPS="none")
    if tmp:
        environment["TMPDIR"] = str(tmp)
    user = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if nobody else {}
    return subprocess.Popen(
        [str(graft), *words], cwd=root, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **user)


def finish(process, timeout=120):
    try:
        stdout, stderr = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        process.kill()
        stdout, stderr = process.communicate()
        stderr += b"\n(it did not end in time)"
    return faults.Ended(process.returncode, stdout.decode(errors="replace"), stderr.decode(errors="replace"), [])


def run(root, words, **how):
    return finish(start(root, words, **how))


def must(root, words, **how):
    ended = run(root, words, **how)
    if ended.code:
        raise SystemExit(f"graft {' '.join(words)} ended with {ended.code}: {ended.stderr}")
    return ended


def not_one_line(ended):
    """What is wrong with the message of a failure."""
    lines = [line for line in ended.stderr.splitlines() if not line.startswith("warning: ")]
    return [] if len(lines) == 1 and lines[0].startswith("graft: error: ") else [f"not one line: {ended.stderr.strip()[-300:]!r}"]


def place(path, folder):
    """A path below a folder, as a fingerprint names it."""
    return str(path.relative_to(folder))


# MARK: Mounts


class Mount:
    """A file system in memory on a folder."""

    def __init__(self, folder, size=None, read_only=False):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        words = [word for word in (f"size={size}" if size else "", "ro" if read_only else "", "mode=0777") if word]
        self.answer = subprocess.run(["mount", "-t", "tmpfs", "-o", ",".join(words), "tmpfs", str(folder)], capture_output=True, text=True)

    def again(self, words):
        subprocess.run(["mount", "-o", f"remount,{words}", str(self.folder)], check=True)

    def __enter__(self):
        if self.answer.returncode:
            raise SystemExit(f"cannot mount on {self.folder}: {self.answer.stderr.strip()}")
        return self

    def __exit__(self, *_):
        subprocess.run(["umount", str(self.folder)], check=True)


def can_mount():
    if not sys.platform.startswith("linux") or not shutil.which("mount"):
        return False
    probe = Mount(out / "probe")
    if probe.answer.returncode == 0:
        probe.__exit__()
    return probe.answer.returncode == 0


mounts, others = can_mount(), is_root
if not mounts:
    print("skipped: full and read-only file systems (mounting is refused)")
if not others:
    print("skipped: folders of another user (this is not root)")


# MARK: Commands


class Command:
    """A command with its inputs; all it writes is below out/."""

    def __init__(self, name, words, inputs, clock=0, cache=False):
        self.name, self.words, self.inputs, self.clock, self.cache = name, words, inputs, clock, cache

    ignored = ("tmp", "inputs", "cache")

    def begin(self):
        """A folder with inputs, the results of an undisturbed run, and the room that they take."""
        self.base = prepared(self.inputs)
        whole = faults.copy(self.base, out / f"{self.name}-whole")
        must(whole, self.words, clock=self.clock)
        self.expected = faults.fingerprint(whole, self.ignored)
        part = whole / ("cache" if self.cache else "out")
        self.pages = sum(-(-path.stat().st_size // PAGE) + 1 if path.is_file() else 1 for path in part.rglob("*"))
        return self

    def fresh(self, name):
        return faults.copy(self.base, out / name)

    def wrong(self, root):
        return faults.differences(self.expected, faults.fingerprint(root, self.ignored))


MADE = {}


def prepared(inputs):
    if inputs in MADE:
        return MADE[inputs]
    base = MADE[inputs] = out / f"inputs-{inputs}"
    (base / "inputs").mkdir(parents=True)
    if inputs == "photographs":
        faults.small_photographs(data, base / "inputs/photographs", each=3)
    else:
        faults.small_digits(data, base / "inputs/digits", train=600, test=200)
        if inputs == "source":
            must(base, ["train", "--data", "inputs/digits", "--classes", "even", "--model", "mlp:16", "--epochs", "2", "--out", "inputs/source.safetensors", "--quiet"])
    return base


COMMON = ["--threads", "1", "--quiet"]
TRAIN = ["train", "--data", "inputs/digits", "--classes", "even", "--model", "mlp:16", "--epochs", "6", "--resume", *COMMON]
TRANSFER = [
    "transfer", "--from", "inputs/source.safetensors", "--data", "inputs/digits", "--classes", "odd", "--method", "fine-tune", "--per-class", "20", "--epochs", "4",
    "--no-control", *COMMON]
STUDY = ["study", "--data", "inputs/digits", "--model", "mlp:8", "--methods", "frozen,fine-tune", "--per-class", "10", "--seeds", "2", "--epochs", "2", *COMMON]
PICTURES = ["train", "--data", "inputs/photographs", "--size", "24", "--model", "cnn:4c5-p2-8", "--recipe", "colour-quick", "--epochs", "2", *COMMON]
LOGS = ["--log", "out/log.csv", "--tensorboard", "out/events", "--store", "out/runs.sqlite"]

COMMANDS = [
    # The clock runs so fast that the state of a training is kept after each epoch.
    Command("train", [*TRAIN, "--out", "out/model.safetensors", *LOGS, "--report", "out/page.html"], "digits", clock=1e6),
    Command("transfer", [*TRANSFER, "--out", "out/model.safetensors"], "source", clock=1e6),
    Command("study", [*STUDY, "--out", "out/study", "--store", "out/store.sqlite"], "digits"),
    Command("export", ["export", "inputs/source.safetensors", "--format", "onnx", "--out", "out/model.onnx"], "source"),
    Command("report", ["report", "inputs/source.safetensors", "--data", "inputs/digits", "--out", "out/page.html", *COMMON], "source"),
    Command("pictures", [*PICTURES, "--out", "out/model.safetensors"], "photographs", cache=True),
]


# MARK: What is counted


class Tally:
    def __init__(self):
        self.groups = {group: collections.Counter() for group in arguments.groups}
        self.misses = []

    def add(self, group, name, code, wrong):
        self.groups[group]["tried"] += 1
        self.groups[group]["held"] += not wrong
        self.groups[group][f"code {code}"] += 1
        if wrong:
            self.misses.append({"group": group, "name": name, "code": code, "wrong": wrong})
            print(f"  MISS {group}, {name}: {'; '.join(wrong[:4])}", flush=True)

    def tell(self, group):
        counts = self.groups[group]
        codes = ", ".join(f"{key[5:]}: {count}" for key, count in sorted(counts.items()) if key.startswith("code"))
        print(f"{group}: {counts['held']} of {counts['tried']} (codes: {codes})", flush=True)


tally = Tally()


# MARK: Full file systems


def not_whole(root, command, old):
    """Files at final names that are neither whole nor those of before."""
    wrong = []
    for name, value in faults.fingerprint(root / "out").items():
        if faults.TEMPORARY.search(name):
            # On a full disk SQLite cannot undo its write; its journal is for the next call.
            if not name.endswith("-journal"):
                wrong.append(f"{name} is left behind")
        elif re.search(r"log\.csv$|tfevents|\.training$", name):
            continue
        elif name.endswith(".sqlite"):
            if (root / "out" / name).stat().st_size > 0 and (not isinstance(value, dict) or value["integrity"] != ["ok"]):
                wrong.append(f"{name} is damaged: {value}")
        elif name.endswith(".safetensors"):
            ended = run(root, ["show", f"out/{name}"])
            if ended.code:
                wrong.append(f"{name} cannot be read: {ended.stderr.strip()}")
        elif value not in (command.expected.get(f"out/{name}"), old.get(f"out/{name}")):
            # Each part of a study's folder is replaced as a whole, at each of its pauses.
            if not name.startswith("study/"):
                wrong.append(f"{name} is neither old nor new")
    return wrong


def full(command, size, old_root=None):
    """A run on a file system of a size, over the outputs of an older run if there is one, and one with more room."""
    root = command.fresh("full")
    folder = root / ("cache" if command.cache else "out")
    name = f"{command.name} with {size} pages{' over old outputs' if old_root else ''}"
    if size > 4096:
        raise SystemExit(f"{command.name}: no size is enough")
    with Mount(folder, "64m") as mount:
        old = {}
        if old_root:
            shutil.copytree(old_root / "out", folder, dirs_exist_ok=True)
            old = faults.fingerprint(root, command.ignored)
        used = -(-int(os.statvfs(folder).f_blocks - os.statvfs(folder).f_bfree) * os.statvfs(folder).f_frsize // PAGE)
        mount.again(f"size={(used + size) * PAGE}")
        ended = run(root, command.words, clock=command.clock)
        wrong = []
        if ended.code == 0:
            wrong += command.wrong(root)
        elif command.cache:
            wrong.append(f"a full cache ended it with {ended.code}: {ended.stderr.strip()[-200:]}")
        elif ended.code not in (73, 74):
            wrong.append(f"ended with {ended.code}: {ended.stderr.strip()[-200:]}")
        else:
            wrong += not_one_line(ended)
            wrong += not_whole(root, command, old)
        mount.again("size=64m")
        again = run(root, command.words, clock=command.clock)
        if again.code:
            wrong.append(f"with more room it ended with {again.code}: {again.stderr.strip()[-200:]}")
        else:
            wrong += [f"with more room, {word}" for word in command.wrong(root)]
    shutil.rmtree(root)
    tally.add("full", name, ended.code, wrong)
    return ended.code


def all_full():
    for command in COMMANDS:
        command.begin()
        # The states of a training and journals are gone at the end, so the room that is needed is found by trying.
        most = command.pages
        while not command.cache and full(command, most) != 0:
            most = most * 3 // 2
        sizes = sorted({max(1, round(most * part / arguments.sizes)) for part in range(1, arguments.sizes)})
        for size in sizes:
            full(command, size)
        if command.name in ("transfer", "export", "report"):
            old_root = command.fresh("old")
            seed = [] if command.name != "transfer" else ["--seed", "7"]
            must(old_root, [*command.words, *seed], clock=command.clock)
            for size in sizes[::3]:
                full(command, size, old_root)


# MARK: Folders that refuse


def refusing():
    """The kinds of folders that refuse, each with what makes it of a folder and whether another user runs."""
    if mounts:
        yield "a read-only file system", "mount", False
    if others:
        yield "a folder of another user", "other", True
    # Root may write where the mode says no.
    yield "a read-only folder", "mode", is_root


def outputs():
    """Commands, each with one output at the place REFUSED and the others beside it."""
    long = [word if word != "6" else "100000" for word in TRAIN]
    others = {"--out": "out/model.safetensors", "--log": "out/log.csv", "--tensorboard": "out/events", "--store": "out/runs.sqlite", "--report": "out/page.html"}
    for flag, path in others.items():
        words = [*long, *(word for pair in {**others, flag: path.replace("out/", "REFUSED/")}.items() for word in pair)]
        yield f"train {flag}", words, "digits"
    yield "transfer --out", [*TRANSFER, "--out", "REFUSED/model.safetensors"], "source"
    yield "study --out", [*STUDY, "--out", "REFUSED/study", "--store", "out/store.sqlite"], "digits"
    yield "study --store", [*STUDY, "--out", "out/study", "--store", "REFUSED/store.sqlite"], "digits"
    yield "layers --out", [
        "layers", "--data", "inputs/digits", "--model", "mlp:8,6", "--per-class", "5", "--seeds", "1", "--epochs", "1000", "--out", "REFUSED/layers", "--store",
        "out/store.sqlite", *COMMON], "digits"
    yield "export --out", ["export", "inputs/source.safetensors", "--format", "onnx", "--out", "REFUSED/model.onnx"], "source"
    yield "export --out, a folder", ["export", "inputs/source.safetensors", "--format", "pytorch", "--out", "REFUSED/module"], "source"
    yield "report --out", ["report", "inputs/source.safetensors", "--data", "inputs/digits", "--out", "REFUSED/page.html", *COMMON], "source"
    yield "features --out", [
        "features", "inputs/source.safetensors", "--data", "inputs/digits", "--classes", "odd", "--out", "REFUSED/features.npz", *COMMON], "source"


def refused():
    for kind, way, nobody in refusing():
        for name, words, inputs in outputs():
            words = [word.replace("REFUSED", "refused") for word in words]
            root = faults.copy(prepared(inputs), out / "refused")
            folder = root / "refused"
            folder.mkdir()
            (root / "tmp").mkdir(exist_ok=True)
            if nobody:
                subprocess.run(["chown", "-R", f"{NOBODY}:{NOBODY}", str(root)], check=True)
            if way == "mode":
                folder.chmod(0o555)
            elif way == "other":
                os.chown(folder, 0, 0)
            mount = Mount(folder, read_only=True) if way == "mount" else None
            try:
                refuses(f"{name} in {kind}", root, words, nobody)
            finally:
                if mount:
                    mount.__exit__()
                shutil.rmtree(root)


def trials(path):
    """The number of trials in a store; 0 for any other file."""
    if path.suffix != ".sqlite" or not path.stat().st_size:
        return 0
    with contextlib.closing(sqlite3.connect(path)) as file:
        return file.execute("SELECT count(*) FROM trial").fetchone()[0]


def refuses(name, root, words, nobody=False, group="refused", codes=(73, 74, 77)):
    begin = time.monotonic()
    ended = run(root, words, nobody=nobody)
    wrong = []
    if ended.code not in codes:
        wrong.append(f"ended with {ended.code}: {ended.stderr.strip()[-200:]}")
    else:
        wrong += not_one_line(ended)
    if time.monotonic() - begin > 10:
        wrong.append("it did not look before its work")
    if ended.stdout.strip():
        wrong.append(f"it began: {ended.stdout.strip()[:100]!r}")
    for path in root.rglob("*"):
        name_of_it = place(path, root)
        # A store is made when it is opened. Nothing is in it.
        if not path.is_file() or name_of_it.startswith(("inputs/", "cache/")) or path.suffix in (".lock", ".sqlite") and not trials(path):
            continue
        wrong.append(f"{name_of_it} is left behind")
    tally.add(group, name, ended.code, wrong)


def names():
    long, deep = "x" * 300, "/".join(["y" * 200] * 25)
    for flag, words, inputs in outputs():
        for kind, path in (("a name too long", long), ("a path too long", deep), ("a file as folder", "inputs/file"), ("a circle of links", "inputs/circle")):
            root = faults.copy(prepared(inputs), out / "names")
            (root / "inputs/file").write_text("a file\n")
            (root / "inputs/circle").symlink_to("circle")
            given = [word.replace("REFUSED", path) for word in words]
            refuses(f"{flag} in {kind}", root, given, group="names")
            shutil.rmtree(root)
    for flag, words, inputs in outputs():
        root = faults.copy(prepared(inputs), out / "names")
        given = [re.sub(r"REFUSED/\w+", long, word) for word in words]
        refuses(f"{flag} of a name too long", root, given, group="names")
        shutil.rmtree(root)


# MARK: Two at one time


class Pair:
    """Two commands in one folder at one time; `before` runs first."""

    def __init__(self, name, one, other, inputs, cache=False, before=None, clock=0):
        self.name, self.one, self.other, self.inputs, self.cache, self.before, self.clock = name, one, other, inputs, cache, before, clock

    def fingerprint(self, root):
        return faults.fingerprint(root, ("tmp", "inputs") if self.cache else ("tmp", "inputs", "cache"))

    def begin(self):
        self.base = prepared(self.inputs)
        root = faults.copy(self.base, out / "one-after-the-other")
        must(root, self.one, clock=self.clock)
        if self.other != self.one:
            must(root, self.other, clock=self.clock)
        self.expected = self.fingerprint(root)
        shutil.rmtree(root)

    def round(self, number):
        root = faults.copy(self.base, out / "pair")
        processes = [start(root, self.one, clock=self.clock)]
        # At once, and a little later and later.
        time.sleep(0.03 * (number // 2) if number else 0)
        processes.append(start(root, self.other, clock=self.clock))
        ends = [finish(process) for process in processes]
        codes = sorted(ended.code for ended in ends)
        wrong = []
        if codes not in ([0, 0], [0, 75]):
            wrong.append(f"ended with {codes}: {' / '.join(ended.stderr.strip()[-150:] for ended in ends)}")
        for ended, words in zip(ends, (self.one, self.other)):
            if ended.code == 75:
                wrong += not_one_line(ended)
                again = run(root, words, clock=self.clock)
                if again.code:
                    wrong.append(f"later it ended with {again.code}: {again.stderr.strip()[-200:]}")
        wrong += faults.differences(self.expected, self.fingerprint(root))
        tally.add("pairs", f"{self.name}, round {number}", "+".join(map(str, codes)), wrong)
        shutil.rmtree(root)


def pairs():
    def to(words, *more):
        return [*words, *more]

    train = to(TRAIN, "--out", "out/model.safetensors")
    longer = [word if word != "6" else "60" for word in train]
    study = to(STUDY, "--out", "out/study", "--store", "out/store.sqlite")
    export = ["export", "inputs/source.safetensors", "--format", "onnx", "--out", "out/model.onnx"]
    every = [
        Pair("one training", train, train, "digits"),
        Pair("one long training", longer, longer, "digits", clock=1e6),
        Pair("one log", to(train, "--log", "out/log.csv", "--tensorboard", "out/events"), to(train, "--log", "out/log.csv", "--tensorboard", "out/events"), "digits"),
        Pair("one transfer", to(TRANSFER, "--out", "out/model.safetensors"), to(TRANSFER, "--out", "out/model.safetensors"), "source"),
        Pair("one study", study, study, "digits"),
        Pair(
            "two studies with one store", to(STUDY, "--out", "out/one", "--store", "out/store.sqlite"),
            to(STUDY, "--seed", "5", "--out", "out/other", "--store", "out/store.sqlite"), "digits"),
        Pair(
            "two trainings with one store", to(TRAIN, "--out", "out/one.safetensors", "--store", "out/store.sqlite"),
            to(TRAIN, "--seed", "5", "--out", "out/other.safetensors", "--store", "out/store.sqlite"), "digits"),
        Pair("one export", export, export, "source"),
        Pair(
            "one report", ["report", "inputs/source.safetensors", "--data", "inputs/digits", "--out", "out/page.html", *COMMON],
            ["report", "inputs/source.safetensors", "--data", "inputs/digits", "--out", "out/page.html", *COMMON], "source"),
        Pair(
            "one cache of pictures", to(PICTURES, "--out", "out/one.safetensors"), to(PICTURES, "--out", "out/other.safetensors"), "photographs",
            cache=True),
    ]
    for pair in every:
        pair.begin()
        for number in range(arguments.rounds):
            pair.round(number)


# MARK: All

for group, body in ("full", all_full), ("refused", refused), ("names", names), ("pairs", pairs):
    if group not in arguments.groups or group == "full" and not mounts:
        continue
    body()
    tally.tell(group)
tried = sum(counts["tried"] for counts in tally.groups.values())
print(f"{tried - len(tally.misses)} of {tried}")
if arguments.json:
    arguments.json.write_text(json.dumps({"groups": tally.groups, "misses": tally.misses}, indent=1) + "\n")
sys.exit(1 if tally.misses else 0)
