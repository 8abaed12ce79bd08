"""Folders of results, of which a page is made: the record of a reproduction, and the plan of a study."""

import json

from corpus import BAD_DATA, FINE, MISSING, Case, Run

REPORT = ["report", "{in}/results", "--quiet", "--offline"]


def cases(base):
    record = json.loads(base.bytes("reproduction/reproduction.json"))
    checkpoints = {f"results/seed-0/{path.name}": path.read_bytes() for path in (base.folder / "reproduction/seed-0").iterdir()}

    def reproduction(mutation, content, text, code=BAD_DATA, named="reproduction.json", files=None, **more):
        content = content if isinstance(content, bytes) else json.dumps(content).encode()
        return Case(f"pages/reproduction-{mutation}", {**(checkpoints if files is None else files), "results/reproduction.json": content}, [Run(REPORT, code, text, named, **more)])

    whole = json.dumps(record).encode()
    # Bytes that are no JSON.
    yield reproduction("empty", b"", "byte 0: expected a JSON value, found the end", files={})
    yield reproduction("cut", whole[:1000], r"byte 1000: expected .*, found the end of the JSON text", files={})
    yield reproduction("is-html", b"<html>no</html>", "byte 0: expected a JSON value, found '<'|this is an HTML page", files={})
    yield reproduction("not-utf-8", whole.replace(b"synthetic", b"synth\xfftic"), r"byte \d+: expected UTF-8", files={})
    yield reproduction("deep", b"[" * 100_000, "more than 64 arrays or objects in each other", files={})
    yield reproduction("is-a-list", [], "expected a JSON object", files={})
    yield reproduction("key-twice", whole[:-1] + b', "seconds": 1}', r"the key \"seconds\" is there twice", files={})

    # Fields.
    for key in ["schemaVersion", "dataName", "trainCounts", "options", "outcomes", "seconds", "evenDigest"]:
        yield reproduction(f"without-{key.lower()}", {name: value for name, value in record.items() if name != key}, key, files={})
    for key, value in [("schemaVersion", "1"), ("dataName", 7), ("trainCounts", "many"), ("trainCounts", [1.5]), ("options", []), ("outcomes", {}), ("seconds", "fast"), ("isStudysData", "yes")]:
        yield reproduction(f"{key.lower()}-is-{type(value).__name__}", {**record, key: value}, f"{key}|not valid JSON", files={})
    for version in [0, 2, 999]:
        yield reproduction(f"version-{version}", {**record, "schemaVersion": version}, f"version.*{version}|{version}.*version", files={})
    first = record["outcomes"][0]

    def outcome(mutation, changes, text):
        return reproduction(f"outcome-{mutation}", {**record, "outcomes": [{**first, **changes}, *record["outcomes"][1:]]}, text, files={})

    yield outcome("label-10", {"labels": [10, *first["labels"][1:]]}, "outcomes.*0.*label|label.*10")
    yield outcome("labels-fewer", {"labels": first["labels"][1:]}, "outcomes|labels")
    yield outcome("predictions-fewer", {"predictions": first["predictions"][1:]}, "outcomes|predictions")
    yield outcome("confusion-of-9", {"confusion": {"counts": first["confusion"]["counts"][1:]}}, "outcomes|confusion")
    yield outcome("confusion-negative", {"confusion": {"counts": [[-1] * 10] * 10}}, "outcomes|confusion")
    yield outcome("confusion-of-other-sums", {"confusion": {"counts": [[0] * 10] * 10}}, "outcomes|confusion")
    yield outcome("task-unknown", {"task": {"system": "magic", "target": "even"}}, "outcomes.*task|system")
    yield outcome("without-seed", {"seed": None}, "seed")
    yield outcome("seed-negative", {"seed": -1}, "seed")
    yield reproduction("counts-of-9", {**record, "testCounts": record["testCounts"][1:]}, "testCounts", files={})
    yield reproduction("no-seeds", {**record, "options": {**record["options"], "seeds": []}}, "seeds", files={})
    yield reproduction("seconds-huge", json.dumps(record).replace(f'"seconds": {record["seconds"]}', '"seconds": 1e999').encode(), "out of range|seconds", files={})

    # The checkpoints beside it.
    # The data is drawn anew first, which takes a second or two.
    drawing = {"seconds": 15.0}
    name = next(path for path in checkpoints if "network-even" in path)
    for mutation, data, text in [("cut", checkpoints[name][:-40], "is not the checkpoint that this reproduction wrote"), ("empty", b"", "is not the checkpoint that this reproduction wrote"), ("of-another", base.body, "is not the checkpoint that this reproduction wrote")]:
        yield reproduction(f"checkpoint-{mutation}", record, text, files={**checkpoints, name: data}, named=name.split("/")[-1], **drawing)

    # The plan of a study.
    plan = json.loads(base.bytes("study/study.json"))

    def study(mutation, content, text, code=BAD_DATA, named="study.json"):
        content = content if isinstance(content, bytes) else json.dumps(content).encode()
        return Case(f"pages/study-{mutation}", {"results/study.json": content}, [Run(REPORT, code, text, named)])

    text = json.dumps(plan).encode()
    yield study("empty", b"", "byte 0: expected a JSON value, found the end of the JSON text")
    yield study("cut", text[:500], r"byte 500: expected .*, found the end of the JSON text")
    yield study("is-html", b"<html>no</html>", "byte 0: expected a JSON value, found '<'")
    yield study("is-a-list", [], "holds no plan")
    yield study("without-plan", {name: value for name, value in plan.items() if name != "plan"}, "holds no plan: run that graft study again")
    yield study("without-store", {name: value for name, value in plan.items() if name != "store"}, "does not say where its store is: name it with --store")
    yield study("store-is-gone", {**plan, "store": "/nowhere/store.sqlite"}, "cannot read: No such file or directory", MISSING, "/nowhere/store.sqlite")
    yield study("store-is-a-picture", {**plan, "store": str(base.folder / "digit.png")}, "expected an SQLite database, found something else", named="digit.png")

    def changed(mutation, text, **changes):
        return study(f"plan-{mutation}", {**plan, "plan": {name: value for name, value in {**plan["plan"], **changes}.items() if value is not ...}}, text)

    for key in ["pairs", "methods", "labels", "seeds", "recipe"]:
        if key in plan["plan"]:
            yield changed(f"without-{key}", key, **{key: ...})
            yield changed(f"{key}-is-a-number", key, **{key: 7})
    yield changed("method-unknown", "teleport", methods=["teleport"])
    yield changed("model-unknown", "forest", model="forest")
    yield changed("labels-unknown", "some labels", labels=["some labels"])
    yield changed("no-pairs", "pair", pairs=[])
    yield study("plan-is-text", {**plan, "plan": "even"}, "plan")
    gone = json.loads(json.dumps(plan["plan"]).replace(str(base.folder / "tiny.npz"), "/nowhere/tiny.npz"))
    yield study("data-is-gone", {**plan, "plan": gone}, "there is no data set, folder or file '/nowhere/tiny.npz'", MISSING, "/nowhere/tiny.npz")

    # Folders.
    yield Case("pages/folder-empty", {"results": lambda path: path.mkdir(parents=True)}, [Run(REPORT, MISSING, "has neither reproduction.json nor study.json", "results")])
    yield Case("pages/folder-of-other-files", {"results/x.json": b"{}"}, [Run(REPORT, MISSING, "has neither reproduction.json nor study.json", "results")])
    yield Case("pages/record-is-a-folder", {"results/reproduction.json/x": b""}, [Run(REPORT, MISSING, "Is a directory", "reproduction.json")])
    yield Case("pages/nothing", {}, [Run(["report", "{in}/nowhere", "--quiet"], MISSING, "no folder of results, no checkpoint, and not the id of a run", "nowhere")])

    # Odd but valid.
    yield Case("pages/valid-reproduction-in-another-order", {**checkpoints, "results/reproduction.json": b"\n " + json.dumps(dict(reversed(record.items())), indent=3).encode()}, [Run([*REPORT, "--out", "page.html"], FINE, "written to page.html", leaves=("page.html",), seconds=15.0)])
    yield Case("pages/valid-study", {"results/study.json": text}, [Run([*REPORT, "--out", "page.html"], FINE, "written to page.html", leaves=("page.html",), seconds=15.0)])
