"""Gives every malformed file of the corpus to Graft and checks the answer.

    python check_malformed.py --graft .build/release/graft --out FOLDER [--json FILE] [--only idx/ png/width] [--every 10] [--busy 5] [--keep]

Each command runs in an empty folder, with a limit of memory and of time. It must end with the code of its kind of mistake, in less than
a second and within 256 MB, with exactly one line on standard error, which begins with "graft: error: " and names the file and the place
in it, and with nothing on standard output; and it must leave nothing behind. Files that are odd but valid must be read.
"""

import argparse
import concurrent.futures
import hashlib
import json
import os
import re
import resource
import shutil
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import corpus

options = argparse.ArgumentParser()
options.add_argument("--graft", type=Path, required=True)
options.add_argument("--out", type=Path, required=True)
options.add_argument("--json", type=Path)
options.add_argument("--only", nargs="+", default=[""], help="beginnings of the names of cases")
options.add_argument("--busy", type=float, default=1, help="how many times as long a command may take, on a machine that does other work as well")
options.add_argument("--every", type=int, default=1, help="take one case of so many")
options.add_argument("--keep", action="store_true", help="leave the folders of all cases, not only of those that fail")
arguments = options.parse_args()
graft, out = str(arguments.graft.resolve()), arguments.out.resolve()

PROCESSES = 2
ADDRESS_SPACE = 8 << 30
SECONDS_LIMIT = 20
LONGEST_LINE = 2000
PREFIX = "graft: error: "


def make(folder, files):
    for name, content in files.items():
        path = folder / (name if name.startswith("work/") else f"in/{name}")
        path.parent.mkdir(parents=True, exist_ok=True)
        if callable(content):
            content(path)
        else:
            path.write_bytes(content)


def listing(folder):
    """What is below a folder, with the content of small files."""
    found = {}
    for place, names, files in os.walk(os.fsencode(folder)):
        for name in names + files:
            path = os.path.join(place, name)
            status = os.lstat(path)
            content = ""
            if stat.S_ISREG(status.st_mode) and status.st_size < 4 << 20:
                with open(path, "rb") as file:
                    content = hashlib.sha256(file.read()).hexdigest()
            found[os.fsdecode(os.path.relpath(path, os.fsencode(folder)))] = (stat.S_IFMT(status.st_mode), status.st_size if content else 0, content)
    return found


def start(words, folder, environment, standard_input):
    """Runs a command; returns its exit code (below zero: a signal), what it wrote, its seconds and its megabytes."""
    paths = [folder / name for name in ("stdout", "stderr")]
    (folder / "stdin").write_bytes(standard_input)
    with open(folder / "stdin", "rb") as given, open(paths[0], "wb") as output, open(paths[1], "wb") as errors:
        began = time.monotonic()
        process = subprocess.Popen(words, cwd=folder / "work", env=environment, stdin=given, stdout=output, stderr=errors)
        timer = threading.Timer(SECONDS_LIMIT, process.kill)
        timer.start()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - began
        timer.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, *[path.read_bytes() for path in paths], seconds, usage.ru_maxrss / (1 << (20 if sys.platform == "darwin" else 10))


def problems(run, code, output, errors, changes):
    """What is wrong with an answer, in words."""
    found = []
    if code != run.code and not (run.code is None and code in (corpus.BAD_DATA, corpus.MISSING, corpus.INPUT_OUTPUT, corpus.CONFIGURATION)):
        found.append(f"exit code {code}, expected {run.code}")
    try:
        lines = errors.decode().splitlines()
    except UnicodeDecodeError:
        return found + ["standard error is no UTF-8"]
    if not errors.endswith(b"\n") and errors:
        found.append("the line on standard error does not end")
    lines = [line for line in lines if not (run.notes and re.fullmatch(run.notes, line))]
    if run.code == corpus.FINE:
        if run.text and not re.search(run.text, output.decode(errors="replace")):
            found.append(f"standard output lacks /{run.text}/")
        if lines and run.notes != "-":
            found.append(f"{len(lines)} lines on standard error")
    else:
        if len(lines) != 1:
            found.append(f"{len(lines)} lines on standard error")
        line = lines[0] if lines else ""
        if not line.startswith(PREFIX):
            found.append(f"the line does not begin with {PREFIX}")
        if len(errors) > LONGEST_LINE + 100:
            found.append(f"a line of {len(errors)} bytes")
        if not re.search(run.text, line):
            found.append(f"the line lacks /{run.text}/")
        if run.named and run.named not in line:
            found.append(f"the line does not name {run.named}")
        if any(ord(letter) < 32 or ord(letter) == 127 for letter in line):
            found.append("the line has control characters")
        if output:
            found.append(f"{len(output)} bytes on standard output")
    if changes:
        found.append("left behind: " + ", ".join(sorted(changes)[:5]))
    return found


def answer(place, case, run, number):
    """Runs one command of a case; returns its record."""
    folder = out / "cases" / f"{place:04}-{number}-{re.sub('[^a-z0-9.-]+', '-', case.name.lower())}"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "work").mkdir(parents=True)
    make(folder, case.files)
    words = [graft, *(word.replace("{in}", str(folder / "in")).replace("{base}", str(out / "base")) for word in run.arguments)]
    environment = {"HOME": str(folder / "home"), "PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"}
    environment.update({name: value.replace("{in}", str(folder / "in")).replace("{base}", str(out / "base")) for name, value in run.environment.items()})
    before = [listing(folder / part) for part in ("in", "work")]
    code, output, errors, seconds, megabytes = start(words, folder, environment, run.standard_input)
    # Another program may have had the cores: the least of three tells.
    for _ in range(2):
        if run.seconds * arguments.busy <= seconds < SECONDS_LIMIT and code >= 0:
            again = start(words, folder, environment, run.standard_input)
            seconds, megabytes = min(seconds, again[3]), max(megabytes, again[4])
    after = [listing(folder / part) for part in ("in", "work")]
    changes = [name for old, new in zip(before, after) for name in old.keys() | new.keys() if old.get(name) != new.get(name)]
    changes = [name for name in changes if not any(name == left or name.startswith(left + "/") for left in run.leaves)]
    found = problems(run, code, output, errors, changes)
    if seconds >= run.seconds * arguments.busy:
        found.append(f"{seconds:.2f} s")
    if megabytes >= run.megabytes:
        found.append(f"{megabytes:.0f} MB")
    if not found and not arguments.keep:
        shutil.rmtree(folder, ignore_errors=True)
    return {
        "case": case.name, "arguments": run.arguments, "expected": run.code, "code": code, "seconds": round(seconds, 4), "megabytes": round(megabytes, 1),
        "error": errors.decode(errors="replace")[:1000], "problems": found,
    }


def main():
    began = time.monotonic()
    # Every command inherits them.
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    shutil.rmtree(out, ignore_errors=True)
    base = corpus.Base(graft, out / "base")
    cases = [case for case in corpus.all_cases(base) if any(case.name.startswith(only) for only in arguments.only)][::arguments.every]
    jobs = [(place, case, run, number) for place, case in enumerate(cases) for number, run in enumerate(case.runs)]
    with concurrent.futures.ThreadPoolExecutor(PROCESSES) as pool:
        records = list(pool.map(lambda job: answer(*job), jobs))
    failed = [record for record in records if record["problems"]]
    for record in failed:
        print(f"FAIL {record['case']}: {'; '.join(record['problems'])}\n     graft {' '.join(record['arguments'])[:300]}\n     {record['error'].rstrip()[:400]}", flush=True)
    bad = {record["case"] for record in failed}
    valid = [case for case in cases if case.is_valid]
    seconds = time.monotonic() - began
    print(f"{len(cases) - len(bad)} of {len(cases)} cases ({len(cases) - len(valid)} malformed, {len(valid)} odd but valid), {len(records) - len(failed)} of {len(records)} commands, in {seconds:.0f} s")
    for title, key, unit in [("slowest", "seconds", "s"), ("largest", "megabytes", "MB")]:
        for record in sorted(records, key=lambda record: -record[key])[:3]:
            print(f"{title}: {record[key]:.2f} {unit} {record['case']}: graft {record['arguments'][0]}")
    if arguments.json:
        figures = {
            "cases": len(cases), "valid": len(valid), "cases_that_hold": len(cases) - len(bad), "commands": len(records),
            "commands_that_hold": len(records) - len(failed), "seconds": round(seconds, 1), "records": records,
        }
        arguments.json.write_text(json.dumps(figures, indent=1) + "\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
