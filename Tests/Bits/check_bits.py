"""Trains each recipe with several numbers of threads and with each build of the kernels, again and again: one SHA-256 a recipe.

    python3 Tests/Bits/check_bits.py --graft .build/release/graft [--runs 5] [--threads 1,2,3,4,8] [--json FILE]

Needs MNIST, and pictures in cifar10.zip and hymenoptera.zip: GRAFT_DATA names the folder that has mnist/ and pictures/.
"""

import argparse
import datetime
import hashlib
import json
import os
import pathlib
import platform
import subprocess
import sys
import tempfile
import time

# What is trained: a few images and one or two epochs, so that a run takes about a second; the code is that of any training.
DIGITS = {
    "study": ["--classes", "even", "--per-class", "200", "--epochs", "2"],
    "quick": ["--classes", "even", "--per-class", "200", "--epochs", "2"],
    "best": ["--classes", "even", "--per-class", "100", "--epochs", "1"],
    "cnn-quick": ["--classes", "even", "--per-class", "40", "--epochs", "1"],
    "cnn-best": ["--classes", "even", "--per-class", "5", "--epochs", "1"],
}
COLOURS = {
    "colour-quick": ["--per-class", "20", "--epochs", "1"],
    "photos": ["--per-class", "20", "--epochs", "1"],
}
METHODS = ["frozen", "fine-tune", "lp-ft", "l2-sp", "bias-only", "copy+:1"]


class Check:
    def __init__(self, graft, data, folder, threads, runs):
        self.graft, self.data, self.folder, self.threads, self.runs = graft, data, folder, threads, runs
        self.builds = ["portable"] if not self.has_other_build() else ["portable", "avx512"]

    def has_other_build(self):
        result = subprocess.run([self.graft, "--version"], env={**os.environ, "GRAFT_KERNELS": "avx512"}, capture_output=True)
        return result.returncode == 0

    def train(self, arguments, threads, build):
        out = self.folder / "model.safetensors"
        out.unlink(missing_ok=True)
        command = [self.graft, *arguments, "--threads", str(threads), "--quiet", "--out", str(out)]
        result = subprocess.run(
            command, env={**os.environ, "GRAFT_KERNELS": build}, capture_output=True, text=True, cwd=self.folder)
        if result.returncode:
            sys.exit(f"{' '.join(command)}\n{result.stderr}")
        return hashlib.sha256(out.read_bytes()).hexdigest()

    def subject(self, name, arguments):
        begin = time.time()
        hashes = [
            self.train(arguments, threads, build)
            for build in self.builds
            for threads in self.threads
            for _ in range(self.runs)
        ]
        found = {"runs": len(hashes), "hashes": len(set(hashes)), "sha256": hashes[0]}
        print(f"{name}: {found['hashes']} SHA-256 in {found['runs']} runs ({time.time() - begin:.0f} s)", flush=True)
        return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--graft", required=True)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--threads", default="1,2,3,4,8")
    parser.add_argument("--json")
    options = parser.parse_args()
    data = os.environ.get("GRAFT_DATA")
    if not data:
        sys.exit("the check needs data; GRAFT_DATA says where it is")
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        threads = [int(text) for text in options.threads.split(",")]
        check = Check(os.path.abspath(options.graft), data, folder, threads, options.runs)
        subjects = {}
        for recipe, arguments in DIGITS.items():
            subjects[f"train {recipe}"] = ["train", "--data-dir", data, "--recipe", recipe, *arguments]
        for recipe, arguments in COLOURS.items():
            pictures = f"{data}/pictures/{'cifar10' if recipe == 'colour-quick' else 'hymenoptera'}.zip"
            subjects[f"train {recipe}"] = ["train", "--data", pictures, "--skip-bad", "--recipe", recipe, *arguments]
        source = folder / "source.safetensors"
        subprocess.run(
            [check.graft, *subjects["train quick"], "--quiet", "--out", str(source)], check=True, capture_output=True)
        for method in METHODS:
            subjects[f"transfer {method}"] = [
                "transfer", "--data-dir", data, "--from", str(source), "--classes", "odd", "--per-class", "20", "--method", method,
                "--no-control"]
        figures = {name: check.subject(name, arguments) for name, arguments in subjects.items()}
    one = sum(found["hashes"] == 1 for found in figures.values())
    runs = sum(found["runs"] for found in figures.values())
    print(f"{one} of {len(figures)} have one SHA-256 ({runs} runs: threads {options.threads}, kernels {', '.join(check.builds)})")
    if options.json:
        document = {
            "check": "bits", "date": datetime.date.today().isoformat(), "machine": platform.machine(), "threads": threads,
            "kernels": check.builds, "runs_each": options.runs, "runs": runs, "subjects": len(figures), "one_hash": one,
            "figures": figures,
        }
        pathlib.Path(options.json).write_text(json.dumps(document, indent=1) + "\n")
    return 0 if one == len(figures) else 1


if __name__ == "__main__":
    sys.exit(main())
