"""A corpus of malformed files, each with the ways in which it is given to Graft and the answer that is due.

    python corpus.py --graft .build/release/graft --out FOLDER

lists the cases, and leaves the valid files that they are made from in FOLDER. `check_malformed.py` runs them.

Only Python's standard library is used. Pictures that it cannot write (JPEG, WebP) are in `pictures.json`, with the script that made
them. A trained model, a store, a state of a training and the folders of a study and of a reproduction are made by Graft in seconds.
"""

import argparse
import dataclasses
import importlib
import itertools
import json
import os
import signal
import sqlite3
import subprocess
import time
from pathlib import Path

import formats

# Exit codes of sysexits.h.
FINE, USAGE, BAD_DATA, MISSING, CANNOT_CREATE, INPUT_OUTPUT, PERMISSION, CONFIGURATION = 0, 64, 65, 66, 73, 74, 77, 78


@dataclasses.dataclass
class Run:
    """A command line and the answer that is due."""

    # {in} is the folder of the case's files, {base} that of the valid files. The working folder is empty.
    arguments: list
    # None: bad data, missing, input/output or configuration; the file is one that the system makes while it is read.
    code: int | None
    # A regular expression that the one line on standard error must match; of a valid file, one for standard output.
    text: str = ""
    # What the line must contain besides: a part of the file's path.
    named: str = ""
    # Lines on standard error that are not the error: warnings and notes, as a regular expression of the whole line.
    notes: str = ""
    # Names that the command may leave in the working folder.
    leaves: tuple = ()
    environment: dict = dataclasses.field(default_factory=dict)
    standard_input: bytes = b""
    # Seconds and megabytes that it may take.
    seconds: float = 1.0
    megabytes: int = 256


@dataclasses.dataclass
class Case:
    """Files and what is done with them."""

    # FORMAT/mutation.
    name: str
    # Bytes by path, or a function that makes what is at a path; a path that begins with "work/" lies in the working folder.
    files: dict
    runs: list

    @property
    def format(self):
        return self.name.split("/")[0]

    @property
    def is_valid(self):
        """Whether the files are odd but right."""
        return all(run.code == FINE for run in self.runs)


# MARK: Ways in

MODEL = "{base}/model.safetensors"
PHOTO_MODEL = "{base}/photo-model.safetensors"
OUT = ["--out", "out.safetensors"]

# The commands that read a data set: PATH is its place.
DATA = {
    "check": ["data", "check", "PATH"],
    "show": ["data", "show", "PATH"],
    "train": ["train", "--data", "PATH", "--model", "mlp:4", "--epochs", "1", "--quiet", *OUT],
    "transfer": ["transfer", "--from", MODEL, "--data", "PATH", "--classes", "all", "--no-control", "--epochs", "1", "--quiet", *OUT],
    "study": ["study", "--data", "PATH", "--source", "0", "--target", "1", "--store", "store.sqlite", "--out", "study", "--quiet"],
    "layers": ["layers", "--data", "PATH", "--source", "0", "--target", "1", "--store", "store.sqlite", "--out", "layers", "--quiet"],
    "score": ["score", MODEL, "--data", "PATH", "--classes", "all", "--quiet"],
    "evaluate": ["evaluate", MODEL, "--data", "PATH", "--quiet", "--out", "out.json"],
    "compare": ["compare", MODEL, "{base}/other.safetensors", "--data", "PATH", "--quiet"],
    "report": ["report", MODEL, "--data", "PATH", "--quiet", "--out", "page.html"],
    "features": ["features", MODEL, "--data", "PATH", "--quiet", "--out", "features.npz"],
    "export": ["export", MODEL, "--format", "c", "--quantize", "--data", "PATH", "--out", "out.h"],
}

# The commands that read a checkpoint.
CHECKPOINT = {
    "show": ["show", "PATH"],
    "evaluate": ["evaluate", "PATH", "--data", "{base}/tiny.npz", "--quiet", "--out", "out.json"],
    "with": ["evaluate", MODEL, "--with", "PATH", "--data", "{base}/tiny.npz", "--quiet"],
    "predict": ["predict", "PATH", "{base}/digit.png", "--quiet", "--csv", "out.csv"],
    "transfer": ["transfer", "--from", "PATH", "--data", "{base}/tiny.npz", "--classes", "all", "--no-control", "--epochs", "1", "--quiet", *OUT],
    "study": ["study", "--from", "PATH", "--data", "{base}/tiny.npz", "--target", "2,3", "--per-class", "2", "--seeds", "1", "--epochs", "1", "--store", "store.sqlite", "--out", "study", "--quiet"],
    "score": ["score", "PATH", "--data", "{base}/tiny.npz", "--classes", "all", "--quiet"],
    "compare": ["compare", MODEL, "PATH", "--data", "{base}/tiny.npz", "--quiet"],
    "report": ["report", "PATH", "--data", "{base}/tiny.npz", "--quiet", "--out", "page.html"],
    "features": ["features", "PATH", "--data", "{base}/tiny.npz", "--quiet", "--out", "features.npz"],
    "export": ["export", "PATH", "--format", "onnx", "--out", "out.onnx"],
}

# The commands that read images for a model.
IMAGE = {
    "predict": ["predict", MODEL, "PATH", "--quiet", "--csv", "out.csv"],
    "explain": ["predict", MODEL, "PATH", "--quiet", "--explain", "--out", "out.png"],
    "framed": ["predict", MODEL, "PATH", "--quiet", "--fit"],
    "photo": ["predict", PHOTO_MODEL, "PATH", "--quiet", "--json"],
}

# The commands that read a store.
STORE = {
    "list": ["runs", "list", "--store", "PATH"],
    "show": ["runs", "show", "ID", "--store", "PATH"],
    "report": ["report", "ID", "--store", "PATH", "--out", "page.html", "--quiet"],
    "compare": ["compare", "ID", "OTHER", "--store", "PATH", "--quiet"],
    "merge": ["runs", "merge", "PATH", "--store", "all.sqlite"],
    "merge-into": ["runs", "merge", "{base}/store.sqlite", "--store", "PATH"],
    "train": ["train", "--data", "{base}/tiny.npz", "--model", "mlp:4", "--epochs", "1", "--quiet", "--store", "PATH", *OUT],
    "study": ["study", "--data", "{base}/tiny.npz", "--source", "0,1", "--target", "2,3", "--model", "mlp:4", "--methods", "frozen", "--per-class", "2", "--seeds", "1", "--epochs", "1", "--store", "PATH", "--out", "study", "--quiet"],
}

IMPORT = ["import", "PATH", "--as", "resnet9-w16", "--out", "out.safetensors", "--quiet"]


def at(arguments, path, **words):
    """A command line with its places filled in."""
    words = {"PATH": path, **words}
    return [words.get(word, word) for word in arguments]


def refused(code, text, path, *commands, named=None, **more):
    """Runs that all end with one code and one line."""
    named = path.rstrip("/").split("/")[-1] if named is None else named
    return [Run(at(command, path), code, text, named, **more) for command in commands]


def accepted(path, *commands, text="", **more):
    return [Run(at(command, path), FINE, text, **more) for command in commands]


class Turns:
    """Commands in turn, so that every way in meets many mutations."""

    def __init__(self, commands, always=()):
        self.always = [commands[name] for name in always]
        self.others = itertools.cycle([command for name, command in commands.items() if name not in always])

    def next(self, count=1):
        return self.always + [next(self.others) for _ in range(count)]


# A training that takes minutes, so that it can be stopped.
STOPPED = ["train", "--data", "{base}/tiny.npz", "--model", "mlp:4", "--epochs", "100000", "--batch-size", "1", "--optimizer", "adam", "--quiet"]


# MARK: Valid files


class Base:
    """The valid files from which the others are made."""

    def __init__(self, graft, folder):
        self.graft, self.folder = graft, folder
        folder.mkdir(parents=True, exist_ok=True)
        self.environment = {"HOME": str(folder / "home"), "PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"}
        self.pictures = {name: bytes.fromhex(data) for name, data in json.loads((Path(__file__).parent / "pictures.json").read_text())["files"].items()}
        self.write("tiny.npz", formats.npz())
        self.write("digit.png", formats.png())
        for name, data in formats.photos().items():
            self.write(f"photos/{name}", data)
        for name, data in formats.idx_folder().items():
            self.write(f"idx/{name}", data)
        self.run("train", "--data", "tiny.npz", "--model", "mlp:4", "--epochs", "2", "--out", "model.safetensors", "--quiet")
        self.run("train", "--data", "tiny.npz", "--model", "mlp:4", "--epochs", "2", "--seed", "1", "--out", "other.safetensors", "--quiet")
        self.run("train", "--data", "tiny.npz", "--model", "cnn:4c3p1b-p2", "--epochs", "2", "--out", "norm.safetensors", "--quiet")
        self.run("train", "--data", "photos", "--model", "mlp:4", "--epochs", "2", "--out", "photo-model.safetensors", "--quiet")
        self.study = ["study", "--data", "tiny.npz", "--source", "0,1", "--target", "2,3", "--model", "mlp:4", "--methods", "frozen", "--per-class", "2", "--seeds", "1", "--epochs", "1", "--quiet"]
        self.run(*self.study, "--store", "store.sqlite", "--out", "study")
        self.run("reproduce", "--data", "synthetic", "--epochs", "1", "--transfer-epochs", "1", "--no-controls", "--out", "reproduction", "--quiet")
        colours = {}
        for part, count, seed in [("train", formats.TRAIN, 1), ("test", formats.TEST, 2)]:
            pixels, labels = formats.images(count, seed, side=32, channels=3)
            colours |= {f"x_{part}": formats.npy([count, 3, 32, 32], pixels), f"y_{part}": formats.npy([count], labels)}
        self.write("colour.npz", formats.zip_file({f"{name}.npy": data for name, data in colours.items()}))
        self.run("train", "--data", "colour.npz", "--model", "resnet9-w16", "--epochs", "1", "--out", "family.safetensors", "--quiet")
        self.interrupt(*STOPPED, "--out", "stopped.safetensors")
        self.body = self.bytes("model.safetensors")
        with sqlite3.connect(folder / "store.sqlite") as store:
            self.ids = [row[0] for row in store.execute("SELECT id FROM trial WHERE kind = 'measurement' ORDER BY id")]

    def write(self, name, data):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def bytes(self, name):
        return (self.folder / name).read_bytes()

    def run(self, *arguments):
        done = subprocess.run([self.graft, *arguments], cwd=self.folder, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, timeout=120)
        if done.returncode:
            raise SystemExit(f"graft {' '.join(arguments)} ended with {done.returncode}: {done.stderr}")

    def interrupt(self, *arguments):
        """Stops a training once it has left its state."""
        arguments = [word.replace("{base}", str(self.folder)) for word in arguments]
        state = self.folder / (arguments[arguments.index("--out") + 1] + ".training")
        process = subprocess.Popen([self.graft, *arguments], cwd=self.folder, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(0.5)
        process.send_signal(signal.SIGTERM)
        process.wait(60)
        if not state.exists():
            raise SystemExit(f"graft {' '.join(arguments)} left no {state}")

    def store(self, *statements):
        """The bytes of the store after some statements of SQL."""
        copy = self.folder / "changed.sqlite"
        copy.write_bytes(self.bytes("store.sqlite"))
        connection = sqlite3.connect(copy, isolation_level=None)
        for statement in statements:
            connection.execute(statement)
        connection.close()
        return copy.read_bytes()


MODULES = "idx gzip png jpeg webp zip arrays tables sets photos safetensors models state torch settings pages stores caches places".split()


def all_cases(base):
    modules = [importlib.import_module(f"cases_{name}") for name in MODULES]
    cases = [case for module in modules for case in module.cases(base)]
    names = [case.name for case in cases]
    doubles = {name for name in names if names.count(name) > 1}
    if doubles:
        raise SystemExit(f"two cases have one name: {', '.join(sorted(doubles))}")
    return cases


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--graft", type=Path, required=True)
    options.add_argument("--out", type=Path, required=True)
    arguments = options.parse_args()
    cases = all_cases(Base(arguments.graft.resolve(), arguments.out.resolve() / "base"))
    for case in cases:
        print(f"{case.name}: {', '.join(sorted({str(run.code) for run in case.runs}))}, {len(case.runs)} runs")
    valid = sum(case.is_valid for case in cases)
    print(f"{len(cases) - valid} malformed, {valid} valid, {sum(len(case.runs) for case in cases)} runs")


if __name__ == "__main__":
    main()
