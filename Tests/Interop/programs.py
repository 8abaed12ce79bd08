"""Runs exported models in the programs that they are for; shared by the checks."""
import importlib.util
import subprocess

import coremltools
import numpy as np
import torch
import torch.nn.functional as F
from coremltools.converters.mil.frontend.milproto.load import load as load_mil


def softmax(logits):
    powers = np.exp(logits.astype(np.float64) - logits.max(1, keepdims=True))
    return powers / powers.sum(1, keepdims=True)


def pytorch_module(folder):
    """The module of an export's model.py, which loads its network strictly."""
    spec = importlib.util.spec_from_file_location(f"exported_{abs(hash(str(folder)))}", folder / "model.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


C_FLAGS = ["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]
C_PROGRAM = """
#include "%(header)s"
#include <stdio.h>
int main(void) {
  static uint8_t pixels[%(macros)s_PIXELS];
  static float scratch[%(macros)s_SCRATCH];
  float result[%(macros)s_CLASSES];
  while (fread(pixels, 1, sizeof pixels, stdin) == sizeof pixels) {
    %(prefix)s_predict(pixels, scratch, result);
    fwrite(result, sizeof(float), %(macros)s_CLASSES, stdout);
  }
  return %(prefix)s_classes[0] == 0;
}
"""


def compiled(compiler, header, prefix, program, optimization="-O2"):
    """Compiles a program around a header. Returns what the compiler says; nothing if all is well."""
    source = program.with_suffix(".c")
    source.write_text(C_PROGRAM % dict(header=header.name, prefix=prefix, macros=prefix.upper()))
    words = [compiler, *C_FLAGS, optimization, "-I", header.parent, source, "-o", program, "-lm"]
    done = subprocess.run(words, stderr=subprocess.PIPE, text=True)
    return done.stderr if done.returncode or done.stderr else ""


def answers_of(program, pixels, classes):
    """The answers of a compiled program, [images, classes]."""
    done = subprocess.run([program], input=pixels.tobytes(), stdout=subprocess.PIPE, check=True)
    return np.frombuffer(done.stdout, np.float32).reshape(-1, classes)


def core_ml_spec(package):
    return coremltools.models.MLModel(str(package), skip_model_load=True).get_spec()


def run_core_ml(package, spec, pixels):
    """The constants of a package's program, its classes, and the probabilities for images. Only a Mac runs Core ML: the program that
    coremltools read is run here, operation by operation."""
    weights = str(package / "Data/com.apple.CoreML/weights")
    program = load_mil(spec, specification_version=spec.specificationVersion, file_weights_dir=weights)
    images = torch.from_numpy(pixels.astype(np.float32))
    values, constants, classes, probabilities = {"image": images}, {}, [], None
    for operation in program.functions["main"].operations:
        if operation.op_type == "const":
            constants[operation.outputs[0].name] = operation.outputs[0].val
        elif operation.op_type == "classify":
            classes = [str(name) for name in operation.classes.val]
            probabilities = values[operation.probabilities.name].numpy()
        else:
            values[operation.outputs[0].name] = run_operation(operation, values)
    return constants, classes, probabilities


def run_operation(operation, values):
    known = {}
    for key, value in operation.inputs.items():
        if value is None or isinstance(value, (list, tuple)):
            continue
        known[key] = values[value.name] if value.val is None else value.val
        if isinstance(known[key], (np.ndarray, np.generic)) and np.asarray(known[key]).dtype == np.float32:
            known[key] = torch.from_numpy(np.asarray(known[key]))
    numbers = {key: [int(number) for number in known[key]] for key in ["pad", "strides", "kernel_sizes", "shape"] if key in known}
    x, kind = known["x"], operation.op_type
    if kind == "conv":
        top, bottom, left, right = numbers["pad"]
        x = F.pad(x, (left, right, top, bottom))
        return F.conv2d(x, known["weight"], known["bias"], numbers["strides"], groups=int(known["groups"]))
    if kind in ["max_pool", "avg_pool"]:
        assert len(set(numbers["pad"])) == 1 and not known["ceil_mode"]
        pool = F.max_pool2d if kind == "max_pool" else F.avg_pool2d
        return pool(x, numbers["kernel_sizes"], numbers["strides"], padding=numbers["pad"][0])
    if kind == "linear":
        return F.linear(x, known["weight"], known["bias"])
    if kind == "reshape":
        # Core ML takes one image at a time; these are several.
        return x.reshape(len(x), numbers["shape"][1])
    if kind == "softmax":
        return F.softmax(x.double(), int(known["axis"]))
    if kind == "sigmoid_hard":
        return (known["alpha"] * x + known["beta"]).clamp(0, 1)
    binary = {"add": torch.add, "sub": torch.sub, "mul": torch.mul, "real_div": torch.div}
    if kind in binary:
        return binary[kind](x, known["y"])
    return {"relu": F.relu, "relu6": F.relu6, "silu": F.silu, "identity": lambda value: value}[kind](x)
