"""Golden values of published networks: logits in evaluation, and a step's gradients in training, by PyTorch.

Weights and images come from a generator that any language can repeat (SplitMix64 of a name's FNV-1a hash), so the file holds
answers only: for each network the logits of four images, the loss, and of each parameter's gradient its length and its product
with a vector of the same generator. They are computed in double precision; beside them stands the error of single precision.

    python3 -P Scripts/golden/families.py > Tests/Golden/families.json       (torch 2.13, torchvision 0.28, timm 1.0; -P because
                                                                     statistics.py beside it hides Python's)
"""

import json
import math

import numpy as np
import timm
import torch
import torchvision
from torch import nn

torch.set_num_threads(1)
MASK = (1 << 64) - 1
CLASSES = 7
IMAGES = 4


def fnv(text):
    value = 0xCBF29CE484222325
    for byte in text.encode():
        value = ((value ^ byte) * 0x100000001B3) & MASK
    return value


def uniform(name, count):
    """`count` numbers from 0 to 1."""
    z = (np.uint64(fnv(name)) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)).astype(np.uint64)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z = z ^ (z >> np.uint64(31))
    return (z >> np.uint64(40)).astype(np.float64) / float(1 << 24)


def between(name, count, low, high):
    return (low + (high - low) * uniform(name, count)).astype(np.float32)


class ResNet9(nn.Module):
    """Three pooled convolutions, the first and the last followed by a residual pair."""

    def __init__(self):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 64, 3, padding=1, bias=False), nn.BatchNorm2d(64)
        channels = 64
        for stage, outputs in enumerate([128, 256, 512]):
            layer = nn.Module()
            layer.conv, layer.bn = nn.Conv2d(channels, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs)
            if stage != 1:
                layer.res = nn.Module()
                for name in ["1", "2"]:
                    setattr(layer.res, "conv" + name, nn.Conv2d(outputs, outputs, 3, padding=1, bias=False))
                    setattr(layer.res, "bn" + name, nn.BatchNorm2d(outputs))
            setattr(self, "layer%d" % (stage + 1), layer)
            channels = outputs
        self.fc = nn.Linear(512, CLASSES)

    def forward(self, x):
        x = torch.relu(self.bn1(self.conv1(x)))
        for layer in [self.layer1, self.layer2, self.layer3]:
            x = torch.max_pool2d(torch.relu(layer.bn(layer.conv(x))), 2)
            if hasattr(layer, "res"):
                inner = torch.relu(layer.res.bn1(layer.res.conv1(x)))
                x = torch.relu(layer.res.bn2(layer.res.conv2(inner)) + x)
        return self.fc(x.mean((2, 3)))


def networks():
    yield "resnet9", ResNet9(), 32
    yield "resnet18", torchvision.models.resnet18(num_classes=CLASSES), 64
    yield "mobilenet-v2", torchvision.models.mobilenet_v2(num_classes=CLASSES, dropout=0.0), 96
    yield "efficientnet-lite0", timm.create_model("tf_efficientnet_lite0", num_classes=CLASSES, drop_rate=0.0), 104


def fill(model):
    for name, tensor in model.state_dict().items():
        if name.endswith("num_batches_tracked"):
            continue
        count = tensor.numel()
        if tensor.dim() > 1:
            bound = math.sqrt(6 / (count // tensor.shape[0]))
            values = between(name, count, -bound, bound)
        elif name.endswith("running_var"):
            values = between(name, count, 0.5, 1.5)
        elif name.endswith("running_mean"):
            values = between(name, count, -0.1, 0.1)
        elif name.endswith("weight"):
            values = between(name, count, 0.5, 1.5)
        else:
            values = between(name, count, -0.2, 0.2)
        tensor.copy_(torch.from_numpy(values).reshape(tensor.shape))


def answers(model, side):
    """Logits in evaluation, and loss and gradients in training, in the precision of the model."""
    kind = next(model.parameters()).dtype
    images = torch.from_numpy(between("images", IMAGES * 3 * side * side, -1, 1)).to(kind)
    images = images.reshape(IMAGES, 3, side, side)
    model.eval()
    with torch.no_grad():
        logits = model(images)
    model.train()
    model.zero_grad()
    loss = nn.functional.cross_entropy(model(images), torch.arange(IMAGES) % CLASSES)
    loss.backward()
    gradients = {name: tensor.grad.double().flatten().numpy() for name, tensor in model.named_parameters()}
    return logits, loss.item(), {name: gradient.copy() for name, gradient in gradients.items()}


result = {}
for name, model, side in networks():
    with torch.no_grad():
        fill(model)
    _, _, single = answers(model, side)
    # Training moved the running statistics.
    with torch.no_grad():
        fill(model)
    logits, loss, exact = answers(model.double(), side)
    lengths = {parameter: float(np.linalg.norm(gradient)) for parameter, gradient in exact.items()}
    # The error of PyTorch's own single precision: what rounding does to the gradients of this network.
    rounding = max(
        float(np.linalg.norm(single[parameter] - exact[parameter])) / length
        for parameter, length in lengths.items()
        if length > 1e-4
    )
    result[name] = {
        "side": side,
        "logits": [float("%.7g" % value) for value in logits.flatten()],
        "loss": loss,
        "rounding": rounding,
        "gradients": {
            parameter: [
                lengths[parameter],
                float(gradient @ between("gradient " + parameter, gradient.size, -1, 1).astype(np.float64)),
            ]
            for parameter, gradient in exact.items()
        },
    }
print(json.dumps(result, indent=0))
