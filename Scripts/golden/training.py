"""Makes training.json: five epochs of small networks in PyTorch, for checking a whole training step by step.

    OMP_NUM_THREADS=1 python Scripts/golden/training.py [--out Tests/Golden/training.json]      (needs numpy, torch)

37 examples of 12 pixels (bytes, about 60 % zeros, divided by 255) with labels 0-3; batches of 8 in the order that
epochs[e] lists, so that the last batch has 5. Networks: 12-7-4, 12-7-6-4, 12-4; ReLU between layers; names fc1, fc2,
fc3; a weight is [outputs, inputs], written as one flat row-major list. Weight decay is on biases as well, as in PyTorch.
Per case: the training loss of every epoch (mean of its batches' mean losses, each before its update), all parameters
after epoch 1 and after epoch 5, the logits of all examples in their stored order at the end, and where asked for the
loss and every gradient of the very first batch. All Float32; losses are means in Float64 of Float32 batch losses.
float64_difference is the largest difference of weights or logits from the same training in Float64.
"""
import common
import numpy as np
import torch
import torch.nn as nn

options = common.arguments(__doc__, common.golden + '/training.json')
torch.set_num_threads(1)

random = np.random.RandomState(20240408)
count, batch_size = 37, 8
labels = random.permutation(np.arange(count) % 4)
prototypes = random.randint(30, 256, (4, 12)) * (random.rand(4, 12) < 0.4)
noise = random.randint(1, 256, (count, 12))
keep, add = random.rand(count, 12) < 0.75, random.rand(count, 12) < 0.15
pixels = np.where(add, noise, np.where(keep, prototypes[labels], 0)).astype(np.uint8)
pixels[0, :2] = 255, 1
epochs = [random.permutation(count).tolist() for _ in range(5)]


def initial(sizes):
    found = {}
    for i, (inputs, outputs) in enumerate(zip(sizes, sizes[1:]), 1):
        bound = 1 / np.sqrt(inputs)
        found[f'fc{i}.weight'] = random.uniform(-bound, bound, (outputs, inputs)).astype(np.float32)
        found[f'fc{i}.bias'] = random.uniform(-bound, bound, outputs).astype(np.float32)
    return found


networks = {'-'.join(map(str, s)): (s, initial(s)) for s in ([12, 7, 4], [12, 7, 6, 4], [12, 4])}


def flat(parameters):
    return {k: common.float32(v.ravel()) for k, v in parameters.items()}


class Network(nn.Module):
    def __init__(self, sizes, weights, dtype):
        super().__init__()
        self.depth = len(sizes) - 1
        for i in range(self.depth):
            setattr(self, f'fc{i + 1}', nn.Linear(sizes[i], sizes[i + 1]))
        self.load_state_dict({k: torch.tensor(v) for k, v in weights.items()})
        self.to(dtype)

    def forward(self, x):
        for i in range(1, self.depth + 1):
            x = getattr(self, f'fc{i}')(x)
            if i < self.depth:
                x = torch.relu(x)
        return x

    def values(self):
        return {k: v.detach().numpy().copy() for k, v in self.named_parameters()}


def train(network, make, frozen, dtype):
    sizes, weights = networks[network]
    model = Network(sizes, weights, dtype)
    for name, parameter in model.named_parameters():
        parameter.requires_grad = name.split('.')[0] not in frozen
    optimizer = make([p for p in model.parameters() if p.requires_grad])
    x, y = torch.tensor(pixels).to(dtype) / 255, torch.tensor(labels)
    losses, after, first = [], {}, None
    for epoch, order in enumerate(epochs, 1):
        batches = []
        for start in range(0, count, batch_size):
            batch = order[start:start + batch_size]
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(x[batch]), y[batch])
            loss.backward()
            if first is None:
                first = loss.detach().numpy(), {k: p.grad.numpy().copy() for k, p in model.named_parameters() if p.requires_grad}
            optimizer.step()
            batches.append(loss.item())
        losses.append(float(np.mean(batches)))
        after[epoch] = model.values()
    with torch.no_grad():
        logits = model(x).numpy()
    for layer in frozen:
        for part in ('weight', 'bias'):
            assert (after[5][f'{layer}.{part}'] == weights[f'{layer}.{part}'].astype(after[5][f'{layer}.{part}'].dtype)).all()
    return losses, after, logits, first


def sgd(**settings):
    return 'sgd', settings, lambda p: torch.optim.SGD(p, foreach=False, **settings)


def adam(**settings):
    return 'adam', settings, lambda p: torch.optim.Adam(p, foreach=False, **settings)


written = []
for name, network, frozen, (kind, settings, make), gradients in (
        ('sgd', '12-7-4', [], sgd(lr=0.1, momentum=0.9), True),
        ('adam', '12-7-4', [], adam(lr=0.01), False),
        ('frozen', '12-7-4', ['fc1'], sgd(lr=0.1, momentum=0.9, weight_decay=0.01), False),
        ('softmax', '12-4', [], sgd(lr=0.1, momentum=0.9), False),
        ('deep', '12-7-6-4', [], sgd(lr=0.1, momentum=0.9), True)):
    losses, after, logits, first = train(network, make, frozen, torch.float32)
    _, exact, exact_logits, _ = train(network, make, frozen, torch.float64)
    off = max([float(np.abs(logits - exact_logits).max())] +
              [float(np.abs(after[e][k] - exact[e][k]).max()) for e in (1, 5) for k in after[e]])
    case = dict(name=name, network=network, optimizer=kind, frozen=frozen, learning_rate=settings['lr'],
                momentum=settings.get('momentum', 0.0), weight_decay=settings.get('weight_decay', 0.0), losses=losses)
    if gradients:
        case |= dict(first_loss=common.float32(first[0]), first_gradients=flat(first[1]))
    case |= dict(after_epoch_1=flat(after[1]), after_epoch_5=flat(after[5]), logits=common.float32(logits),
                 float64_difference=float('%.2g' % off))
    written.append(case)
    accuracy = (logits.argmax(1) == labels).mean()
    print(f'{name:8} losses {" ".join("%.4f" % l for l in losses)}, accuracy {accuracy:.2f}, Float64 differs by {off:.1g}')

zeros = (pixels == 0).mean()
assert 0.55 < zeros < 0.65, zeros
print(f'{100 * zeros:.0f} % of the pixels are zero')
common.write(options.out, dict(
    made_by=f'Scripts/golden/training.py, PyTorch {torch.__version__}',
    what='Names and layouts are PyTorch\'s: fcN.weight is [outputs, inputs], flat and row-major. Batches are consecutive slices of an epoch\'s order.',
    pixels=pixels.tolist(), labels=labels.tolist(), scale=255, batch_size=batch_size, epochs=epochs,
    networks={k: dict(layers=s, parameters=flat(w)) for k, (s, w) in networks.items()}, cases=written))
