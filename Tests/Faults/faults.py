"""What check_faults.py and check_kills.py share: small data, a program under fault.c, and fingerprints of what it leaves."""

import contextlib
import csv
import gzip
import hashlib
import io
import json
import os
import re
import shutil
import signal
import sqlite3
import struct
import subprocess
import tempfile
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent

# A name that Graft gives to a file which it is still writing, or SQLite to its journal.
TEMPORARY = re.compile(r"\.tmp-[0-9a-f-]+$|\.part-\d+$|-journal$|-wal$|-shm$")


def compiled(folder):
    """The library made of fault.c."""
    library = folder / "fault.so"
    subprocess.run(["gcc", "-shared", "-fPIC", "-O2", "-o", str(library), str(HERE / "fault.c"), "-ldl", "-lpthread"], check=True)
    return library


# MARK: Inputs


def small_digits(data, folder, train=1000, test=300):
    """The first images of MNIST as four IDX files."""
    folder.mkdir(parents=True, exist_ok=True)
    for part, count in ("train", train), ("t10k", test):
        for name, magic, header, size in ("images-idx3", 0x803, 16, 784), ("labels-idx1", 0x801, 8, 1):
            with gzip.open(data / "mnist" / f"{part}-{name}-ubyte.gz") as file:
                bytes = file.read(header + size * count)
            numbers = [magic, count, 28, 28] if size > 1 else [magic, count]
            (folder / f"{part}-{name}-ubyte").write_bytes(struct.pack(f">{len(numbers)}i", *numbers) + bytes[header:])
    return folder


def small_photographs(data, folder, each=8):
    """A few photographs of ants and bees, in a folder for each class, in two parts."""
    taken = {}
    with zipfile.ZipFile(data / "pictures" / "hymenoptera.zip") as archive:
        for name in sorted(archive.namelist()):
            if not name.endswith(".jpg"):
                continue
            *_, part, label, file = name.split("/")
            if taken.setdefault((part, label), 0) < each:
                taken[part, label] += 1
                place = folder / part / label / file
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(archive.read(name))
                # The cache of decoded pictures is named after their times, too.
                os.utime(place, (1_700_000_000, 1_700_000_000))
    return folder


# MARK: Running


class Ended:
    """A run that has ended."""

    def __init__(self, code, stdout, stderr, log):
        self.code, self.stdout, self.stderr, self.log = code, stdout, stderr, log

    @property
    def fault(self):
        """The operation at which the fault happened; None if it did not."""
        return next((operation for operation in self.log if operation.fault), None)


class Operation:
    def __init__(self, line):
        number, self.name, size, self.path, self.fault = line.split("\t")
        self.number, self.bytes = int(number), int(size)

    def place(self, root):
        """The path, with what differs from run to run replaced."""
        path = self.path.replace(str(root), "", 1).lstrip("/") or "."
        path = re.sub(r"tmp-[0-9a-f-]+$", "tmp", path)
        return re.sub(r"[0-9a-f]{32,64}", "ID", path)

    def label(self, root):
        return f"{self.name} {self.place(root)}"


def read_log(path):
    with contextlib.suppress(FileNotFoundError):
        return [Operation(line) for line in path.read_text().splitlines() if line.count("\t") == 4]
    return []


class Program:
    """Graft, run in a folder of its own under the library."""

    def __init__(self, graft, library, logs):
        self.graft, self.library, self.logs = graft, library, logs
        logs.mkdir(parents=True, exist_ok=True)

    def environment(self, root, log, **faults):
        kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
        (root / "tmp").mkdir(exist_ok=True)
        kept.update(
            HOME=str(root), TMPDIR=str(root / "tmp"), XDG_CACHE_HOME=str(root / "cache"), SWIFT_BACKTRACE="enable=no", TERM="dumb",
            LD_PRELOAD=str(self.library), FAULT_ROOT=str(root), FAULT_LOG=str(log))
        kept.update({name: str(value) for name, value in faults.items() if value is not None})
        return kept

    def start(self, root, words, log, **faults):
        return subprocess.Popen(
            [str(self.graft), *words], cwd=root, env=self.environment(root, log, **faults), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, start_new_session=True)

    def run(self, root, words, timeout=300, before_end=None, **faults):
        """Runs to the end. `before_end` may disturb the process."""
        handle, log = tempfile.mkstemp(dir=self.logs)
        os.close(handle)
        log = Path(log)
        process = self.start(root, words, log, **faults)
        try:
            if before_end:
                before_end(process)
            stdout, stderr = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            stdout, stderr = process.communicate()
            stderr += b"\n(it did not end in time)"
        ended = Ended(process.returncode, stdout.decode(errors="replace"), stderr.decode(errors="replace"), read_log(log))
        log.unlink(missing_ok=True)
        return ended


# MARK: Fingerprints


def sha256(bytes):
    return hashlib.sha256(bytes).hexdigest()


def untimed(value, dropped=("arguments", "store", "created", "machine")):
    """A JSON value without what a clock decides and without the names of places."""
    if isinstance(value, dict):
        return {key: untimed(part) for key, part in value.items() if "seconds" not in key and key not in dropped}
    return [untimed(part) for part in value] if isinstance(value, list) else value


def untimed_table(text):
    """The cells of a CSV file without the columns of seconds."""
    rows = list(csv.reader(io.StringIO(text)))
    kept = [place for place, name in enumerate(rows[0])] if rows else []
    kept = [place for place in kept if "seconds" not in rows[0][place]]
    return [[row[place] for place in kept if place < len(row)] for row in rows]


def events(bytes):
    """The records of a TensorBoard file without wall times, seconds and the settings' time of beginning."""
    found, place = [], 0
    while place + 12 <= len(bytes):
        (size,) = struct.unpack_from("<Q", bytes, place)
        record = bytes[place + 12:place + 12 + size]
        if len(record) < size or place + 16 + size > len(bytes):
            return found + ["cut off"]
        place += 16 + size
        # The first field of each is the wall time: a tag and eight bytes.
        content = record[9:]
        found.append(len(content) if b"_hparams_" in content or b"seconds" in content else sha256(content))
    return found + (["cut off"] if place != len(bytes) else [])


def store(path):
    """The contents of a store without times, and what SQLite's check says of it.

    A copy is looked at: to open the store itself would undo a write that was cut off.
    """
    with tempfile.TemporaryDirectory() as folder:
        for name in path.name, f"{path.name}-journal":
            if (path.parent / name).exists():
                shutil.copy(path.parent / name, folder)
        return contents(Path(folder) / path.name)


def contents(path):
    with contextlib.closing(sqlite3.connect(path)) as file:
        verdict = [row[0] for row in file.execute("PRAGMA integrity_check")]
        tables = {}
        for (table,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall():
            columns = [row[1] for row in file.execute(f"PRAGMA table_info({table})")]
            kept = [name for name in columns if not re.search("seconds|created|machine|history", name)]
            rows = [list(map(repr, row)) for row in file.execute(f"SELECT {', '.join(kept)} FROM {table}")]
            tables[table] = sha256(json.dumps(sorted(rows)).encode())
    return {"integrity": verdict, **tables}


def content(path, root):
    """What a file says, as far as two runs in two folders say the same."""
    bytes = path.read_bytes().replace(str(root).encode(), b"ROOT") if path.suffix in (".json", ".html") else path.read_bytes()
    name = path.name
    try:
        if name.endswith(".sqlite"):
            return store(path)
        if name.endswith(".json"):
            return sha256(json.dumps(untimed(json.loads(bytes))).encode())
        if name.endswith(".jsonl"):
            return sha256(json.dumps([untimed(json.loads(line)) for line in bytes.splitlines()]).encode())
        if name.endswith(".csv"):
            return sha256(json.dumps(untimed_table(bytes.decode())).encode())
        if name.endswith(".md"):
            return sha256(re.sub(r"(\d+(\.\d+)?|less than 1) (s|min|h)\b", "TIME", bytes.decode()).encode())
        if "tfevents" in name:
            return events(bytes)
        if name.endswith(".html"):
            # Pages tell times and dates, and hold models.
            return "whole" if bytes.rstrip().endswith(b"</html>") else "cut off"
    except (ValueError, UnicodeDecodeError, sqlite3.Error, IndexError) as error:
        return f"unreadable: {error}"
    return sha256(bytes)


def fingerprint(folder, ignoring=()):
    """The contents of all files in a folder, by path."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_file() and not name.endswith(".lock") and not any(name.startswith(part) for part in ignoring):
            found[name] = content(path, folder)
    return found


def differences(expected, found):
    """The first differences of two fingerprints, in words."""
    words = []
    for name in sorted(expected.keys() | found.keys()):
        if name not in found:
            words.append(f"{name} is missing")
        elif name not in expected:
            words.append(f"{name} is left behind")
        elif expected[name] != found[name]:
            words.append(f"{name} has other contents")
    return words


def copy(folder, to):
    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(folder, to, symlinks=True)
    return to


def signal_name(code):
    return signal.Signals(-code).name if code < 0 else str(code)
