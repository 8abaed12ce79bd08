"""Packs which test images each trial of a study got right: real models for the tests of false findings.

  graft study --methods frozen,fine-tune --per-class 1,5 --seeds 150 --model mlp:100 --out DIR --store STORE
  python3 null_study.py DIR/study.json STORE ../../Tests/Golden/null-study.bin

A line of JSON (rows, seeds, images), then a bit for each image of each seed of each row, most significant first, seeds padded to whole bytes."""
import json, sqlite3, sys
import numpy as np

document, store, out = json.load(open(sys.argv[1])), sqlite3.connect(sys.argv[2]), sys.argv[3]
rows, bits = [], []
for row in document["rows"]:
    rows.append(f'{row["method"]} {row["labels_per_class"]}')
    for trial in row["trials"]:
        answers, digest = store.execute("SELECT answers, test_sha256 FROM trial WHERE id = ?", (trial,)).fetchone()
        labels, = store.execute("SELECT labels FROM test_set WHERE sha256 = ?", (digest,)).fetchone()
        right = np.frombuffer(answers, np.uint8) == np.frombuffer(labels, np.uint8)
        bits.append(np.packbits(right).tobytes())
head = {"rows": rows, "seeds": len(document["seeds"]), "images": len(right), "version": "graft study, quick, mlp:100, mnist:even to mnist:odd"}
with open(out, "wb") as file:
    file.write(json.dumps(head).encode() + b"\n" + b"".join(bits))
print(head)
