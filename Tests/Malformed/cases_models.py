"""Checkpoints whose metadata is wrong: sound safetensors files that are no models."""

import json

from corpus import BAD_DATA, CHECKPOINT, MODEL, USAGE, Case, Run, Turns, accepted, refused
from formats import floats, opened, safetensors


def cases(base):
    turns = Turns(CHECKPOINT)
    tensors, metadata = opened(base.body)

    def case(mutation, changes, text, count=1, own=None):
        entries = {key: value for key, value in {**metadata, **changes}.items() if value is not None}
        content = safetensors(tensors if own is None else own, entries)
        return Case(f"models/{mutation}", {"some.safetensors": content}, refused(BAD_DATA, text, "{in}/some.safetensors", *turns.next(count)))

    # Each entry missing, and each of another type.
    for key in ["schema_version", "model", "input_shape", "normalization", "classes", "class_names", "trained_classes", "frozen", "record"]:
        yield case(f"{key}-missing", {f"graft.{key}": None}, f"not a Graft checkpoint: there is no graft.{key} in its metadata")
        if key not in ("schema_version", "model", "input_shape"):
            yield case(f"{key}-no-json", {f"graft.{key}": "{oops"}, rf"metadata graft.{key}: ")
            yield case(f"{key}-empty", {f"graft.{key}": ""}, rf"metadata graft.{key}: ")
            yield case(f"{key}-is-a-number", {f"graft.{key}": "7"}, rf"metadata graft.{key}: expected")
    yield Case("models/no-metadata", {"some.safetensors": safetensors(tensors)}, refused(BAD_DATA, "not a Graft checkpoint: there is no graft.schema_version in its metadata", "{in}/some.safetensors", *turns.next(2)))
    yield Case("models/no-tensors", {"some.safetensors": safetensors([])}, refused(BAD_DATA, "not a Graft checkpoint", "{in}/some.safetensors", *turns.next(2)))
    yield case("tensors-gone", {}, "the tensors do not fit the model: .*fc1.weight is missing", own=[])

    # The version.
    for value in ["2", "999", str((1 << 63) - 1)]:
        yield case(f"version-{value}", {"graft.schema_version": value}, rf"written by a newer Graft \(metadata version {value}, this one reads 1\)")
    for name, value in [("0", "0"), ("negative", "-1"), ("word", "one"), ("fraction", "1.0"), ("empty", ""), ("huge", "9" * 40), ("list", "[1]")]:
        yield case(f"version-{name}", {"graft.schema_version": value}, "metadata graft.schema_version: expected a number, found \"")

    # The architecture.
    for name, model, text in [
        ("unknown", "transformer:12", "unknown model 'transformer:12': expected"), ("empty", "", "unknown model ''"), ("upper-case", "MLP:4", "unknown model 'MLP:4'"), ("without-units", "mlp:", "'' is not a number of units from 1 to 65536"),
        ("units-0", "mlp:0", "'0' is not a number of units"), ("units-negative", "mlp:-4", "'-4' is not a number of units"), ("units-too-many", "mlp:65537", "'65537' is not a number of units"), ("units-word", "mlp:four", "'four' is not a number of units"),
        ("units-overflow", "mlp:99999999999999999999", "is not a number of units"), ("huge", "mlp:65536,65536,65536", r"mlp:65536,65536,65536 on images of 1x8x8 needs \d+ numbers, the tensors have \d+ bytes"), ("layers-1001", "mlp:" + ",".join(["4"] * 1001), "a model of 1001 layers: at most 1000 can be had"),
        ("convolution-too-large", "cnn:4c9", "conv1's window of 9x9 is larger than its input of 8x8"), ("pooling-first", "cnn:p2-4c3", "'p2' must follow a convolution"), ("convolution-after-linear", "cnn:4c3-8-4c3", "'4c3' comes after a fully connected layer"), ("no-convolution", "cnn:8", "there is no convolution"),
        ("bad-layer", "cnn:4x3", "'4x3' is no layer; expected"), ("groups", "cnn:4c3g2", "'4c3g2' is no layer"), ("stride-0", "cnn:4c3s0", "'4c3s0' is no layer"), ("maps-too-large", "cnn:65536c1-65536c1-65536c1-65536c1", r"needs \d+ numbers, the tensors have"), ("family-too-small", "resnet18", "."),
        ("injection", "mlp:4\n; rm -rf /", "is not a number of units"), ("long", "mlp:" + "4" * 50_000, "is not a number of units"), ("emoji", "mlp:٤", "is not a number of units"),
    ]:
        yield case(f"model-{name}", {"graft.model": model}, "metadata graft.model: .*" + text)
    yield case("model-of-other-units", {"graft.model": "mlp:5"}, "the tensors do not fit the model: fc1.weight is 4 x 64, not 5 x 64")
    yield case("model-of-more-layers", {"graft.model": "mlp:4,4"}, "the tensors do not fit the model: .*fc3.weight is missing")
    yield case("model-of-fewer-layers", {"graft.model": "softmax"}, "the tensors do not fit the model: ")
    yield case("model-of-many-layers", {"graft.model": "mlp:" + ",".join(["4"] * 50)}, r"the tensors do not fit the model: .*; and \d+ more")

    # The shape of the input.
    for name, shape in [("empty", ""), ("two-numbers", "28x28"), ("four-numbers", "1x1x8x8"), ("zero", "1x0x8"), ("negative", "1x-8x8"), ("word", "axbxc"), ("overflow", "9999999999999x9999999999999x9999999999"), ("too-wide", "1x8x99999"), ("spaces", "1 x 8 x 8"), ("list", "[1,8,8]")]:
        yield case(f"shape-{name}", {"graft.input_shape": shape}, "metadata graft.input_shape: expected 1x28x28, found \"")
    yield case("shape-of-other-images", {"graft.input_shape": "1x9x9"}, "the tensors do not fit the model: fc1.weight is 4 x 64, not 4 x 81")
    yield case("shape-huge", {"graft.input_shape": "4096x4096x4096"}, "metadata graft.model: mlp:4 on images of 4096x4096x4096 needs .* numbers, the tensors have")

    # The conversion.
    for name, text in [
        ("without-mean", '{"deviation": 1}'), ("without-deviation", '{"mean": 0}'), ("mean-word", '{"mean": "0", "deviation": 1}'), ("deviation-0", '{"mean": 0, "deviation": 0}'), ("deviation-negative", '{"mean": 0, "deviation": -1}'), ("deviation-tiny", '{"mean": 0, "deviation": 1e-30}'),
        ("deviation-huge", '{"mean": 0, "deviation": 1e300}'), ("mean-huge", '{"mean": 1e300, "deviation": 1}'), ("mean-1e999", '{"mean": 1e999, "deviation": 1}'), ("two-means", '{"mean": [0, 0], "deviation": [1, 1]}'), ("lists-of-two-lengths", '{"mean": [0], "deviation": [1, 1]}'), ("lists-empty", '{"mean": [], "deviation": []}'), ("null", "null"), ("list", "[0, 1]"), ("nan", '{"mean": NaN, "deviation": 1}'),
    ]:
        yield case(f"normalization-{name}", {"graft.normalization": text}, "metadata graft.normalization: ")

    # The classes.
    def classes(mutation, text="metadata graft.classes, class_names and trained_classes do not fit each other", **lists):
        return case(f"classes-{mutation}", {f"graft.{key}": value if isinstance(value, str) else json.dumps(value) for key, value in lists.items()}, text)

    yield classes("none", classes=[])
    yield classes("no-names", class_names=[])
    yield classes("none-trained", trained_classes=[])
    yield classes("fewer-names", class_names=["a", "b", "c"])
    yield classes("falling", classes=[3, 2, 1, 0])
    yield classes("twice", classes=[0, 1, 1, 2])
    yield classes("negative", classes=[-1, 0, 1, 2])
    yield classes("huge", classes=[0, 1, 2, 1 << 62])
    yield classes("trained-unknown", trained_classes=[0, 9])
    yield classes("fractions", "metadata graft.classes: expected a list of numbers", classes=[0, 1.5, 2, 3])
    yield classes("words", "metadata graft.classes: expected a list of numbers", classes=["0", "1", "2", "3"])
    yield classes("names-are-numbers", "metadata graft.class_names: expected a list of names", class_names=[0, 1, 2, 3])
    yield classes("empty-name", "metadata graft.class_names: the name of class 1 is empty", class_names=["a", " ", "c", "d"])
    yield classes("name-twice", "metadata graft.class_names: two classes have the name \"a\"", class_names=["a", "a", "c", "d"])
    yield classes("long-name-twice", "metadata graft.class_names: two classes have the name \"nnn", class_names=["n" * 100_000, "n" * 100_000, "c", "d"])
    yield classes("trained-twice", "metadata graft.trained_classes: class 1 occurs twice", trained_classes=[0, 1, 1])
    yield classes("more-outputs", "the tensors do not fit the model: .*fc2", classes=[0, 1, 2, 3, 4], class_names=list("abcde"))
    yield classes("ten-thousand", "do not fit", classes=list(range(10_000)), class_names=[str(number) for number in range(10_000)])

    # Frozen layers, and the record.
    yield case("frozen-unknown", {"graft.frozen": '["fc9.weight"]'}, "metadata graft.frozen: .*\"fc9.weight\"")
    yield case("frozen-unknown-beside-known", {"graft.frozen": '["fc1.weight", "nonsense"]'}, "metadata graft.frozen: .*\"nonsense\"")
    yield case("frozen-numbers", {"graft.frozen": "[1, 2]"}, "metadata graft.frozen: expected a list of names")
    yield case("frozen-object", {"graft.frozen": "{}"}, "metadata graft.frozen: expected a list of names")
    yield case("record-list", {"graft.record": "[]"}, "metadata graft.record: expected a JSON object")
    yield case("record-deep", {"graft.record": "[" * 1000 + "]" * 1000}, "metadata graft.record: ")

    # Tensors.
    def own(mutation, changed, text):
        return case(mutation, {}, "the tensors do not fit the model: " + text, own=changed)

    yield own("tensor-missing", tensors[1:], f"{tensors[0][0]} is missing")
    yield own("tensor-more", tensors + [("extra", "F32", [1], bytes(4))], "\"extra\" is not part of the model")
    yield own("tensor-renamed", [("layer." + tensors[0][0], *tensors[0][1:])] + tensors[1:], f"{tensors[0][0]} is missing; \"layer.")
    yield own("tensors-ten-more", tensors + [(f"extra{place}", "F32", [1], bytes(4)) for place in range(10)], ".*\"extra4\" is not part of the model; and 5 more")
    yield own("tensor-with-a-long-name", tensors + [("n" * 50_000, "F32", [1], bytes(4))], "\"nnn.*…\" is not part of the model")
    yield own("tensor-with-escapes", tensors + [("\x1b[2J\n", "F32", [1], bytes(4))], r"\"\\u\{1b\}\[2J\\u\{a\}\" is not part of the model")
    yield own("tensor-transposed", [(name, dtype, shape[::-1], content) for name, dtype, shape, content in tensors], "fc1.weight is 64 x 4, not 4 x 64")

    # Running statistics.
    norm, entries = opened(base.bytes("norm.safetensors"))
    place = next(index for index, tensor in enumerate(norm) if tensor[0].endswith("running_var"))
    name, dtype, shape, content = norm[place]
    for mutation, value, text in [("negative", -1.0, "has a value below zero"), ("nan", float("nan"), "has a value that is not a finite number")]:
        wrong = norm[:place] + [(name, dtype, shape, floats([value]) + content[4:])] + norm[place + 1 :]
        yield Case(f"models/variance-{mutation}", {"some.safetensors": safetensors(wrong, entries)}, refused(BAD_DATA, f"the tensors do not fit the model: {name} {text}", "{in}/some.safetensors", *turns.next(2)))
    yield Case("models/valid-batch-counter", {"some.safetensors": safetensors(norm + [(name.replace("running_var", "num_batches_tracked"), "I64", [], bytes(8))], entries)}, accepted("{in}/some.safetensors", CHECKPOINT["show"], text="cnn"))

    # Weights so large that outputs are not finite.
    large = [(name, dtype, shape, floats([3e38] * (len(content) // 4))) for name, dtype, shape, content in tensors]
    runs = [run for command in ("evaluate", "predict", "score") for run in refused(BAD_DATA, "finite", "{in}/some.safetensors", CHECKPOINT[command])]
    yield Case("models/outputs-not-finite", {"some.safetensors": safetensors(large, metadata)}, runs)

    # Models that do not go together, and images that do not fit.
    yield Case("models/with-another-shape", {}, [Run(["evaluate", MODEL, "--with", "{base}/family.safetensors", "--data", "{base}/tiny.npz", "--quiet"], USAGE, "the checkpoints read images of different shapes .1x8x8 and 3x32x32.")])
    yield Case("models/with-other-classes", {}, [Run(["evaluate", MODEL, "--with", "{base}/photo-model.safetensors", "--data", "{base}/tiny.npz", "--quiet"], USAGE, "the checkpoints answer different classes .0, 1, 2, 3 and cats, dogs.")])
    yield Case("models/data-of-another-shape", {}, [Run(["evaluate", MODEL, "--data", "{base}/colour.npz", "--quiet"], BAD_DATA, "8 ?x ?8.*32 ?x ?32|32 ?x ?32.*8 ?x ?8", "")])
