"""Full, read-only, foreign and shared folders: real file systems, and two processes at one time.

    python check_folders.py --graft .build/release/graft --data FOLDER --out FOLDER [--json FILE]

A tmpfs is filled up at different moments of each command; it must end with 74 and one line, leave what had its final name as it was, and end
as usual once there is room. Folders and mounts that cannot be written must be found before anything is trained. Two processes with one output,
one store or one cache must end with one result, or one of them with 75. Mounting needs root; without it those parts are left out and said so.
"""

import argparse
import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import faults

options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
options.add_argument("--graft", type=Path, required=True)
options.add_argument("--data", type=Path, required=True)
options.add_argument("--out", type=Path, required=True)
options.add_argument("--json", type=Path)
arguments = options.parse_args()
graft, data, out = arguments.graft.resolve(), arguments.data.resolve(), arguments.out.resolve()
subprocess.run(["umount", "-q", str(out / "small")], stderr=subprocess.DEVNULL)
shutil.rmtree(out, ignore_errors=True)
out.mkdir(parents=True)
os.chmod(out, 0o755)
# Where a user without rights can read it.
program = out / "graft"
shutil.copy(graft, program)
inputs = out / "inputs"
faults.small_digits(data, inputs / "digits", train=600, test=200)
faults.small_photographs(data, inputs / "photographs", each=6)
for folder, _, _ in os.walk(out):
    os.chmod(folder, 0o755)

ENDED = []


def run(words, cwd, user=None, cache=None):
    environment = {"PATH": os.environ["PATH"], "HOME": str(cwd), "XDG_CACHE_HOME": str(cache or cwd / "cache"), "TMPDIR": "/tmp", "SWIFT_BACKTRACE": "enable=no"}
    before = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"] if user else []
    ended = subprocess.run([*before, program, *words], cwd=cwd, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=300)
    return ended.returncode, [line for line in ended.stderr.splitlines() if line.startswith("graft: error")]


def tell(name, wrong):
    ENDED.append((name, wrong))
    print(f"{'ok  ' if not wrong else 'MISS'} {name}{': ' + '; '.join(wrong) if wrong else ''}", flush=True)


def training(target):
    return ["train", "--data", inputs / "digits", "--classes", "even", "--model", "mlp:64", "--epochs", "6", "--threads", "1", "--quiet", "--out", target]


run(training(inputs / "source.safetensors"), out)
COMMANDS = {
    "train": lambda folder: training(folder / "model.safetensors") + ["--log", folder / "log.csv", "--tensorboard", folder / "events"],
    "transfer": lambda folder: ["transfer", "--from", inputs / "source.safetensors", "--data", inputs / "digits", "--classes", "odd", "--per-class", "20", "--no-control",
                                "--method", "fine-tune", "--threads", "1", "--quiet", "--out", folder / "model.safetensors"],
    "study": lambda folder: ["study", "--data", inputs / "digits", "--model", "mlp:16", "--methods", "fine-tune", "--per-class", "20", "--seeds", "2", "--epochs", "2",
                             "--threads", "1", "--quiet", "--store", folder / "store.sqlite", "--out", folder / "study"],
    "export": lambda folder: ["export", inputs / "source.safetensors", "--format", "onnx", "--out", folder / "model.onnx"],
}


def result(folder):
    """What the files of a folder say; a study's text has tables of seconds, and need only be there."""
    return {name: "there" if name.endswith(".md") else content for name, content in faults.fingerprint(folder, ("cache",)).items()}


def different(expected, folder):
    return faults.differences(expected, result(folder))


# MARK: Full file systems


@contextlib.contextmanager
def tmpfs(size):
    small = out / "small"
    small.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=755", "tmpfs", str(small)], check=True, stderr=subprocess.PIPE)
    try:
        yield small
    finally:
        subprocess.run(["umount", "-l", str(small)], check=True)


def can_mount():
    with contextlib.suppress(subprocess.CalledProcessError, FileNotFoundError):
        with tmpfs("1m"):
            return True
    return False


def full():
    for name, words in COMMANDS.items():
        whole = out / f"{name}-whole"
        whole.mkdir()
        code, errors = run(words(whole), out)
        if code:
            raise SystemExit(f"{name} ends with {code} where there is room: {errors}")
        expected = result(whole)
        bytes = sum(path.stat().st_size for path in whole.rglob("*") if path.is_file())
        for part in (0.05, 0.3, 0.6, 0.9):
            # A page is the least that a tmpfs gives.
            size = max(8192, int(bytes * part) // 4096 * 4096)
            with tmpfs(size) as small:
                code, errors = run(words(small), out)
                wrong = []
                if code not in (73, 74):
                    wrong.append(f"ended with {code}")
                if len(errors) != 1:
                    wrong.append(f"{len(errors)} lines of error")
                torn = [str(path.relative_to(small)) for path in small.rglob("*") if path.is_file() and faults.TEMPORARY.search(path.name) and "journal" not in path.name]
                if torn:
                    wrong.append(f"left {', '.join(torn)}")
                for path in small.rglob("*"):
                    own = str(path.relative_to(small))
                    if path.is_file() and path.suffix in (".safetensors", ".onnx") and faults.content(path, small) != expected.get(own):
                        wrong.append(f"{own} is not whole")
                subprocess.run(["mount", "-o", "remount,size=64m", str(small)], check=True)
                code, errors = run(words(small), out)
                wrong += [f"with room it ended with {code}: {errors}"] if code else different(expected, small)
                tell(f"{name}, {100 * part:.0f} % of the room that it needs", wrong)
    # The cache is no reason to stop.
    with tmpfs(64 << 10) as small:
        target = out / "from-photographs.safetensors"
        code, errors = run(
            ["train", "--data", inputs / "photographs", "--size", "32", "--model", "cnn:4c5-p2-16", "--epochs", "1", "--threads", "1", "--quiet", "--out", target], out, cache=small)
        left = [path.name for path in small.rglob("*") if path.is_file() and ".tmp-" in path.name]
        tell("pictures, no room for the cache", ([f"ended with {code}: {errors}"] if code else []) + [f"left {name}" for name in left])


# MARK: Folders that cannot be written


def forbidden():
    with tmpfs("8m") as small:
        subprocess.run(["mount", "-o", "remount,ro", str(small)], check=True)
        for name, words in COMMANDS.items():
            refused(f"{name}, a read-only file system", words(small), {73, 74, 77})
    closed = [parent for parent in [out, *out.parents] if not parent.stat().st_mode & 1]
    if closed:
        print(f"no other user can enter {closed[0]}: folders of another user are left out")
        return
    foreign = out / "foreign"
    foreign.mkdir()
    os.chmod(foreign, 0o555)
    for name, words in COMMANDS.items():
        refused(f"{name}, a folder of another user", words(foreign), {73, 77}, user=65534)
        if any(foreign.iterdir()):
            tell(f"{name}, a folder of another user: nothing is left", ["something is"])
    for name, words in COMMANDS.items():
        refused(f"{name}, a name that is too long", [str(word).replace("/foreign/", "/" + 300 * "x" + "/") for word in words(foreign)], {73})


def refused(name, words, codes, user=None):
    begin = time.monotonic()
    code, errors = run(words, out, user)
    seconds = time.monotonic() - begin
    wrong = []
    if code not in codes:
        wrong.append(f"ended with {code}")
    if len(errors) != 1:
        wrong.append(f"{len(errors)} lines of error")
    if seconds > 3:
        wrong.append(f"after {seconds:.1f} s: something was trained before")
    tell(name, wrong)


# MARK: Two at one time


def two():
    for name, words in COMMANDS.items():
        expected = result(out / f"{name}-whole") if (out / f"{name}-whole").exists() else None
        for number in range(3):
            folder = out / f"{name}-two-{number}"
            folder.mkdir()
            both = [subprocess.Popen([program, *map(str, words(folder))], cwd=out, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) for _ in range(2)]
            lines = [process.communicate()[1] for process in both]
            codes = sorted(process.returncode for process in both)
            wrong = []
            if codes not in ([0, 0], [0, 75]):
                wrong.append(f"ended with {codes}: {lines}")
            if expected is not None:
                wrong += different(expected, folder)
            tell(f"two of {name} at one time, {number + 1}", wrong)
    for number in range(3):
        cache = out / f"cache-{number}"
        environment = {**os.environ, "XDG_CACHE_HOME": str(cache)}
        both = []
        for one in range(2):
            both.append(subprocess.Popen(
                [program, "train", "--data", inputs / "photographs", "--size", "32", "--model", "cnn:4c5-p2-16", "--epochs", "2", "--threads", "1", "--quiet", "--out",
                 out / f"photographs-{number}-{one}.safetensors"], cwd=out, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE))
        codes = [process.wait() for process in both]
        digests = {faults.sha256((out / f"photographs-{number}-{one}.safetensors").read_bytes()) for one in range(2)}
        left = [path.name for path in cache.rglob("*") if ".tmp-" in path.name]
        tell(f"two with one cache of pictures, {number + 1}", ([f"ended with {codes}"] if any(codes) else []) + (["different models"] if len(digests) != 1 else []) + left)


if can_mount():
    full()
    forbidden()
else:
    print("file systems cannot be mounted here: full and read-only folders are left out")
two()
missed = [name for name, wrong in ENDED if wrong]
print(f"{len(ENDED) - len(missed)} of {len(ENDED)} hold")
if arguments.json:
    arguments.json.write_text(json.dumps({"cases": len(ENDED), "missed": missed}, indent=1) + "\n")
sys.exit(1 if missed else 0)
