"""Runs random models that a test has exported, each in a folder of its own with pixels and Graft's logits, and prints the counts.

    python check_random.py FOLDER
"""
import json
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch

import programs

counts = dict(onnx=0, pytorch=0, c=0, coreml=0, problems=[], apart=0.0)
quiet = onnxruntime.SessionOptions()
quiet.log_severity_level = 3


def compare(name, place, found, expected):
    counts[name] += 1
    apart = float(abs(found - expected).max())
    counts["apart"] = max(counts["apart"], apart)
    if found.shape != expected.shape or (found.argmax(1) != expected.argmax(1)).any() or not apart < 1e-4:
        counts["problems"].append(f"{name} {place.name}: {apart}")


for place in sorted(Path(sys.argv[1]).iterdir(), key=lambda place: int(place.name)):
    model = onnx.load(place / "model.onnx")
    onnx.checker.check_model(model, full_check=True)
    shape = [dimension.dim_value for dimension in model.graph.input[0].type.tensor_type.shape.dim[1:]]
    pixels = np.fromfile(place / "pixels", np.uint8).reshape(-1, *shape)
    logits = np.fromfile(place / "logits", np.float32).reshape(len(pixels), -1)
    expected = programs.softmax(logits)
    session = onnxruntime.InferenceSession(place / "model.onnx", quiet)
    compare("onnx", place, session.run(None, {"images": pixels})[0], expected)
    if not (place / "model.h").exists():
        continue
    facts = {fact.key: fact.value for fact in model.metadata_props}
    names = json.loads(facts["class_names"])
    module = programs.pytorch_module(place / "model-pytorch")
    with torch.no_grad():
        compare("pytorch", place, programs.softmax(module.load()(torch.from_numpy(pixels)).numpy()), expected)
    package = place / "model.mlpackage"
    _, classes, found = programs.run_core_ml(package, programs.core_ml_spec(package), pixels)
    compare("coreml", place, found, expected)
    if not module.CLASSES == classes == names:
        counts["problems"].append(f"{place.name}: names {module.CLASSES}, {classes}, {names}")
    said = programs.compiled("gcc", place / "model.h", "model", place / "program", "-O1")
    if said:
        counts["problems"].append(f"{place.name}: gcc: {said[:500]}")
        continue
    compare("c", place, programs.answers_of(place / "program", pixels, len(names)), expected)
print(json.dumps(counts))
