"""Switches off each check of the parsers in turn, and says whether a test fails.

    Scripts/check-guards [--list] [--only JSON+Parsing.swift …] [--parts 1/4] [--malformed] [--json FILE]

The sources are copied to .build-guards. There each condition of a `guard`, and each `if` that throws, of the files below can be switched off by its
number in the environment, so that one build serves all. A check is proven if a test of its module fails, crashes or hangs without it; if none
does, the tests of the command line are asked, and with --malformed the corpus of malformed files. Conditions that bind a value stay: without
them the program would not compile. Tests/Guards/equivalent.txt names conditions that no input can show, each with its reason.
"""

import argparse
import concurrent.futures
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
TREE = ROOT / ".build-guards" / "tree"

# The files that read bytes from outside, with the tests of their modules.
PARSERS = {
    "GraftFilesTests": [
        "Sources/GraftFiles/Gzip.swift", "Sources/GraftFiles/Gzip+Header.swift", "Sources/GraftFiles/Inflater.swift", "Sources/GraftFiles/Bzip2.swift",
        "Sources/GraftFiles/ByteReader.swift", "Sources/GraftFiles/JSON+Parsing.swift", "Sources/GraftFiles/JSON+Scanner.swift",
        "Sources/GraftFiles/JSON+Scalars.swift", "Sources/GraftFiles/Safetensors+Decoding.swift", "Sources/GraftFiles/ZIPArchive.swift",
        "Sources/GraftFiles/TarArchive.swift", "Sources/GraftFiles/RegularFile.swift", "Sources/GraftFiles/MappedFile.swift"],
    "GraftDataTests": ["Sources/GraftData/Formats/*.swift", "Sources/GraftData/PictureFolders/*.swift", "Sources/GraftData/Selection/ClassSelection.swift"],
    "GraftPicturesTests": [f"Sources/GraftPictures/{name}.swift" for name in "JPEGFile NetpbmFile Orientation PNGFile Picture PictureFile PictureFormat PictureReader WebPFile".split()],
    "GraftImportsTests": ["Sources/GraftImports/Pickle/*.swift", "Sources/GraftImports/StateDict+Reading.swift"],
    "GraftNetworksTests": ["Sources/GraftNetworks/Architecture+Text.swift"],
    "GraftTrainingTests": ["Sources/GraftTraining/Runs/TrainingStateFile.swift", "Sources/GraftNetworks/Checkpoint*.swift", "Sources/GraftTraining/*/Checkpoint*.swift"],
}

SWITCH = '''
import Foundation

private let switchedOff = ProcessInfo.processInfo.environment["GRAFT_GUARD"].flatMap { Int($0) } ?? -1

/// Whether the check of this number is switched off.
package func isSwitchedOff(_ number: Int) -> Bool { switchedOff == number }
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
    """Whether a `{` begins the block of an `if`, and is no closure: a closure follows a name or a parenthesis and has its line's rest inside."""
    return code[place - 1] in " \n" and not re.search(r"(\bwhere|\bcontains|\ballSatisfy|\bcount|\bmap|\bfirst|\bflatMap|\bcompactMap|\bfilter|\blastIndex|\bfirstIndex)\s$", code[max(0, place - 16):place])


class Check:
    def __init__(self, number, file, line, words, tests):
        self.number, self.file, self.line, self.words, self.tests = number, file, line, words, tests

    def __str__(self):
        return f"{self.file}:{self.line}: {self.words}"


def switched(text, first, file, tests):
    """The text with its checks switched by number, and the checks."""
    code, edits, checks = blanked(text), [], []

    def add(begin, end, change):
        words = " ".join(text[begin:end].split())
        number = first + len(checks)
        checks.append(Check(number, file, text.count("\n", 0, begin) + 1, words, tests))
        edits.append((begin, end, change(number)))

    for match in re.finditer(r"\b(guard|if)\b(?=\s)", code):
        if match.group(1) == "guard":
            parts, _ = clauses(code, match.end(), "else")
            for begin, end in parts:
                while code[begin].isspace():
                    begin += 1
                while code[end - 1].isspace():
                    end -= 1
                clause = text[begin:end]
                if re.match(r"(let|var|case|#available)\b", clause) or "#if" in clause:
                    continue
                tried = "try " if clause.startswith("try ") else ""
                rest = clause[len(tried):]
                add(begin, end, lambda number, tried=tried, rest=rest: f"{tried}(isSwitchedOff({number}) ? true : ({rest}))")
        else:
            parts, place = clauses(code, match.end(), "{")
            if not re.match(r"\{\s*throw\b", code[place:]):
                continue
            begin, end = parts[0][0], parts[-1][1]
            words = text[begin:end].rstrip()
            add(begin + (len(text[begin:end]) - len(text[begin:end].lstrip())), begin + len(words), lambda number, words=words: f"{words.strip()}, !isSwitchedOff({number})")
    for begin, end, change in sorted(edits, reverse=True):
        text = text[:begin] + change + text[end:]
    if edits and "Sources/GraftFiles/" not in file and not re.search(r"^import GraftFiles$", text, re.M):
        text = "import GraftFiles\n" + text
    return text, checks


# MARK: The tree


def prepare(only):
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


def build():
    subprocess.run(["swift", "build", "-c", "release", "--build-tests"], cwd=TREE, check=True, stdout=sys.stderr)
    folder = subprocess.run(["swift", "build", "-c", "release", "--show-bin-path"], cwd=TREE, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    return Path(folder)


# MARK: Running


class Tests:
    def __init__(self, folder, timeout):
        self.folder, self.timeout = folder, timeout
        self.bundle = folder / "graftPackageTests.xctest"

    def fails(self, number, target):
        """Whether a test of the target fails with the check switched off, and how."""
        environment = {**os.environ, "GRAFT_GUARD": str(number), "SWIFT_BACKTRACE": "enable=no"}
        try:
            ended = subprocess.run(
                [self.bundle, "--testing-library", "swift-testing", "--filter", rf"^{target}\."], cwd=TREE, env=environment, stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=self.timeout)
        except subprocess.TimeoutExpired:
            return "hangs"
        if ended.returncode == 0:
            return None
        return f"ends with signal {-ended.returncode}" if ended.returncode < 0 else "fails"


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
    parser.add_argument("--malformed", action="store_true", help="also ask the corpus of malformed files")
    parser.add_argument("--json")
    options = parser.parse_args()
    checks = prepare(options.only)
    known = equivalent()
    asked = [check for check in checks if not options.only or any(name in check.file for name in options.only)]
    part, parts = map(int, options.part.split("/"))
    asked = asked[part - 1::parts]
    if options.list:
        for check in asked:
            print(check)
        print(f"{len(asked)} checks")
        return 0
    folder = build()
    tests = Tests(folder, 180)
    for target in sorted({check.tests for check in asked} | {"GraftCommandTests"}):
        begin = time.monotonic()
        how = tests.fails(-1, target)
        if how:
            sys.exit(f"{target} {how} with all checks on")
        print(f"{target}: {time.monotonic() - begin:.1f} s with all checks on", flush=True)

    def proof(check):
        if f"{check.file}: {check.words}" in known:
            return "equivalent"
        for target in (check.tests, "GraftCommandTests"):
            how = tests.fails(check.number, target)
            if how:
                return f"{target} {how}"
        if options.malformed and malformed(check.number, folder):
            return "a malformed file is not refused"
        return None

    open_checks, told, equal = [], {}, 0
    with concurrent.futures.ThreadPoolExecutor(options.processes) as pool:
        for check, how in zip(asked, pool.map(proof, asked)):
            told[str(check)] = how
            equal += how == "equivalent"
            if how is None:
                open_checks.append(check)
                print(f"NOT PROVEN {check}", flush=True)
    proven = len(asked) - len(open_checks) - equal
    print(f"{proven} of {len(asked) - equal} checks are proven; {equal} more cannot be seen (Tests/Guards/equivalent.txt)")
    if options.json:
        Path(options.json).write_text(json.dumps(told, indent=1) + "\n")
    return 1 if open_checks else 0


def malformed(number, folder):
    out = TREE.parent / f"malformed-{number}"
    ended = subprocess.run(
        [sys.executable, ROOT / "Tests/Malformed/check_malformed.py", "--graft", folder / "graft", "--out", out],
        env={**os.environ, "GRAFT_GUARD": str(number)}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    shutil.rmtree(out, ignore_errors=True)
    return ended.returncode != 0


if __name__ == "__main__":
    sys.exit(main())
