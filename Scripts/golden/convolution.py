"""Makes convolution.json: convolutional networks in PyTorch, for checking logits, gradients and steps of training.

    OMP_NUM_THREADS=1 python Scripts/golden/convolution.py [--out Tests/Golden/convolution.json]      (needs numpy, torch)

Models are written as Graft writes them (16c5 a convolution, s stride, p padding, b batch normalisation, p2 and p3s2 max
pooling, a2 average pooling, a of the whole map, a number a linear layer; ReLU after each, before pooling); names conv1, bn1,
fc1, ... A weight is one flat list in PyTorch's order. Two networks, one like LeNet on 1 x 16 x 16, one with everything on
3 x 11 x 9; images are bytes (about 60 % zeros) divided by 255, labels 0-3, 25 of them in 5 batches of 5 in the order that
`order` lists. Initial gains, shifts and running statistics are away from what a fresh model has. Per network: logits in
evaluation at the beginning; loss, logits and every gradient of the first batch in training. Per optimizer: the loss of each
of the five steps before its update, then all parameters and running statistics, and the logits in evaluation. Everything is
Float32; float64_difference is the largest difference from the same in Float64.

`--check FILE IMAGES.idx.gz LABELS.idx.gz CLASSES REPORT.json` instead checks a checkpoint that Graft wrote: the network that
its metadata names takes its tensors by load_state_dict(strict=True), and its loss and confusion matrix on the images of the
given classes (joined by commas) are compared with those that `graft evaluate --json` printed. Needs safetensors as well.
"""
import common
import argparse
import gzip
import json
import re
import sys
import numpy as np
import torch
import torch.nn as nn

torch.set_num_threads(1)


class Network(nn.Module):
    def __init__(self, text, shape, classes):
        super().__init__()
        self.steps = []
        channels, inputs, convolutions, linears, norms = shape[0], None, 0, 0, 0

        def width():
            with torch.no_grad():
                self.eval()
                return self(torch.zeros(1, *shape)).numel()

        for part in text.removeprefix('cnn:').split('-'):
            if part == 'a':
                self.steps.append(nn.AdaptiveAvgPool2d(1))
            elif match := re.fullmatch(r'([pa])(\d+)(?:s(\d+))?', part):
                kind = nn.MaxPool2d if match[1] == 'p' else nn.AvgPool2d
                self.steps.append(kind(int(match[2]), int(match[3] or match[2])))
            else:
                match = re.fullmatch(r'(\d+)(?:c(\d+)(?:s(\d+))?(?:p(\d+))?)?(b?)', part)
                units, normalized = int(match[1]), bool(match[5])
                if match[2]:
                    convolutions += 1
                    name = f'conv{convolutions}'
                    layer = nn.Conv2d(channels, units, int(match[2]), int(match[3] or 1), int(match[4] or 0), bias=not normalized)
                    channels = units
                else:
                    if linears == 0:
                        self.steps.append(nn.Flatten())
                    linears += 1
                    name = f'fc{linears}'
                    layer = nn.Linear(width(), units, bias=not normalized)
                self.add(name, layer)
                if normalized:
                    norms += 1
                    self.add(f'bn{norms}', (nn.BatchNorm2d if match[2] else nn.BatchNorm1d)(units))
                self.steps.append(nn.ReLU())
        if linears == 0:
            self.steps.append(nn.Flatten())
        self.add(f'fc{linears + 1}', nn.Linear(width(), classes))

    def add(self, name, layer):
        setattr(self, name, layer)
        self.steps.append(name)

    def forward(self, x):
        for step in self.steps:
            x = getattr(self, step)(x) if isinstance(step, str) else step(x)
        return x

    def values(self):
        return {k: v.detach().numpy().copy() for k, v in self.state_dict().items() if not k.endswith('num_batches_tracked')}


def flat(values):
    return {k: common.float32(v.ravel()) for k, v in values.items()}


def make():
    random = np.random.RandomState(20240611)
    count, batch_size = 25, 5
    labels = random.permutation(np.arange(count) % 4)
    order = random.permutation(count)
    optimizers = dict(sgd=lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9, weight_decay=0.01, foreach=False),
                      adam=lambda p: torch.optim.Adam(p, lr=0.005, foreach=False))
    written = []
    for text, shape in (('cnn:4c5-p2-6c5-p2-10', (1, 16, 16)), ('cnn:5c3p1b-p3s2-6c3s2p1b-a2-8b', (3, 11, 9))):
        prototypes = random.randint(30, 256, (4, *shape)) * (random.rand(4, *shape) < 0.4)
        add, keep = random.rand(count, *shape) < 0.15, random.rand(count, *shape) < 0.75
        noise = random.randint(1, 256, (count, *shape))
        pixels = np.where(add, noise, np.where(keep, prototypes[labels], 0)).astype(np.uint8)
        model = Network(text, shape, 4)
        initial = {}
        for name, value in model.values().items():
            fan_in = value[0].size if value.ndim > 1 else dict(model.named_modules())[name.split('.')[0]].weight[0].numel()
            low, high = -1 / np.sqrt(fan_in), 1 / np.sqrt(fan_in)
            if name.startswith('bn'):
                low, high = {'weight': (0.5, 1.5), 'bias': (-0.5, 0.5), 'running_mean': (-0.3, 0.3),
                             'running_var': (0.05, 0.5)}[name.split('.')[1]]
            initial[name] = random.uniform(low, high, value.shape).astype(np.float32)

        def network(dtype):
            found = Network(text, shape, 4)
            found.load_state_dict({k: torch.tensor(v) for k, v in initial.items()} |
                                  {k: v for k, v in found.state_dict().items() if k.endswith('num_batches_tracked')}, strict=True)
            return found.to(dtype), torch.tensor(pixels).to(dtype) / 255, torch.tensor(labels)

        def evaluate(model, x):
            model.eval()
            with torch.no_grad():
                return model(x).numpy()

        def first(dtype):
            model, x, y = network(dtype)
            evaluated = evaluate(model, x)
            model.train()
            batch = order[:batch_size]
            logits = model(x[batch])
            loss = nn.functional.cross_entropy(logits, y[batch])
            loss.backward()
            return evaluated, logits.detach().numpy(), loss.detach().numpy(), {k: p.grad.numpy() for k, p in model.named_parameters()}

        def train(optimizer, dtype):
            model, x, y = network(dtype)
            optimizer = optimizers[optimizer](model.parameters())
            losses = []
            model.train()
            for start in range(0, count, batch_size):
                batch = order[start:start + batch_size]
                optimizer.zero_grad()
                loss = nn.functional.cross_entropy(model(x[batch]), y[batch])
                loss.backward()
                optimizer.step()
                losses.append(loss.item())
            return losses, model.values(), evaluate(model, x)

        def difference(a, b):
            if isinstance(a, dict):
                return max(difference(a[k], b[k]) for k in a)
            return float(np.abs(np.asarray(a, np.float64) - b).max())

        evaluated, logits, loss, gradients = first(torch.float32)
        off = max(map(difference, first(torch.float32), first(torch.float64)))
        cases = []
        for name in optimizers:
            losses, after, final = train(name, torch.float32)
            away = max(map(difference, (losses, after, final), train(name, torch.float64)))
            print(f'{text} {name}: losses {" ".join("%.4f" % l for l in losses)}, Float64 differs by {away:.1g}, first by {off:.1g}')
            cases.append(dict(optimizer=name, losses=losses, after=flat(after), logits=common.float32(final),
                              float64_difference=float('%.2g' % away)))
        written.append(dict(
            model=text, shape=list(shape), pixels=pixels.reshape(count, -1).tolist(), parameters=flat(initial),
            evaluated=common.float32(evaluated), first_logits=common.float32(logits), first_loss=common.float32(loss),
            first_gradients=flat(gradients), float64_difference=float('%.2g' % off), trainings=cases))
    common.write(options.out, dict(
        made_by=f'Scripts/golden/convolution.py, PyTorch {torch.__version__}',
        what='Weights are PyTorch\'s, flat and row-major. SGD: rate 0.05, momentum 0.9, weight decay 0.01; Adam: rate 0.005.',
        labels=labels.tolist(), order=order.tolist(), batch_size=batch_size, networks=written))


def check(file, images, labels, classes, report):
    from safetensors import safe_open
    from safetensors.torch import load_file

    def idx(path):
        data = gzip.open(path).read()
        shape = [int.from_bytes(data[4 + 4 * i:8 + 4 * i], 'big') for i in range(data[3])]
        return np.frombuffer(data, np.uint8, offset=4 + 4 * len(shape)).reshape(shape)

    with safe_open(file, 'numpy') as opened:
        metadata = opened.metadata()
    shape = tuple(map(int, metadata['graft.input_shape'].split('x')))
    outputs = json.loads(metadata['graft.classes'])
    scale = json.loads(metadata['graft.normalization'])
    tensors = load_file(file)
    print('tensors: ' + ', '.join(f'{k} {list(v.shape)}' for k, v in tensors.items()))
    model = Network(metadata['graft.model'], shape, len(outputs))
    print(model.load_state_dict(tensors, strict=True))
    images, labels = idx(images), idx(labels)
    chosen = np.isin(labels, [int(c) for c in classes.split(',')])
    x = (torch.tensor(images[chosen]).float().reshape(-1, *shape) / 255 - scale['mean']) / scale['deviation']
    y = torch.tensor([outputs.index(c) for c in labels[chosen]])
    model.eval()
    with torch.no_grad():
        logits = torch.cat([model(part) for part in x.split(500)])
    loss = nn.functional.cross_entropy(logits.double(), y).item()
    confusion = np.zeros((len(outputs), len(outputs)), int)
    np.add.at(confusion, (y.numpy(), logits.argmax(1).numpy()), 1)
    with open(report, encoding='utf-8') as opened:
        report = json.load(opened)
    given = np.array(report['confusion'])
    same = given.shape == confusion.shape and (given == confusion).all()
    print(f'{len(y)} images, loss {loss:.9f} here, {report["loss"]:.9f} there; the confusion matrices are {"the same" if same else "not the same"}')
    if not same:
        print(confusion, given, sep='\n')
    if not same or abs(loss - report['loss']) > 1e-6:
        sys.exit('FAILED')
    print('passed')


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument('--out', default=common.golden + '/convolution.json', help='the JSON file to write (default: %(default)s)')
parser.add_argument('--check', nargs=5, metavar=('FILE', 'IMAGES', 'LABELS', 'CLASSES', 'REPORT'))
options = parser.parse_args()
check(*options.check) if options.check else make()
