"""The states of interrupted trainings, with which --resume goes on."""

import hashlib
import json

from corpus import BAD_DATA, CANNOT_CREATE, FINE, STOPPED, Case, Run
from formats import floats, opened, safetensors

STATE = "stopped.safetensors.training"


def digest(tensors, *texts):
    """The SHA-256 that such a file has in its metadata."""
    sum_ = hashlib.sha256()
    for name, _, _, data in sorted(tensors):
        sum_.update(name.encode() + data)
    for text in texts:
        sum_.update(text.encode())
    return sum_.hexdigest()


def cases(base):
    whole = base.bytes(STATE)
    tensors, metadata = opened(whole)
    identity, progress = json.loads(metadata["graft.identity"]), json.loads(metadata["graft.progress"])
    resume = [*STOPPED, "--out", "stopped.safetensors", "--resume"]

    def case(mutation, content, text):
        return Case(f"state/{mutation}", {f"work/{STATE}": content}, [Run(resume, BAD_DATA, text, STATE, notes="only .* steps.*|resuming.*")])

    def signed(mutation, text, own=None, identity_text=None, progress_text=None, **changes):
        """A file whose SHA-256 is right."""
        own = tensors if own is None else own
        texts = [json.dumps(identity) if identity_text is None else identity_text, json.dumps(progress) if progress_text is None else progress_text]
        entries = {**metadata, "graft.identity": texts[0], "graft.progress": texts[1], "graft.sha256": digest(own, *texts), **changes}
        return case(mutation, safetensors(own, {key: value for key, value in entries.items() if value is not None}), text)

    yield case("empty", b"", "found an empty file")
    yield case("cut", whole[:-10], r"byte \d+: expected data up to \d+ for the tensor")
    yield case("cut-in-the-header", whole[:100], r"byte 8: expected a header of \d+ bytes, found 92 bytes")
    yield case("trailing", whole + b"x", "expected the end of the file after the last tensor, found 1 byte more")
    yield case("is-html", b"<html><body>no such page</body></html>" + bytes(40), "this is an HTML page, not safetensors")
    yield case("is-a-checkpoint", base.body, "not the state of a training that this version can continue")
    yield case("no-metadata", safetensors(tensors), "not the state of a training that this version can continue")
    flipped = bytearray(whole)
    flipped[-9] ^= 1
    yield case("one-bit", bytes(flipped), "damaged: its contents do not have the SHA-256 they were written with")
    for key in ["graft.training_version", "graft.identity", "graft.progress"]:
        yield signed(f"{key.split('.')[1]}-missing", "not the state of a training that this version can continue", **{key: None})
    yield signed("version-2", "not the state of a training that this version can continue", **{"graft.training_version": "2"})
    yield signed("digest-missing", "damaged: its contents do not have the SHA-256", **{"graft.sha256": None})
    yield signed("digest-wrong", "damaged: its contents do not have the SHA-256", **{"graft.sha256": "0" * 64})
    yield signed("identity-no-json", "JSON|expected", identity_text="{oops")
    yield signed("identity-of-another", "belongs to another training", identity_text="{}")
    for key, value in [("seed", "7"), ("epochs", 3), ("batch_size", 2), ("learning_rate", 0.9), ("model", "mlp:9")]:
        changed = json.loads(json.dumps(identity))

        def change(part):
            for name in part:
                if name == key:
                    part[name] = value
                    return True
                if isinstance(part[name], dict) and change(part[name]):
                    return True
            return False

        if change(changed):
            yield signed(f"identity-{key}", "belongs to another training: its ", identity_text=json.dumps(changed))
    yield signed("progress-no-json", "JSON|expected", progress_text="[")
    yield signed("progress-empty", "its progress has no step or history", progress_text="{}")
    for name, changes, text in [
        ("step-negative", {"step": -1}, "its progress has no step or history"), ("step-word", {"step": "1"}, "its progress has no step or history"), ("step-of-another-epoch", {"step": progress["step"] + 1}, "its steps, epochs and best epoch do not fit each other"),
        ("step-huge", {"step": 1 << 60}, "its steps, epochs and best epoch do not fit each other"), ("history-empty", {"history": []}, "its steps, epochs and best epoch do not fit each other"), ("history-null", {"history": None}, "its progress has no step or history"),
        ("history-row-short", {"history": [[1.0]] + progress["history"][1:]}, "epoch 1 of its history is damaged"), ("history-row-word", {"history": [["a", 1.0]] + progress["history"][1:]}, "epoch 1 of its history is damaged"),
        ("history-longer", {"history": progress["history"] * 2}, "its steps, epochs and best epoch do not fit each other"), ("best-epoch-0", {"best_epoch": 0, "best_loss": 1.0}, "its steps, epochs and best epoch do not fit each other"),
        ("best-epoch-huge", {"best_epoch": 1 << 60, "best_loss": 1.0}, "its steps, epochs and best epoch do not fit each other"), ("best-without-tensors", {"best_epoch": 1, "best_loss": 1.0}, "the tensor best.* is missing or has another shape"), ("stages-of-another", {"stages": []}, "belongs to another training: its stages are"),
    ]:
        yield signed(f"progress-{name}", text, progress_text=json.dumps({**progress, **changes}))
    named = {name: place for place, (name, *_) in enumerate(tensors)}
    for name in ["fc1.weight", "optimizer.first.fc1.weight", "optimizer.second.fc2.bias"]:
        place = named[name]
        yield signed(f"without-{name}", f"the tensor {name} is missing or has another shape", own=tensors[:place] + tensors[place + 1 :])
        own, dtype, shape, data = tensors[place]
        yield signed(f"another-shape-{name}", f"the tensor {name} is missing or has another shape", own=tensors[:place] + [(own, dtype, shape[::-1] + [1], data)] + tensors[place + 1 :])
        if name.startswith("optimizer"):
            continue
        yield signed(f"nan-{name}", f"{name}.*(finite|number)", own=tensors[:place] + [(own, dtype, shape, floats([float("nan")]) + data[4:])] + tensors[place + 1 :])
    yield Case("state/is-a-folder", {f"work/{STATE}": lambda path: path.mkdir()}, [Run(resume, CANNOT_CREATE, "Is a directory", STATE, notes="only .* steps.*")])

    # A finished training has nothing to go on with; a state beside it that is gone is no mistake.
    short = ["train", "--data", "{base}/tiny.npz", "--model", "mlp:4", "--epochs", "2", "--quiet", "--out", "m.safetensors", "--resume"]
    yield Case("state/valid-nothing-to-resume", {}, [Run(short, FINE, "mlp:4", leaves=("m.safetensors",))])
