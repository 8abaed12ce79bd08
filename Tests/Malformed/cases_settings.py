"""What a person writes: settings in a file, lists of classes, models, effects, keys."""

import json

from corpus import CONFIGURATION, FINE, MISSING, MODEL, USAGE, Case, Run

TRAIN = ["train", "--data", "{base}/tiny.npz", "--quiet", "--out", "out.safetensors"]


def cases(base):
    def settings(mutation, content, text, code=CONFIGURATION, command=TRAIN, named="settings.json"):
        content = content if isinstance(content, (bytes, str)) else json.dumps(content)
        content = content.encode() if isinstance(content, str) else content
        return Case(f"settings/{mutation}", {"settings.json": content}, [Run([*command, "--config", "{in}/settings.json"], code, text, named)])

    # The file.
    yield settings("empty", b"", "byte 0: expected a JSON value, found the end of the JSON text")
    yield settings("cut", '{"epochs": 1', r"byte 12: expected ',' or '}', found the end of the JSON text")
    yield settings("is-a-list", "[1]", "expected a JSON object")
    yield settings("is-a-number", "7", "expected a JSON object")
    yield settings("is-toml", "epochs = 1\n", "byte 0: expected a JSON value, found 'e'")
    yield settings("is-yaml", "epochs: 1\n", "byte 0: expected a JSON value, found 'e'")
    yield settings("comment", '{"epochs": 1 // one\n}', r"byte 13: expected ',' or '}', found '/'")
    yield settings("trailing-comma", '{"epochs": 1,}', "byte 13: expected a key in quotation marks, found '}'")
    yield settings("single-quotes", "{'epochs': 1}", "byte 1: expected a key in quotation marks, found '''")
    yield settings("byte-order-mark", b"\xef\xbb\xbf{}", "byte 0: expected JSON in UTF-8 without a byte order mark")
    yield settings("utf-16", '{"epochs": 1}'.encode("utf-16"), "byte 0: expected a JSON value, found byte 0xff")
    yield settings("not-utf-8", b'{"model": "\xff"}', "byte 11: expected UTF-8, found byte 0xff")
    yield settings("nul", b'{"epochs": 1}\0', r"byte 13: expected the end of the JSON text, found a NUL byte")
    yield settings("more-behind", '{"epochs": 1} {}', "byte 14: expected the end of the JSON text")
    yield settings("deep", "[" * 100_000, "byte 64: more than 64 arrays or objects in each other")
    yield settings("over-1-mib", '{"epochs": 1}' + " " * (1 << 20), "expected at most 1048576 bytes, found 1048589 bytes")
    yield settings("is-a-checkpoint", base.body, "byte 0: expected a JSON value")
    yield settings("number-out-of-range", '{"epochs": 1e999}', "byte 11: the number \"1e999\" is out of range")
    yield settings("number-with-zero", '{"epochs": 01}', "byte 11: a number must not start with a zero")

    # Keys and values.
    yield settings("unknown", {"epoch": 1}, r"\"epoch\" is no setting: graft train has no --epoch. Did you mean '--epochs'\?")
    yield settings("unknown-and-far", {"wombat": 1}, r"\"wombat\" is no setting: graft train has no --wombat$")
    yield settings("long-name", {"x" * 100_000: 1}, "is no setting")
    yield settings("name-with-escapes", {"\x1b[2J": 1}, r"\\u\{1b\}\[2J\" is no setting")
    yield settings("of-another-command", {"methods": "frozen"}, r"\"methods\" is no setting: graft train has no --methods")
    yield settings("key-twice", '{"epochs": 1, "epochs": 2}', "byte 14: the key \"epochs\" is there twice")
    yield settings("one-setting-twice", {"batch_size": 1, "batch-size": 2}, r"\"batch_size\" and \"batch-size\" are the same setting; keep one")
    yield settings("switch-and-its-opposite", {"nesterov": True, "no-nesterov": True}, r"\"nesterov\" and \"no-nesterov\" are the same setting; keep one")
    yield settings("names-another-file", {"config": "x.json"}, "config: a configuration file cannot name another")
    yield settings("help", {"help": True}, r"\"help\" is no setting")
    yield settings("switch-with-text", {"nesterov": "yes"}, "nesterov is a switch: true or false")
    yield settings("switch-with-number", {"nesterov": 1}, "nesterov is a switch: true or false")
    yield settings("value-missing", {"epochs": True}, "epochs needs a value, not true")
    yield settings("value-object", {"epochs": {"a": 1}}, "epochs is an object, not a setting")
    yield settings("list-of-lists", {"epochs": [[1]]}, "epochs is a list of something else")
    for name, key, value, text in [
        ("epochs-0", "epochs", 0, "epochs"), ("epochs-negative", "epochs", -1, "epochs"), ("epochs-fraction", "epochs", 1.5, "epochs"), ("epochs-word", "epochs", "ten", "epochs"), ("epochs-huge", "epochs", 10**9, "epochs"),
        ("epochs-arabic", "epochs", "٣", "epochs"), ("rate-0", "learning_rate", 0, "learning-rate"), ("rate-negative", "learning_rate", -0.1, "learning-rate"), ("rate-word", "learning_rate", "fast", "learning-rate"), ("rate-nan", "learning_rate", "nan", "learning-rate"),
        ("rate-infinity", "learning_rate", "inf", "learning-rate"), ("momentum-1", "momentum", 1, "momentum"), ("dropout-2", "dropout", 2, "dropout"), ("batch-0", "batch_size", 0, "batch-size"), ("threads-0", "threads", 0, "threads"), ("threads-million", "threads", 10**6, "threads"),
        ("seed-negative", "seed", -1, "seed"), ("seed-2-64", "seed", str(1 << 64), "seed"), ("optimizer", "optimizer", "rmsprop", "optimizer.*(sgd|adam)"), ("schedule", "schedule", "linear", "schedule"), ("recipe", "recipe", "fast", "recipe"),
        ("fraction-0", "fraction", 0, "fraction"), ("fraction-2", "fraction", 2, "fraction"), ("per-class-0", "per_class", 0, "per-class"), ("validation-1", "validation", 1, "validation"), ("label-smoothing-1", "label_smoothing", 1, "label-smoothing"),
        ("size-0", "size", 0, "size"), ("size-word", "size", "large", "size"), ("colour", "colour", "blue", "colour"), ("augment-unknown", "augment", "wobble=1", "wobble"), ("augment-range", "augment", "rotate=9999", "rotate"), ("keys", "keys", "a=b", "key"), ("shards-3", "shards", 3, "shards"), ("seeds-1", "seeds", 1, "seeds"),
    ]:
        yield settings(f"value-{name}", {key: value}, text)
    for name, model in [("unknown", "forest"), ("without-units", "mlp:"), ("units-0", "mlp:0"), ("bad-layer", "cnn:x")]:
        yield settings(f"model-{name}", {"model": model}, "model")
    for name, classes in [("unknown", "cat"), ("beyond", "7"), ("twice", "1,1"), ("falling", "3-1"), ("empty", "")]:
        yield settings(f"classes-{name}", {"classes": classes}, "classes")
    yield settings("of-study", {"methods": "frozen,teleport"}, "methods", command=["study", "--data", "{base}/tiny.npz", "--source", "0", "--target", "1", "--quiet"])
    yield settings("of-predict", {"top": 0}, "top", command=["predict", MODEL, "{base}/digit.png", "--quiet"])
    yield Case("settings/twice", {"a.json": b"{}"}, [Run([*TRAIN, "--config", "{in}/a.json", "--config", "{in}/a.json"], USAGE, "--config can be given once")])
    yield Case("settings/missing", {}, [Run([*TRAIN, "--config", "{in}/nowhere.json"], MISSING, "cannot read: No such file or directory", "nowhere.json")])
    yield Case("settings/mistyped-name", {"settings.json": b"{}"}, [Run([*TRAIN, "--config", "{in}/setings.json"], MISSING, r"did you mean \"settings.json\"\?", "setings.json")])
    yield Case("settings/valid", {"a.json": b' {"epochs": 1, "model": "mlp:4", "augment": false, "nesterov": false, "validation": null} \n'}, [Run([*TRAIN, "--config", "{in}/a.json"], FINE, "mlp:4", leaves=("out.safetensors",))])

    # Lists of classes. The data is good: the list alone is wrong.
    for name, classes, text in [
        ("unknown", "cat", "'cat' is not a class, a range or one of even, odd, all"), ("mistyped", "evne", r"did you mean even\?"), ("beyond", "7", "there is no class 7, the data has 0 to 3"), ("range-beyond", "2-9", "there is no class 9, the data has 0 to 3"),
        ("falling-range", "3-1", "'3-1' is not a class, a range"), ("twice", "1,1", "class 1 is named twice"), ("twice-by-range", "0-2,1", "class 1 is named twice"), ("empty", "", "Missing value for '--classes <classes>'|'' is not a class"), ("comma-last", "1,", "'' is not a class"), ("comma-first", ",1", "'' is not a class"), ("spaces", "1, 2", "' 2' is not a class"),
        ("negative", "-1", "classes|class|value|Missing"), ("fraction", "1.5", "'1.5' is not a class"), ("huge", "99999999999999999999", "is not a class"), ("range-huge", "0-99999999999", "there is no class 99999999999"), ("semicolons", "0;1", "'0;1' is not a class"), ("arabic", "٣", "class"), ("escape", "\x1b[2J", r"\\u\{1b\}"), ("line-feed", "0\n1", r"\\u\{a\}"), ("long", "1" * 50_000, "is not a class"),
    ]:
        yield Case(f"classes/{name}", {}, [Run([*TRAIN, "--model", "mlp:4", f"--classes={classes}"], USAGE, text), Run(["features", MODEL, "--data", "{base}/tiny.npz", "--quiet", "--out", "f.npz", f"--classes={classes}"], USAGE, text)])
    for name, classes, text in [("unknown", "birds", r"classes 'birds': .*the classes are cats, dogs"), ("mistyped", "cat", r"did you mean cats\?"), ("mixed", "cats,birds", "'birds' is not a class")]:
        yield Case(f"classes/names-{name}", {}, [Run(["train", "--data", "{base}/photos", "--model", "mlp:4", "--quiet", "--out", "o.safetensors", "--classes", classes], USAGE, text, notes="warning: .*")])
    yield Case("classes/one", {}, [Run([*TRAIN, "--model", "mlp:4", "--classes", "1"], USAGE, "one class is nothing to tell apart: --classes needs two or more", notes="warning: .*")])

    # Models.
    for name, model, text in [
        ("unknown", "forest", "unknown model 'forest': expected softmax, mlp:500"), ("empty", "", "Missing value for '--model|unknown model ''"), ("mlp-alone", "mlp", "unknown model 'mlp'"), ("cnn-alone", "cnn", "unknown model 'cnn'"), ("without-units", "mlp:", "'' is not a number of units"), ("units-0", "mlp:0", "'0' is not a number of units from 1 to 65536"),
        ("units-too-many", "mlp:65537", "'65537' is not a number of units"), ("units-overflow", "mlp:99999999999999999999", "is not a number of units"), ("comma-last", "mlp:4,", "'' is not a number of units"), ("layers-1001", "mlp:" + "4," * 1000 + "4", "a model of 1001 layers: at most 1000"), ("layer", "cnn:4x3", "'4x3' is no layer; expected 16c5"),
        ("pooling-first", "cnn:p2", "'p2' must follow a convolution"), ("pooling-twice", "cnn:4c3-p2-p2", "'p2' must follow a convolution"), ("no-convolution", "cnn:8", "there is no convolution"), ("window-too-large", "cnn:4c9", "conv1's window of 9x9 is larger than its input of 8x8"), ("pooling-too-large", "cnn:4c3-p7", "pooling by 7 leaves nothing of the 6x6 that conv1 computes"),
        ("convolution-last", "cnn:4c3-8-4c3", "'4c3' comes after a fully connected layer"), ("window-65", "cnn:4c65", "'4c65' is no layer"), ("maps", "cnn:65536c1-65536c1-65536c1-65536c1", "would have 12902006788 parameters, the most is"), ("groups", "cnn:4c3g4", "conv1 has 4 groups, one for each channel, and reads 1 channels"), ("long", "cnn:" + "x" * 50_000, "is no layer"), ("escape", "mlp:\x1b[2J", r"\\u\{1b\}"),
    ]:
        yield Case(f"specs/{name}", {}, [Run([*TRAIN, f"--model={model}"], USAGE, text)])
    for name, arguments, text in [("input-two", ["--input", "8x8"], "--input 8x8: expected channels x height x width"), ("input-0", ["--input", "1x0x8"], "--input 1x0x8: expected"), ("input-huge", ["--input", "99999999999999999999x1x1"], "--input 9+x1x1: expected"), ("outputs-0", ["--outputs", "0"], "outputs"), ("outputs-257", ["--outputs", "257"], "outputs")]:
        yield Case(f"specs/show-{name}", {}, [Run(["show", "mlp:4", *arguments], USAGE, text)])
    yield Case("specs/input-of-a-checkpoint", {}, [Run(["show", MODEL, "--input", "1x8x8"], USAGE, "--input and --outputs are for a model; .* is a checkpoint")])
    yield Case("specs/two-poolings", {}, [Run(["show", "cnn:4c3p1b-p2-a"], USAGE, "'a' must follow a convolution")])
    yield Case("specs/valid-show", {}, [Run(["show", "cnn:4c3p1b-p2", "--input", "3x9x9"], FINE, "4x4x4")])
