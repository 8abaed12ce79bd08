"""Simulates a study on many ranks: how busy they are, and where rank 0 is the limit.

    python Benchmarks/simulate_ranks.py STORE [--sources 40 --methods 11 --amounts 7 --seeds 30] [--svg FILE]

Durations of trials are drawn from those of a real study's STORE (graft.sqlite). Rank 0's time for each request is measured:
`--hand-out`, `--finish` and `--model`, in milliseconds (Documentation: "Studies on several machines" says how). The simulated job does what StudyManager
does: trials of a list are handed out one by one, the longest first; the sources come before all else; a rank that has not the weights of a trial's source gets
them from rank 0; rank 0 answers one request at a time, and trains beside that.
"""

import argparse
import heapq
import random
import sqlite3

options = argparse.ArgumentParser()
options.add_argument("store")
options.add_argument("--sources", type=int, default=40)
options.add_argument("--methods", type=int, default=11)
options.add_argument("--amounts", type=int, default=7)
options.add_argument("--seeds", type=int, default=30)
options.add_argument("--hand-out", type=float, default=0.1, help="ms")
options.add_argument("--finish", type=float, default=3, help="ms, most of it the transaction")
options.add_argument("--commit", type=float, default=2, help="ms of --finish that trials which are brought together share")
options.add_argument("--model", type=float, default=3, help="ms")
options.add_argument("--link", type=float, default=0.1, help="ms from rank to rank")
options.add_argument("--ranks", type=int, nargs="+", default=[2**power for power in range(11)])
options.add_argument("--batches", type=int, nargs="+", default=[1, 8])
options.add_argument("--svg")
arguments = options.parse_args()

with sqlite3.connect(f"file:{arguments.store}?mode=ro", uri=True) as store:
    durations = {kind: [row[0] for row in store.execute("select seconds + choosing_seconds from trial where kind = ?", [kind])] for kind in ["source", "measurement"]}


def trials(chance):
    """The lists in their order: (seconds, source or None) of each trial, the longest first."""
    models = arguments.sources * arguments.seeds
    sources = [(chance.choice(durations["source"]), None) for _ in range(models)]
    cells = arguments.methods * arguments.amounts
    measured = [(chance.choice(durations["measurement"]), model) for model in range(models) for _ in range(cells)]
    return [sorted(part, key=lambda trial: -trial[0]) for part in [sources, measured]]


def simulate(lists, ranks, batch):
    """Seconds of the job, and the part of them in which rank 0 answered."""
    link, answered, now = arguments.link / 1000, 0.0, 0.0
    known = [set() for _ in range(ranks)]
    for trials in lists:
        # When rank 0 is free to answer, and events: (time, rank).
        free, place, end = now, 0, now
        ready = [(now + (link if rank else 0), rank) for rank in range(ranks)]
        heapq.heapify(ready)
        while ready:
            time, rank = heapq.heappop(ready)
            end = max(end, time)
            if place == len(trials):
                continue
            taken = trials[place : place + (batch if rank else 1)]
            place += len(taken)
            new = {source for _, source in taken if source is not None and source not in known[rank]} if rank else set()
            known[rank] |= new
            # The next trials' hand-out, the last ones' records, and weights.
            cost = (arguments.hand_out + len(new) * arguments.model + len(taken) * (arguments.finish - arguments.commit) + arguments.commit) / 1000 if rank else 0.0
            begin = max(time, free)
            if rank:
                free = begin + cost
                answered += cost
            work = sum(seconds for seconds, _ in taken)
            if rank == 0:
                # Its core also answers.
                work *= 1 + min(1, answered / max(time, 1e-9)) if ranks > 1 else 1
            heapq.heappush(ready, (begin + cost + work + (2 * link if rank else 0), rank))
        now = end
    return now, answered


chance = random.Random(0)
lists = trials(chance)
total = sum(seconds for part in lists for seconds, _ in part)
count = sum(map(len, lists))
print(f"{count} trials, {total / 3600:.1f} hours of one core; mean {total / count:.2f} s, the longest {max(part[0][0] for part in lists):.1f} s")
print("ranks  " + "".join(f"{f'batches of {batch}':>34}" for batch in arguments.batches))
curves = {batch: [] for batch in arguments.batches}
for ranks in arguments.ranks:
    line = f"{ranks:5d}  "
    for batch in arguments.batches:
        seconds, answered = simulate(lists, ranks, batch)
        used = total / (ranks * seconds)
        curves[batch].append(used)
        line += f"{seconds / 60:12.1f} min {used:7.1%} {answered / seconds:8.1%}"
    print(line, flush=True)
print("(length of the job, share of the cores' time that trains, share of the time in which rank 0 answers)")

if arguments.svg:
    width, height, left, top = 560, 240, 46, 16
    at = lambda index, used: (left + index * (width - left - 16) / max(1, len(arguments.ranks) - 1), top + (1 - used) * (height - top - 34))
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="11">', f'<rect width="{width}" height="{height}" fill="#fff"/>']
    for used in [0, 0.25, 0.5, 0.75, 1]:
        y = at(0, used)[1]
        lines.append(f'<path d="M{left} {y:.1f}H{width - 16}" stroke="#ddd"/><text x="{left - 6}" y="{y + 4:.1f}" text-anchor="end" fill="#555">{used:.0%}</text>')
    for index, ranks in enumerate(arguments.ranks):
        lines.append(f'<text x="{at(index, 0)[0]:.1f}" y="{height - 18}" text-anchor="middle" fill="#555">{ranks}</text>')
    lines.append(f'<text x="{(left + width) / 2}" y="{height - 4}" text-anchor="middle" fill="#555">ranks</text>')
    for (batch, curve), colour in zip(curves.items(), ["#1f6feb", "#d9480f", "#2b8a3e"]):
        points = " ".join("{:.1f},{:.1f}".format(*at(index, used)) for index, used in enumerate(curve))
        x, y = at(len(curve) - 1, curve[-1])
        lines.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/><text x="{x - 4:.1f}" y="{y - 6:.1f}" text-anchor="end" fill="{colour}">handed out by {batch}</text>')
    with open(arguments.svg, "w") as file:
        file.write("\n".join(lines + ["</svg>\n"]))
