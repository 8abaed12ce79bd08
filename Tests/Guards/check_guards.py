"""Switches off each check of the parsers in turn, and says whether a test fails.

    Scripts/check-guards [--list] [--only JSON+Scanner.swift …] [--part 1/4] [--built] [--malformed] [--json FILE]

The sources are copied to .build-guards. There each condition of a `guard`, and each `if` that throws, of the files below can be switched off by
its number in the environment, so that one build serves all. Parts joined by && in a `guard`, and by || in an `if`, are switched one by one.
A check is proven if a test fails, crashes or hangs without it. Each suite of tests first runs once with all checks on and says which of them it
reaches. Then a check is asked of the suites that reach it: first of those of its module, then of all others, and with --malformed of the corpus
of malformed files. Conditions of a `guard` that bind a value stay: without them the program would not compile. Tests/Guards/equivalent.txt names
conditions that no input can show, each with its reason.
"""

import argparse
import concurrent.futures
import contextlib
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
TREE = ROOT / ".build-guards" / "tree"

# The files that read bytes from outside, with the tests of their modules.
PARSERS = {
    "GraftFilesTests": [
        *(f"Sources/GraftFiles/{name}.swift" for name in (
            "Gzip", "Gzip+Header", "Inflater", "Bzip2", "ByteReader", "ContentGuess", "JSON", "JSON+*", "Safetensors", "Safetensors+D*",
            "Safetensors+Floats", "ZIPArchive", "TarArchive", "PNGImage", "RegularFile", "MappedFile"))],
    "GraftDataTests": [
        "Sources/GraftData/Formats/*.swift", "Sources/GraftData/PictureFolders/*.swift", "Sources/GraftData/Pictures/*.swift",
        "Sources/GraftData/Selection/ClassSelection.swift", "Sources/GraftData/Augmentation/Augmentation+Text.swift"],
    "GraftPicturesTests": [
        *(f"Sources/GraftPictures/{name}.swift" for name in (
            "JPEGFile", "NetpbmFile", "Orientation", "PNGFile", "Picture", "PictureFile", "PictureFormat", "PictureReader", "WebPFile"))],
    "GraftImportsTests": ["Sources/GraftImports/Pickle/*.swift", "Sources/GraftImports/*.swift"],
    "GraftNetworksTests": [
        *(f"Sources/GraftNetworks/{name}.swift" for name in ("Architecture+Text", "Checkpoint*", "ClassOutputs", "LearningRateSchedule+JSON"))],
    "GraftTrainingTests": ["Sources/GraftTraining/Runs/TrainingStateFile.swift", "Sources/GraftTraining/*/Checkpoint*.swift"],
    "GraftRunStorageTests": ["Sources/GraftRunStorage/StoredRow.swift", "Sources/GraftRunStorage/TrialRow.swift", "Sources/GraftRunStorage/ClassBytes.swift"],
    "GraftCommandTests": ["Sources/GraftCommand/ConfigurationFile.swift"],
}

# The tests that are asked: of these modules, and of what reads and writes the same files.
TARGETS = [*PARSERS, "GraftExportsTests"]

SWITCH = '''
import Foundation

private let switchedOff = ProcessInfo.processInfo.environment["GRAFT_GUARD"].flatMap { Int($0) } ?? -1

/// One byte for each check, in a file that the program and those that it starts share; nil if nobody asks.
private nonisolated(unsafe) let reached: UnsafeMutablePointer<UInt8>? = {
  guard let path = ProcessInfo.processInfo.environment["GRAFT_GUARDS_REACHED"] else { return nil }
  let file = open(path, O_RDWR)
  let size = Int(lseek(file, 0, SEEK_END))
  guard size > 0, let map = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0), map != MAP_FAILED else { return nil }
  close(file)
  return map.bindMemory(to: UInt8.self, capacity: size)
}()

/// Whether the check of this number is switched off.
package func isSwitchedOff(_ number: Int) -> Bool {
  if let reached { reached[number] = 1 }
  return switchedOff == number
}
'''


# MARK: Swift, as far as it is needed


def blanked(text):
    """The text with comments and the contents of strings blanked, place by place."""
    out = list(text)
    place, depth = 0, []

    def blank(start, end):
        for index in range(start, min(end, len(out))):
            if out[index] != "\n":
                out[index] = " "

    def string(start):
        """The end of a string literal; interpolations are blanked with it."""
        hashes = 0
        while text[start + hashes] == "#":
            hashes += 1
        quote = '"""' if text.startswith('"""', start + hashes) else '"'
        end, index = quote + "#" * hashes, start + hashes + len(quote)
        escape = "\\" + "#" * hashes
        while index < len(text):
            if text.startswith(end, index):
                return index + len(end)
            if text.startswith(escape + "(", index):
                index, level = index + len(escape) + 1, 1
                while index < len(text) and level:
                    if text[index] == '"':
                        index = string(index)
                        continue
                    level += {"(": 1, ")": -1}.get(text[index], 0)
                    index += 1
            elif text.startswith(escape, index):
                index += len(escape) + 1
            else:
                index += 1
        return index

    while place < len(text):
        if text.startswith("//", place):
            end = text.find("\n", place)
            end = len(text) if end < 0 else end
            blank(place, end)
            place = end
        elif text.startswith("/*", place):
            end = text.find("*/", place) + 2
            blank(place, end)
            place = end
        elif text[place] == '"' or text[place] == "#" and re.match(r'#+"', text[place:place + 8]):
            end = string(place)
            # The quotes stay, so that the place is not empty.
            blank(place + 1, end - 1)
            place = end
        else:
            place += 1
    return "".join(out)


def clauses(code, start, stop):
    """The clauses from `start` to a `{` (or `else`) at depth 0: their ends, and where the list ends."""
    depth, begin, found, place = 0, start, [], start
    while place < len(code):
        letter = code[place]
        if letter in "([":
            depth += 1
        elif letter in ")]":
            depth -= 1
        elif letter == "{":
            if depth == 0 and stop == "{" and is_block(code, place):
                break
            depth += 1
        elif letter == "}":
            depth -= 1
        elif letter == "," and depth == 0:
            found.append((begin, place))
            begin = place + 1
        elif depth == 0 and stop == "else" and re.match(r"\belse\b\s*\{", code[place:]) and not code[place - 1].isalnum():
            break
        place += 1
    found.append((begin, place))
    return found, place


def is_block(code, place):
    """Whether a `{` begins the block of an `if`, and is no closure: those of a condition are in parentheses."""
    return code[place - 1] in " \n"


def throws(code, place):
    """Whether the block that begins here has a `throw` among its own statements."""
    depth, own = 0, []
    while place < len(code):
        depth += {"{": 1, "}": -1}.get(code[place], 0)
        if depth == 0:
            break
        if depth == 1:
            own.append(code[place])
        place += 1
    return re.search(r"(^\{|\n|;)\s*throw\b", "".join(own)) is not None


def joined(code, begin, end, operator):
    """The parts of a condition that are joined by the operator, as places; one if another operator binds less."""
    depth, cuts, text = 0, [], code[begin:end]
    other = "||" if operator == "&&" else None
    for place, letter in enumerate(text):
        depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(letter, 0)
        if depth:
            continue
        if other and text.startswith(other, place) or text.startswith(" ? ", place):
            return [(begin, end)]
        if text.startswith(operator, place):
            cuts.append(begin + place)
    starts, ends = [begin, *(cut + 2 for cut in cuts)], [*cuts, end]
    return list(zip(starts, ends))


def trimmed(text, begin, end):
    while text[begin].isspace():
        begin += 1
    while text[end - 1].isspace():
        end -= 1
    return begin, end


class Check:
    def __init__(self, number, file, line, words, tests):
        self.number, self.file, self.line, self.words, self.tests = number, file, line, words, tests

    def __str__(self):
        return f"{self.file}:{self.line}: {self.words}"


def switched(text, first, file, tests):
    """The text with its checks switched by number, and the checks."""
    code, edits, checks = blanked(text), [], []

    def number(begin, end):
        checks.append(Check(first + len(checks), file, text.count("\n", 0, begin) + 1, " ".join(text[begin:end].split()), tests))
        return checks[-1].number

    def switch(begin, end, operator, value):
        """Switches the parts of a condition, each to the value by which it does not decide."""
        begin, end = trimmed(text, begin, end)
        tried = "try " if text.startswith("try ", begin) else ""
        parts = [trimmed(text, *part) for part in joined(code, begin + len(tried), end, operator)]
        words = [f"(isSwitchedOff({number(*part)}) ? {value} : ({text[slice(*part)]}))" for part in parts]
        edits.append((begin, end, tried + f" {operator} ".join(words)))

    for match in re.finditer(r"(?<![#.\w])(guard|if)\b(?=\s)", code):
        if match.group(1) == "guard":
            parts, _ = clauses(code, match.end(), "else")
            for begin, end in parts:
                if not re.match(r"\s*(let|var|case|#available)\b", text[begin:end]):
                    switch(begin, end, "&&", "true")
        else:
            parts, place = clauses(code, match.end(), "{")
            if not throws(code, place):
                continue
            plain = [part for part in parts if not re.match(r"\s*(let|var|case|#available)\b", text[slice(*part)])]
            several = next((part for part in plain if len(joined(code, *part, "||")) > 1), None)
            if several or len(parts) == 1 and plain:
                switch(*(several or plain[0]), "||", "false")
            else:
                begin, end = trimmed(text, parts[0][0], parts[-1][1])
                edits.append((begin, end, f"{text[begin:end]}, !isSwitchedOff({number(begin, end)})"))
    for begin, end, change in sorted(edits, reverse=True):
        text = text[:begin] + change + text[end:]
    if edits and "Sources/GraftFiles/" not in file and not re.search(r"^import GraftFiles$", text, re.M):
        text = "import GraftFiles\n" + text
    return text, checks


# MARK: The tree


def prepare():
    """Copies the sources with their checks switched; a file that did not change keeps its time, so that little is built anew."""
    files = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
    parsers = {str(path.relative_to(ROOT)): tests for tests, patterns in PARSERS.items() for pattern in patterns for path in sorted(ROOT.glob(pattern))}
    checks, wanted = [], set()
    for name in sorted(files):
        source = ROOT / name
        if not source.is_file() and not source.is_symlink():
            continue
        target = TREE / name
        wanted.add(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_symlink():
            if not target.is_symlink():
                target.symlink_to(os.readlink(source))
            continue
        content = source.read_bytes()
        if name in parsers:
            text, own = switched(content.decode(), len(checks), name, parsers[name])
            checks += own
            content = text.encode()
        if not target.exists() or target.read_bytes() != content:
            target.write_bytes(content)
        shutil.copymode(source, target)
    switch = TREE / "Sources/GraftFiles/Switch.swift"
    wanted.add(switch)
    if not switch.exists() or switch.read_text() != SWITCH:
        switch.write_text(SWITCH)
    for path in (TREE / "Sources").rglob("*.swift"):
        if path not in wanted and not path.is_dir():
            path.unlink()
    return checks


def build(is_built):
    if not is_built:
        subprocess.run(["swift", "build", "-c", "release", "--build-tests"], cwd=TREE, check=True, stdout=sys.stderr)
    folder = subprocess.run(["swift", "build", "-c", "release", "--show-bin-path"], cwd=TREE, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    return Path(folder)


# MARK: Running


class Suites:
    """The suites of the tests, each with the checks that it reaches."""

    def __init__(self, folder, processes):
        self.folder, self.processes = folder, processes
        self.bundle = folder / "graftPackageTests.xctest"
        self.reaching, self.seconds = {}, {}
        # Those that fail with all checks on show nothing.
        self.left_out = []

    def run(self, names, number=-1, reached=None):
        """How a run of suites ends with a check switched off; None if no test fails."""
        environment = {**os.environ, "GRAFT_GUARD": str(number), "SWIFT_BACKTRACE": "enable=no"}
        if reached:
            environment["GRAFT_GUARDS_REACHED"] = str(reached)
        command = [self.bundle, "--testing-library", "swift-testing"]
        for name in names:
            command += ["--filter", f"^{re.escape(name)}([./]|$)"]
        # A loop without end is seen by the time of the processor that it takes: a slow or stopped machine is none.
        most = 60 + round(4 * sum(self.seconds.get(name, 60) for name in names))
        process = subprocess.Popen(
            command, cwd=TREE, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (most, most)))
        code = self.end(process, 10 * most)
        with contextlib.suppress(ProcessLookupError):
            # What a crashed or hanging test has started goes with it.
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        # Some versions end with 69 if the filter matches no test.
        return "hangs" if code is None else None if code in (0, 69) else f"ends with signal {-code}" if code < 0 else "fails"

    @staticmethod
    def end(process, seconds):
        """The exit code; None if the process waits for ever."""
        idle, used = 0, None
        while True:
            with contextlib.suppress(subprocess.TimeoutExpired):
                return process.wait(5)
            fields = Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split() if sys.platform == "linux" else ["S"] + [str(idle)] * 20
            # A stopped process does not wait.
            idle = 0 if fields[0] == "T" or fields[11:13] != used and sys.platform == "linux" else idle + 5
            used = fields[11:13]
            if idle >= seconds:
                return None

    def measure(self, count):
        """Runs each suite with all checks on, and notes what it reaches; once for each build."""
        kept = TREE.parent / "reached.json"
        with contextlib.suppress(FileNotFoundError):
            if kept.stat().st_mtime > self.bundle.stat().st_mtime:
                self.reaching, self.seconds, self.left_out = json.loads(kept.read_text())
                return
        listed = subprocess.run(
            [self.bundle, "--testing-library", "swift-testing", "--list-tests"], cwd=TREE, check=True, stdout=subprocess.PIPE, text=True).stdout
        names = sorted({line.split("/")[0] for line in listed.splitlines() if line.split(".")[0] in TARGETS})

        def measured(name):
            file = TREE.parent / f"reached-{name}"
            file.write_bytes(bytes(count))
            begin = time.monotonic()
            how = self.run([name], reached=file)
            seconds, reached = time.monotonic() - begin, [number for number, byte in enumerate(file.read_bytes()) if byte]
            file.unlink()
            return name, how, seconds, reached

        with concurrent.futures.ThreadPoolExecutor(self.processes) as pool:
            for name, how, seconds, reached in pool.map(measured, names):
                if how:
                    self.left_out.append(name)
                else:
                    self.seconds[name], self.reaching[name] = seconds, reached
        kept.write_text(json.dumps([self.reaching, self.seconds, self.left_out]))

    def proof(self, check):
        """The suites that show the absence of a check; None if none does."""
        own = [name for name, reached in self.reaching.items() if check.number in reached]
        own.sort(key=lambda name: self.seconds[name])
        ordered = [[name for name in own if name.startswith(check.tests + ".")], [name for name in own if not name.startswith(check.tests + ".")]]
        for names in ordered:
            # The quick ones together, each of the slow ones alone.
            quick = [name for name in names if self.seconds[name] < 5]
            for group in ([quick] if quick else []) + [[name] for name in names if name not in quick]:
                how = self.run(group, check.number)
                if how:
                    return f"{group[0].split('.')[0]} {how}"
        return None


def equivalent():
    """The conditions that no input can show: `FILE: CONDITION -- reason`."""
    found = {}
    path = Path(__file__).with_name("equivalent.txt")
    for line in path.read_text().splitlines() if path.exists() else []:
        if line.strip() and not line.startswith("#"):
            condition, reason = line.split(" -- ", 1)
            found[condition.strip()] = reason.strip()
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--list", action="store_true", help="say which checks there are, and switch off none")
    parser.add_argument("--only", nargs="+", help="parts of file names")
    parser.add_argument("--part", default="1/1", help="every fourth check, from the first: 1/4")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--built", action="store_true", help="the copy is built already")
    parser.add_argument("--build", action="store_true", help="build the copy, and switch off none")
    parser.add_argument("--malformed", action="store_true", help="also ask the corpus of malformed files")
    parser.add_argument("--json")
    options = parser.parse_args()
    checks = prepare()
    known = equivalent()
    asked = [check for check in checks if not options.only or any(name in check.file for name in options.only)]
    part, parts = map(int, options.part.split("/"))
    asked = asked[part - 1::parts]
    if options.list:
        for check in asked:
            print(check)
        print(f"{len(asked)} checks")
        return 0
    folder = build(options.built)
    if options.build:
        return 0
    unknown = known.keys() - {f"{check.file}: {check.words}" for check in checks}
    if unknown:
        sys.exit(f"equivalent.txt names what is not there: {'; '.join(sorted(unknown))}")
    suites = Suites(folder, options.processes)
    suites.measure(len(checks))
    for name in suites.left_out:
        print(f"left out, since it fails with all checks on: {name}", flush=True)

    def proof(check):
        if f"{check.file}: {check.words}" in known:
            return "equivalent"
        how = suites.proof(check)
        if not how and options.malformed and malformed(check.number, folder):
            how = "a malformed file is not refused"
        return how

    unproven, told, equal = [], {}, 0
    with concurrent.futures.ThreadPoolExecutor(options.processes) as pool:
        for check, how in zip(asked, pool.map(proof, asked)):
            told[str(check)] = how
            equal += how == "equivalent"
            if how is None:
                unproven.append(check)
                reached = any(check.number in numbers for numbers in suites.reaching.values())
                print(f"NOT PROVEN {check}{'' if reached else ' (no test reaches it)'}", flush=True)
    seen = len(asked) - equal
    print(f"{seen - len(unproven)} of {seen} guards are proven; {equal} more cannot be seen (Tests/Guards/equivalent.txt)")
    if options.json:
        Path(options.json).write_text(json.dumps(told, indent=1) + "\n")
    return 1 if unproven or suites.left_out else 0


def malformed(number, folder):
    out = TREE.parent / f"malformed-{number}"
    ended = subprocess.run(
        [sys.executable, ROOT / "Tests/Malformed/check_malformed.py", "--graft", folder / "graft", "--out", out],
        env={**os.environ, "GRAFT_GUARD": str(number)}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    shutil.rmtree(out, ignore_errors=True)
    return ended.returncode != 0


if __name__ == "__main__":
    sys.exit(main())
