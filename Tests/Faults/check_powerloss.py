"""Records what graft writes, builds what a power cut at each moment would have left, and goes on from there.

    python check_powerloss.py --graft .build/release/graft --data FOLDER --out FOLDER [--subjects train study …] [--sample 0]

A state is what the medium holds after the first N operations, in one of four ways: all of them are on it ("kept"); all but what was written
since each file was last synchronised ("data lost": names are there, contents are not); besides, all but the names since each folder was last
synchronised ("all lost"); or the last write is cut at a multiple of 512 bytes ("torn"). In each state, files at final names must be whole,
stores must pass SQLite's check, no trial that was kept may be missing later, and the same command must end with the files of a run without a
power cut.
"""

import argparse
import concurrent.futures
import contextlib
import hashlib
import json
import os
import random
import shutil
import sqlite3
import struct
import subprocess
import sys
import threading
from pathlib import Path

import faults

options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
options.add_argument("--graft", type=Path, required=True)
options.add_argument("--data", type=Path, required=True)
options.add_argument("--out", type=Path, required=True)
options.add_argument("--subjects", nargs="+", default=["train", "transfer", "study", "export"])
options.add_argument("--sample", type=int, default=0, help="the states of each subject that are gone on from; 0 for all")
options.add_argument("--processes", type=int, default=2)
options.add_argument("--json", type=Path)
arguments = options.parse_args()
graft, data, out = arguments.graft.resolve(), arguments.data.resolve(), arguments.out.resolve()
shutil.rmtree(out, ignore_errors=True)
out.mkdir(parents=True)
fault_library = faults.compiled(out)
library = out / "record.so"
subprocess.run(["gcc", "-shared", "-fPIC", "-O2", "-o", str(library), str(faults.HERE / "record.c"), "-lpthread"], check=True)
program = faults.Program(graft, fault_library, out / "logs")

WAYS = ("kept", "data lost", "all lost", "torn")


# MARK: The medium


class Medium:
    """Files and names as a running program sees them, and as the medium holds them."""

    def __init__(self):
        self.contents, self.synchronised = {}, {}
        self.names, self.kept_names = {}, {}
        # Folders that were made; those that were there before belong to the start.
        self.folders, self.kept_folders = set(), set()
        self.torn = None

    def apply(self, operation, inode, number, bytes):
        self.torn = None
        paths = bytes.split(b"\0")[:-1] if operation in "CRUMD" else []
        paths = [path.decode().rstrip("/") for path in paths]
        if operation == "C":
            self.contents[inode] = b""
            # An inode's number is given again.
            self.synchronised[inode] = b""
            self.names[paths[0]] = inode
        elif operation == "W":
            old = self.contents.get(inode)
            if old is None:
                return
            self.contents[inode] = old[:number].ljust(number, b"\0") + bytes + old[number + len(bytes):]
            cut = len(bytes) // 2 // 512 * 512
            self.torn = (inode, old[:number].ljust(number, b"\0") + bytes[:cut] + old[number + cut:])
        elif operation == "T":
            if inode in self.contents:
                self.contents[inode] = self.contents[inode][:number].ljust(number, b"\0")
        elif operation == "S":
            if inode in self.contents:
                self.synchronised[inode] = self.contents[inode]
        elif operation == "R":
            for path in [path for path in self.names if path == paths[0] or path.startswith(paths[0] + "/")]:
                self.names[paths[1] + path[len(paths[0]):]] = self.names.pop(path)
        elif operation == "U":
            self.names.pop(paths[0], None)
            self.folders.discard(paths[0])
        elif operation == "M":
            self.folders.add(paths[0])
        elif operation == "D":
            folder = paths[0]

            def inside(path):
                return os.path.dirname(path) == folder

            self.kept_names = {path: own for path, own in self.kept_names.items() if not inside(path)}
            self.kept_names.update({path: own for path, own in self.names.items() if inside(path)})
            self.kept_folders = {path for path in self.kept_folders if not inside(path)} | {path for path in self.folders if inside(path)}

    def state(self, way):
        """The folders and files after a cut; None if the way makes no difference to another one."""
        if way == "torn":
            if self.torn is None:
                return None
            contents, names, folders = {**self.contents, self.torn[0]: self.torn[1]}, self.names, self.folders
        elif way == "kept":
            contents, names, folders = self.contents, self.names, self.folders
        elif way == "data lost":
            contents, names, folders = self.synchronised, self.names, self.folders
        else:
            # A folder whose name is lost is lost with all that is in it.
            def is_there(path):
                parents = [str(parent) for parent in Path(path).parents if str(parent) != "."]
                return all(parent not in self.folders or parent in self.kept_folders for parent in parents)

            contents, names = self.synchronised, {path: own for path, own in self.kept_names.items() if is_there(path)}
            folders = {path for path in self.kept_folders if is_there(path)}
        return frozenset(folders), {path: contents.get(inode, b"") for path, inode in names.items()}


def records(path):
    bytes = path.read_bytes()
    place = 0
    while place < len(bytes):
        operation = chr(bytes[place])
        inode, number, count = struct.unpack_from("<QQQ", bytes, place + 1)
        yield operation, inode, number, bytes[place + 25:place + 25 + count]
        place += 25 + count


# MARK: Subjects


class Subject:
    ignored = ("tmp", "inputs", "cache")

    def __init__(self, name, words, clock=None, source=False):
        self.name, self.words, self.clock, self.source = name, words, clock, source

    def begin(self):
        self.base = out / f"{self.name}-base"
        faults.small_digits(data, self.base / "inputs/digits", train=600, test=200)
        (self.base / "out").mkdir()
        if self.source:
            ended = program.run(self.base, [
                "train", "--data", "inputs/digits", "--classes", "even", "--model", "mlp:16", "--epochs", "3", "--out", "inputs/source.safetensors", "--quiet"])
            if ended.code:
                raise SystemExit(ended.stderr)
        whole = faults.copy(self.base, out / f"{self.name}-whole")
        log = out / f"{self.name}.log"
        environment = program.environment(whole, out / "unused", FAULT_CLOCK=self.clock, FAULT_OPS="none")
        environment.update(LD_PRELOAD=f"{library} {fault_library}", RECORD_ROOT=str(whole / "out"), RECORD_LOG=str(log))
        ended = subprocess.run([graft, *self.words], cwd=whole, env=environment, capture_output=True, text=True)
        if ended.returncode:
            raise SystemExit(f"{self.name}: the recorded run ended with {ended.returncode}: {ended.stderr}")
        self.expected = faults.fingerprint(whole, self.ignored)
        self.log = list(records(log))
        # What was recorded is all that was written.
        medium = Medium()
        for record in self.log:
            medium.apply(*record)
        _, files = medium.state("kept")
        for path in (whole / "out").rglob("*"):
            name = str(path.relative_to(whole / "out"))
            if path.is_file() and not name.endswith(".lock") and files.get(name) != path.read_bytes():
                raise SystemExit(f"{self.name}: the record does not give {name}")

    def states(self):
        """The different states, each with the number of operations and the way in which it first came about."""
        medium, known, found = Medium(), set(), []
        for number in range(len(self.log) + 1):
            if number:
                medium.apply(*self.log[number - 1])
            for way in WAYS:
                state = medium.state(way)
                if state is None:
                    continue
                folders, files = state
                digest = hashlib.sha256(repr((sorted(folders), sorted((path, hashlib.sha256(bytes).digest()) for path, bytes in files.items()))).encode()).digest()
                if digest not in known:
                    known.add(digest)
                    found.append((number, way, folders, files))
        return found

    def check(self, place, number, way, folders, files, goes_on):
        """What is wrong after the cut, in words, and the trials that the store has."""
        root = faults.copy(self.base, out / f"{self.name}-{threading.get_ident()}")
        for folder in sorted(folders):
            (root / "out" / folder).mkdir(parents=True, exist_ok=True)
        for path, bytes in files.items():
            (root / "out" / path).parent.mkdir(parents=True, exist_ok=True)
            (root / "out" / path).write_bytes(bytes)
        wrong, trials = [], None
        for path in files:
            if faults.TEMPORARY.search(path):
                continue
            if path.endswith(".safetensors") and not whole_tensors(files[path]):
                wrong.append(f"{path} is not whole")
            if path.endswith(".sqlite") and files[path]:
                found = faults.content(root / "out" / path, root)
                if not isinstance(found, dict) or found["integrity"] != ["ok"]:
                    wrong.append(f"{path} is damaged: {found}")
                else:
                    trials = self.trials(root / "out" / path)
        if goes_on:
            ended = program.run(root, self.words, FAULT_CLOCK=self.clock, FAULT_OPS="none")
            if ended.code:
                wrong.append(f"the next call ended with {ended.code}: {ended.stderr.strip()[-300:]}")
            else:
                wrong += faults.differences(self.expected, faults.fingerprint(root, self.ignored))
        shutil.rmtree(root, ignore_errors=True)
        return wrong, trials

    @staticmethod
    def trials(path):
        copy = path.with_name("copy-" + path.name)
        for end in "", "-journal":
            if path.with_name(path.name + end).exists():
                shutil.copy(path.with_name(path.name + end), copy.with_name(copy.name + end))
        try:
            with contextlib.closing(sqlite3.connect(copy)) as file:
                return file.execute("SELECT count(*) FROM trial").fetchone()[0]
        except sqlite3.Error:
            return 0
        finally:
            for end in "", "-journal":
                copy.with_name(copy.name + end).unlink(missing_ok=True)


def whole_tensors(bytes):
    if len(bytes) < 8:
        return False
    size = int.from_bytes(bytes[:8], "little")
    try:
        header = json.loads(bytes[8:8 + size])
    except ValueError:
        return False
    return len(bytes) == 8 + size + max((value["data_offsets"][1] for key, value in header.items() if key != "__metadata__"), default=0)


def subject(kind):
    training = ["--data", "inputs/digits", "--threads", "1", "--resume", "--out", "out/model.safetensors", "--log", "out/log.csv", "--tensorboard", "out/events"]
    if kind == "train":
        # The clock runs so fast that the state is kept after each epoch.
        return Subject(kind, ["train", *training, "--classes", "even", "--model", "mlp:16", "--epochs", "8", "--store", "out/runs.sqlite"], clock=1e6)
    if kind == "transfer":
        return Subject(
            kind, ["transfer", *training, "--from", "inputs/source.safetensors", "--classes", "odd", "--method", "fine-tune", "--per-class", "20", "--epochs", "8",
                   "--no-control"], clock=1e6, source=True)
    if kind == "study":
        return Subject(
            kind, ["study", "--data", "inputs/digits", "--model", "mlp:8", "--methods", "fine-tune", "--per-class", "20", "--seeds", "2", "--epochs", "2", "--out",
                   "out/study", "--store", "out/store.sqlite", "--threads", "1", "--quiet"], clock=0)
    if kind == "export":
        return Subject(kind, ["export", "inputs/source.safetensors", "--format", "onnx", "--out", "out/model.onnx"], source=True)
    raise SystemExit(f"there is no subject {kind}")


# MARK: All

told, failed = {}, False
for kind in arguments.subjects:
    own = subject(kind)
    own.begin()
    states = own.states()
    places = set(range(len(states)))
    if arguments.sample:
        places = set(random.Random(0).sample(sorted(places), min(arguments.sample, len(places))))
    with concurrent.futures.ThreadPoolExecutor(arguments.processes) as pool:
        answers = list(pool.map(lambda item: own.check(item[0], *item[1], item[0] in places), enumerate(states)))
    most = 0
    bad = 0
    for (number, way, *_), (wrong, trials) in zip(states, answers):
        if way == "all lost" and trials is not None:
            if trials < most:
                wrong.append(f"{most} trials were on the medium before, {trials} are now")
            most = max(most, trials)
        if wrong:
            bad += 1
            print(f"  MISS {kind}, {way} after {number} operations: {'; '.join(wrong[:4])}", flush=True)
    failed |= bad > 0
    line = f"{kind}: {len(states) - bad} of {len(states)} states hold ({len(own.log)} operations; {len(places)} were gone on from)"
    print(line, flush=True)
    told[kind] = {"operations": len(own.log), "states": len(states), "held": len(states) - bad, "gone_on": len(places)}
if arguments.json:
    arguments.json.write_text(json.dumps(told, indent=1) + "\n")
sys.exit(1 if failed else 0)
