"""The recipe colour-quick in PyTorch: the same network, pictures, settings and augmentation; prints seconds and accuracy of every epoch.

    python Benchmarks/colour.py --data cifar10.zip [--epochs N] [--seed S] [--threads N] [--width 16]

Beside it: graft train --data cifar10.zip --recipe colour-quick --seed S --threads N. As in torch_tuned.py: preloaded tensors, channels
last, a fused optimizer, denormals flushed. Pictures are shifted and mirrored for a whole epoch at once, which takes PyTorch a hundredth of
its time.
"""
import argparse
import io
import json
import os
import time
import zipfile

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument('--data', required=True, help='an archive with train/CLASS/… and test/CLASS/…')
parser.add_argument('--epochs', type=int, default=8)
parser.add_argument('--seed', type=int, default=0)
parser.add_argument('--threads', type=int, default=len(os.sched_getaffinity(0)))
parser.add_argument('--width', type=int, default=16)
parser.add_argument('--batch-size', type=int, default=128)
parser.add_argument('--learning-rate', type=float, default=0.4)
parser.add_argument('--weight-decay', type=float, default=0.0005)
parser.add_argument('--smoothing', type=float, default=0.1)
parser.add_argument('--averaging', type=float, default=0.99)
options = parser.parse_args()
os.environ['OMP_NUM_THREADS'] = str(options.threads)

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from PIL import Image

torch.set_num_threads(options.threads)
torch.set_flush_denormal(True)
torch.manual_seed(options.seed)


def pictures(split):
    """Pictures as bytes [n, 3, 32, 32] and the numbers of their classes, in the order of names."""
    with zipfile.ZipFile(options.data) as archive:
        names = sorted(name for name in archive.namelist() if name.startswith(f'{split}/') and not name.endswith('/'))
        classes = sorted({name.split('/')[1] for name in names})
        pixels = np.stack([np.asarray(Image.open(io.BytesIO(archive.read(name))).convert('RGB')) for name in names])
    return torch.from_numpy(pixels).permute(0, 3, 1, 2).contiguous(), torch.tensor([classes.index(name.split('/')[1]) for name in names])


def convolution(inputs, outputs, *pool):
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(), *pool)


class Residual(nn.Module):
    """Two convolutions around which the input passes; rectified after the addition, as in ResNet."""

    def __init__(self, channels):
        super().__init__()
        self.first = convolution(channels, channels)
        self.second = nn.Sequential(nn.Conv2d(channels, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels))

    def forward(self, x):
        return F.relu(x + self.second(self.first(x)))


def network(width):
    """graft's resnet9 with `width` channels in its first convolution."""
    return nn.Sequential(
        convolution(3, width), convolution(width, 2 * width, nn.MaxPool2d(2)), Residual(2 * width),
        convolution(2 * width, 4 * width, nn.MaxPool2d(2)), convolution(4 * width, 8 * width, nn.MaxPool2d(2)), Residual(8 * width),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8 * width, 10)).to(memory_format=torch.channels_last)


def changed(x, most=4):
    """Shifted by up to four whole pixels, the border continued, and mirrored half the time."""
    n = len(x)
    padded = F.pad(x.float(), (most,) * 4, mode='replicate').to(torch.uint8)
    rows = torch.randint(0, 2 * most + 1, (n, 1)) + torch.arange(32)
    columns = torch.randint(0, 2 * most + 1, (n, 1)) + torch.arange(32)
    columns = torch.where(torch.rand(n, 1) < 0.5, columns.flip(1), columns)
    return padded[torch.arange(n)[:, None, None, None], torch.arange(3)[None, :, None, None], rows[:, None, :, None],
                  columns[:, None, None, :]]


(x, y), (test_x, test_y) = pictures('train'), pictures('test')
means = (x.double() / 255).mean((0, 2, 3))
deviations = ((x.double() / 255).var((0, 2, 3), unbiased=False)).sqrt()


def numbers(x):
    x = (x.float() / 255 - means.float()[:, None, None]) / deviations.float()[:, None, None]
    return x.contiguous(memory_format=torch.channels_last)


model = network(options.width)
optimizer = torch.optim.SGD(model.parameters(), lr=options.learning_rate, momentum=0.9, nesterov=True, weight_decay=options.weight_decay,
                            fused=True)
steps = -(-len(x) // options.batch_size)
total, warm = steps * options.epochs, steps
average = {name: value.clone() for name, value in model.state_dict().items() if value.is_floating_point()}


def rate(step):
    """graft's schedule: one epoch of warm-up, then half a cosine to zero."""
    if step < warm:
        return 1 / warm + (1 - 1 / warm) * step / warm
    return 0.5 * (1 + np.cos(np.pi * (step - warm) / max(total - warm, 1)))


@torch.inference_mode()
def accuracy(weights):
    tested = network(options.width)
    tested.load_state_dict({**model.state_dict(), **weights})
    tested.eval()
    right = sum((tested(numbers(part)).argmax(1) == labels).sum().item()
                for part, labels in zip(test_x.split(500), test_y.split(500)))
    return right / len(test_y)


step, spent = 0, 0.0
for epoch in range(options.epochs):
    begun = time.perf_counter()
    model.train()
    images = changed(x)
    losses = 0.0
    for batch in torch.randperm(len(x)).split(options.batch_size):
        for group in optimizer.param_groups:
            group['lr'] = options.learning_rate * rate(step)
        loss = F.cross_entropy(model(numbers(images[batch])), y[batch], label_smoothing=options.smoothing)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        step += 1
        kept = min(options.averaging, (1 + step) / (10 + step))
        with torch.no_grad():
            state = model.state_dict()
            torch._foreach_lerp_(list(average.values()), [state[name] for name in average], 1 - kept)
        losses += loss.item()
    spent += time.perf_counter() - begun
    print(json.dumps({'epoch': epoch + 1, 'seconds': round(spent, 1), 'loss': round(losses / steps, 4),
                      'test': round(accuracy(average), 4)}), flush=True)
