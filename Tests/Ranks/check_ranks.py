"""Runs studies under mpirun and compares them with the study of one process.

    python check_ranks.py --graft .build-mpi/release/graft --out FOLDER [--parts same training kills parts hosts slurm] [--kills 20]

`hosts` makes two hosts out of network namespaces, which takes the rights of root and iproute2; it is left out without them, and says so.
"""

import argparse
import contextlib
import hashlib
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

options = argparse.ArgumentParser()
options.add_argument("--graft", type=Path, required=True)
options.add_argument("--out", type=Path, required=True)
options.add_argument("--parts", nargs="+", default=["same", "training", "kills", "parts", "hosts"])
options.add_argument("--kills", type=int, default=20)
arguments = options.parse_args()
graft, out = arguments.graft.resolve(), arguments.out.resolve()
shutil.rmtree(out, ignore_errors=True)
out.mkdir(parents=True)

study = ["study", "--source", "even", "--target", "odd", "--methods", "frozen,fine-tune", "--per-class", "20", "--seeds", "3", "--epochs", "4", "--threads", "1", "--quiet", "--json"]
environment = dict(os.environ, OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1")
failures = 0


def check(name, holds, figure=""):
    global failures
    failures += not holds
    print(f"  {'ok  ' if holds else 'FAIL'} {name}" + (f": {figure}" if figure else ""), flush=True)


def mpirun(ranks):
    return ["mpirun", "--oversubscribe", "--bind-to", "none", "-n", str(ranks)]


def words(name):
    return [str(graft), *study, "--store", str(out / f"{name}.sqlite"), "--out", str(out / name)]


def run(name, launcher=()):
    done = subprocess.run([*launcher, *words(name)], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=500)
    if done.returncode:
        raise SystemExit(f"{' '.join([*launcher, *words(name)])} ended with {done.returncode}: {done.stderr}")
    return table(json.loads(done.stdout))


def table(result):
    """The rows without what clocks say."""

    def untimed(value):
        if isinstance(value, dict):
            return {key: untimed(part) for key, part in value.items() if "seconds" not in key}
        return [untimed(part) for part in value] if isinstance(value, list) else value

    return untimed(result["rows"])


def trials(name):
    """What the store says of each trial, without what clocks and machines say."""
    with sqlite3.connect(f"file:{out / name}.sqlite?mode=ro", uri=True) as store:
        return sorted(store.execute("select hex(id), kind, correct, loss, hex(answers), checkpoint_sha256, identity from trial"))


def kept_so_far(name):
    """The number of trials in a store that a study is writing."""
    try:
        with contextlib.closing(sqlite3.connect(f"file:{out / name}.sqlite?mode=ro", uri=True)) as store:
            return store.execute("SELECT count(*) FROM trial").fetchone()[0]
    except sqlite3.Error:
        return 0


def models(name):
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (out / f"{name}.sqlite.models").iterdir()}


def same_as(expected, name, found):
    holds = (found, trials(name), models(name)) == expected
    check(f"{name}: the table, the trials and the models of one process", holds, f"{len(trials(name))} trials, {len(models(name))} models")


def reference():
    return run("alone"), trials("alone"), models("alone")


def check_same(expected):
    for ranks in [1, 2, 4]:
        same_as(expected, f"ranks-{ranks}", run(f"ranks-{ranks}", mpirun(ranks)))


def ranks_of(launcher):
    """The processes of a job, by rank."""
    children = subprocess.run(["pgrep", "-P", str(launcher.pid)], stdout=subprocess.PIPE, text=True).stdout.split()
    return [int(child) for child in children]


def check_kills(expected):
    chance = random.Random(1)
    resumed, slowest, kept = 0, 0, []
    begin = time.time()
    run("not-killed", mpirun(3))
    duration = time.time() - begin
    for kill in range(arguments.kills):
        name = f"kill-{kill}"
        process = subprocess.Popen([*mpirun(3), *words(name)], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        time.sleep(chance.uniform(0.3, duration))
        victims = ranks_of(process)
        if victims and process.poll() is None:
            os.kill(chance.choice(victims), signal.SIGKILL)
            begin = time.time()
            message = process.communicate(timeout=60)[1]
            slowest = max(slowest, time.time() - begin)
            if process.returncode and "rank" not in message:
                check(f"{name}: the rank is named", False, message)
        else:
            process.communicate()
        kept.append(len(trials(name)) if (out / f"{name}.sqlite").exists() else 0)
        found = run(name, mpirun(2))
        resumed += (found, trials(name), models(name)) == expected
    check("killed ranks: the same call ends with the table of a study that was not interrupted", resumed == arguments.kills, f"{resumed} of {arguments.kills}, {min(kept)} to {max(kept)} of {len(expected[1])} trials kept, jobs ended within {slowest:.1f} s")


def check_training(expected):
    """One training on 1, 2 and 4 ranks, and one that is killed and goes on with another number of ranks."""
    for model in ["mlp:500", "cnn:small"]:
        words = [str(graft), "train", "--classes", "all", "--model", model, "--per-class", "400", "--shards", "4", "--threads", "1", "--quiet"]
        hashes, seconds = set(), []
        for ranks in [0, 1, 2, 4]:
            path = out / f"trained-{ranks}.safetensors"
            begin = time.time()
            subprocess.run([*(mpirun(ranks) if ranks else []), *words, "--epochs", "3", "--out", str(path)], env=environment, stdout=subprocess.DEVNULL, check=True)
            seconds.append(time.time() - begin)
            hashes.add(hashlib.sha256(path.read_bytes()).hexdigest())
            path.unlink()
        check(f"{model} in 4 shards: one SHA-256 without mpirun and on 1, 2 and 4 ranks", len(hashes) == 1, "seconds " + ", ".join(f"{taken:.1f}" for taken in seconds))
    long = [*words, "--learning-rate", "0.05", "--epochs", "40"]
    whole, killed = out / "whole.safetensors", out / "killed.safetensors"
    subprocess.run([*long, "--out", str(whole)], env=environment, stdout=subprocess.DEVNULL, check=True)
    state = Path(f"{killed}.training")
    process = subprocess.Popen([*mpirun(2), *long, "--out", str(killed)], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None and not state.exists():
        time.sleep(0.005)
    for rank in ranks_of(process):
        os.kill(rank, signal.SIGKILL)
    process.wait()
    had_state = state.exists()
    subprocess.run([*mpirun(4), *long, "--resume", "--out", str(killed)], env=environment, stdout=subprocess.DEVNULL, check=True)
    check("killed on 2 ranks, resumed on 4: the bits of a training that was not interrupted", had_state and whole.read_bytes() == killed.read_bytes(), "" if had_state else "it had ended before the kill")


def check_parts(expected):
    """A study in sixteen parts, as in a job array, and merged."""
    for part in range(1, 17):
        folder = str(out / f"part-{part}")
        done = subprocess.run([str(graft), *study, "--part", f"{part}/16", "--store", f"{folder}.sqlite", "--out", folder], env=environment, stderr=subprocess.PIPE, text=True)
        if done.returncode or Path(folder).exists():
            check(f"part {part} of 16", False, done.stderr)
    stores = [str(out / f"part-{part}.sqlite") for part in range(1, 17)]
    merged = subprocess.run([str(graft), "runs", "merge", *stores, "--store", str(out / "merged.sqlite"), "--json"], stdout=subprocess.PIPE, text=True)
    rows, of_models = trials("merged"), models("merged")
    same_as(expected, "merged", run("merged"))
    check("merged: all rows were there before the last call", rows == expected[1] and of_models == expected[2], " ".join(merged.stdout.split()))


def namespaces(*commands):
    for command in commands:
        if subprocess.run(command.split(), stderr=subprocess.DEVNULL).returncode:
            return False
    return True


def check_hosts(expected):
    """Two hosts without a common store, home or hosts' names, and a line that is cut between them."""
    namespaces("ip netns del graft-a", "ip netns del graft-b")
    made = namespaces("ip netns add graft-a", "ip netns add graft-b", "ip link add graft-va netns graft-a type veth peer name graft-vb netns graft-b", "ip -n graft-a addr add 10.77.0.1/24 dev graft-va", "ip -n graft-b addr add 10.77.0.2/24 dev graft-vb", "ip -n graft-a link set lo up", "ip -n graft-b link set lo up", "ip -n graft-a link set graft-va up", "ip -n graft-b link set graft-vb up") if shutil.which("ip") else False
    if not made:
        print("  left out: two hosts; this needs the rights of root, and ip of iproute2")
        return
    homes = {host: out / f"home-{host}" for host in "ab"}
    for home in homes.values():
        (home / "tmp").mkdir(parents=True)
    # Open MPI starts its daemon on the other host with this in place of ssh.
    agent = out / "agent"
    agent.write_text(f"#!/bin/bash\nshift\ncd {homes['b']}\nHOME={homes['b']} TMPDIR={homes['b']}/tmp exec ip netns exec graft-b unshare --uts bash -c \"hostname graft-b; $*\"\n")
    agent.chmod(0o755)
    settings = {"plm_rsh_agent": agent, "oob_tcp_if_include": "10.77.0.0/24", "btl_tcp_if_include": "10.77.0.0/24", "btl": "self,tcp", "oob_tcp_keepalive_time": 2, "oob_tcp_keepalive_intvl": 2, "oob_tcp_keepalive_probes": 2}
    launcher = ["ip", "netns", "exec", "graft-a", "mpirun", "--host", "10.77.0.1:1,10.77.0.2:1", "--bind-to", "none", *[word for name, value in settings.items() for word in ["--mca", name, str(value)]], "-x", "GRAFT_DATA"]
    environment.update(HOME=str(homes["a"]), TMPDIR=str(homes["a"] / "tmp"))
    # The second host has no data either.
    wrapper = out / "without-data"
    wrapper.write_text('#!/bin/bash\n[ "$OMPI_COMM_WORLD_RANK" = 0 ] || export GRAFT_DATA=/nowhere\nexec "$@"\n')
    wrapper.chmod(0o755)
    launcher.append(str(wrapper))
    found = run("hosts", launcher)
    same_as(expected, "hosts", found)
    check("hosts: nothing was written on the second host", [path.name for path in homes["b"].iterdir()] == ["tmp"])

    process = subprocess.Popen([*launcher, *words("cut")], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    # In the middle: some trials are kept, and most are not.
    while process.poll() is None and kept_so_far("cut") < 2:
        time.sleep(0.005)
    namespaces("ip -n graft-b link set graft-vb down")
    begin = time.time()
    message = process.communicate(timeout=60)[1]
    while subprocess.run(["pgrep", "-f", f"^{graft} "], stdout=subprocess.DEVNULL).returncode == 0 and time.time() - begin < 60:
        time.sleep(0.1)
    seconds = time.time() - begin
    kept = trials("cut")
    check("hosts: after the cut all processes on both end within 15 s, and the lost one is named", seconds < 15 and ("10.77.0.2" in message or "rank 1" in message), f"{seconds:.1f} s, code {process.returncode}")
    namespaces("ip -n graft-b link set graft-vb up")
    found = run("cut", launcher)
    same_as(expected, "cut", found)
    with sqlite3.connect(out / "cut.sqlite") as store:
        check("hosts: the rerun trained only the rest", set(kept) <= set(trials("cut")) and 0 < len(kept) < len(expected[1]), f"{len(kept)} of {len(expected[1])} were kept")
    namespaces("ip netns del graft-a", "ip netns del graft-b")


def start_slurm(folder):
    """One node with Slurm's own programs; nil and a reason if they cannot be started here."""
    if os.getuid() != 0 or not all(map(shutil.which, ["munged", "slurmctld", "slurmd", "sbatch"])):
        return None, "this needs the rights of root, and slurm-wlm and munge of Debian"
    for name in ["control", "node"]:
        (folder / name).mkdir(parents=True)
    key = folder / "munge.key"
    key.write_bytes(os.urandom(1024))
    key.chmod(0o600)
    host = os.uname().nodename
    settings = {
        "ClusterName": "graft", "SlurmctldHost": host, "SlurmUser": "root", "SlurmdUser": "root", "AuthType": "auth/munge", "AuthInfo": f"socket={folder}/munge.sock",
        "StateSaveLocation": folder / "control", "SlurmdSpoolDir": folder / "node", "SlurmctldPidFile": folder / "control.pid", "SlurmdPidFile": folder / "node.pid",
        "SlurmctldLogFile": folder / "control.log", "SlurmdLogFile": folder / "node.log", "SlurmctldPort": 16817, "SlurmdPort": 16818,
        "ProctrackType": "proctrack/linuxproc", "TaskPlugin": "task/none", "SchedulerType": "sched/builtin", "SelectType": "select/cons_tres", "SelectTypeParameters": "CR_Core",
        "MpiDefault": "none", "ReturnToService": 2, "SwitchType": "switch/none", "NodeName": f"{host} CPUs={os.cpu_count()} State=UNKNOWN",
        "PartitionName": "all Nodes=ALL Default=YES MaxTime=INFINITE State=UP",
    }
    (folder / "slurm.conf").write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
    environment["SLURM_CONF"] = str(folder / "slurm.conf")
    munge = ["munged", "--force", f"--key-file={key}", f"--socket={folder}/munge.sock", f"--pid-file={folder}/munge.pid", f"--log-file={folder}/munge.log", f"--seed-file={folder}/munge.seed"]
    for command in [munge, ["slurmctld"], ["slurmd"]]:
        if subprocess.run(command, env=environment, stderr=subprocess.DEVNULL).returncode:
            return None, f"{command[0]} does not start here"
        time.sleep(1)
    return [folder / name for name in ["node.pid", "control.pid", "munge.pid"]], None


def check_slurm(expected):
    """The batch file runs to its end; a job whose time is over goes on in the next."""
    daemons, reason = start_slurm(out / "slurm")
    if daemons is None:
        print(f"  left out: Slurm; {reason}")
        return
    try:
        name = "slurm"
        batch = Path(__file__).resolve().parents[2] / "Scripts/slurm-study"
        # Without --threads and --quiet, which the batch file gives.
        flags = " ".join(study[1 : study.index("--threads")])
        environment.update(GRAFT=str(graft), GRAFT_STUDY=flags)

        def submit(name, time_limit, *more):
            environment["GRAFT_RUNS"] = str(out / f"slurm-{name}")
            words = ["sbatch", "--parsable", "--nodes=1", "--ntasks-per-node=2", f"--time={time_limit}", f"--output={out}/slurm-{name}.txt", "--open-mode=append", *more, str(batch)]
            job = subprocess.run(words, env=environment, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
            restarts, state, hurried = 0, "", 0
            begin = time.time()
            while state not in ["COMPLETED", "FAILED", "TIMEOUT", "CANCELLED", "NODE_FAIL"] and time.time() - begin < 900:
                time.sleep(1)
                shown = subprocess.run(["scontrol", "show", "job", job, "--oneliner"], env=environment, stdout=subprocess.PIPE, text=True).stdout
                fields = dict(word.split("=", 1) for word in shown.split() if "=" in word)
                state, restarts = fields.get("JobState", ""), int(fields.get("Restarts", 0))
                if state == "PENDING" and restarts > hurried:
                    # A job that is put into the queue again waits two minutes there. The node must have forgotten its end.
                    hurried = restarts
                    time.sleep(10)
                    subprocess.run(["scontrol", "update", f"JobId={job}", "StartTime=now"], env=environment, stderr=subprocess.DEVNULL)
            for path in (out / f"slurm-{name}").glob("graft.sqlite*"):
                target = out / path.name.replace("graft.sqlite", f"slurm-{name}.sqlite")
                shutil.copytree(path, target) if path.is_dir() else shutil.copy(path, target)
            return state, restarts

        state, _ = submit("whole", "00:10:00")
        check("slurm: the batch file runs to its end", state == "COMPLETED" and trials("slurm-whole") == expected[1], state)
        # Slurm gives its signal up to a minute early: within the first minute of two.
        environment["GRAFT_STUDY"] = flags.replace("--seeds 3", "--seeds 8").replace("--epochs 4", "--epochs 6")
        state, restarts = submit("cut", "00:02:00", "--signal=B:USR1@75")
        store = str(out / "slurm-alone.sqlite")
        subprocess.run([str(graft), "study", *environment["GRAFT_STUDY"].split(), "--quiet", "--store", store, "--out", str(out / "slurm-alone")], env=environment, stdout=subprocess.DEVNULL, check=True)
        whole = trials("slurm-alone")
        holds = state == "COMPLETED" and restarts > 0 and trials("slurm-cut") == whole
        check("slurm: a job whose time is over goes on in the next, to the trials of one process", holds, f"{state} after {restarts} restarts, {len(whole)} trials")
    finally:
        for path in daemons:
            os.kill(int(path.read_text()), signal.SIGTERM)


expected = reference()
for part in arguments.parts:
    print(f"== {part}")
    globals()[f"check_{part}"](expected)
print(f"{failures} checks failed" if failures else "all checks hold")
sys.exit(failures > 0)
