"""Simulates a study on many ranks: how busy they are, and where rank 0 is the limit.

    python Benchmarks/simulate_ranks.py STORE [--sources 40 --methods 11 --amounts 7 --seeds 30] [--svg FILE]

Durations of trials are drawn from those of a real study's STORE (graft.sqlite). Rank 0's time for each answer is what a study on several ranks says at its
end ("rank 0 answered for ..."), in milliseconds. The simulated job does what StudyManager does: trials of a list are handed out one by one, the longest first;
the sources come before all else; a rank that has not the weights of a trial's source gets them from rank 0; rank 0 answers one request at a time, keeps the
outcomes that have come meanwhile as one write, and trains beside that.
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
options.add_argument("--messages", type=float, default=1, help="ms for reading a trial's messages and handing it out")
options.add_argument("--write", type=float, default=10, help="ms for keeping outcomes, most of it the disk's; once for all that have come")
options.add_argument("--outcome", type=float, default=1, help="ms more for each outcome")
options.add_argument("--model", type=float, default=9, help="ms for sending a source's weights")
options.add_argument("--one-by-one", action="store_true", help="a write for each outcome")
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
        # When rank 0 is free to answer, and when each rank has ended its trials and asks for more.
        free, place, end = now, 0, now
        ready = [(now + link, rank, 0) for rank in range(ranks)]
        heapq.heapify(ready)
        while ready:
            begin = max(ready[0][0], free)
            together = []
            while ready and ready[0][0] <= begin and not (arguments.one_by_one and together):
                together.append(heapq.heappop(ready))
            end = max([end] + [time for time, _, _ in together])
            given, cost = [], 0.0
            brought = sum(count for _, rank, count in together if rank)
            if brought:
                cost += arguments.write + brought * arguments.outcome
            for _, rank, _ in together:
                taken = trials[place : place + (batch if rank else 1)]
                place += len(taken)
                if not taken:
                    continue
                new = {source for _, source in taken if source is not None and source not in known[rank]} if rank else set()
                known[rank] |= new
                cost += arguments.messages * len(taken) * (rank > 0) + arguments.model * len(new)
                given.append((rank, taken))
            cost /= 1000
            free = begin + cost
            answered += cost
            for rank, taken in given:
                work = sum(seconds for seconds, _ in taken)
                if rank == 0 and ranks > 1:
                    # Its core also answers.
                    work *= 1 + min(1, answered / max(begin, 1e-9))
                heapq.heappush(ready, (begin + cost + work + (2 * link if rank else 0), rank, len(taken)))
        now = max(end, free)
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
        middle = len(curve) // 2
        x, y = at(middle, curve[middle])
        # The first curve's name stands below it, the others' above.
        dx, dy, anchor = (-6, 16, "end") if batch == arguments.batches[0] else (6, -6, "start")
        name = "handed out one by one" if batch == 1 else f"handed out by {batch}"
        lines.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/><text x="{x + dx:.1f}" y="{y + dy:.1f}" text-anchor="{anchor}" fill="{colour}">{name}</text>')
    with open(arguments.svg, "w") as file:
        file.write("\n".join(lines + ["</svg>\n"]))
