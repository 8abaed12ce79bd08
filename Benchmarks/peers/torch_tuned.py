"""PyTorch as well as it goes without a compiler: preloaded tensors, no DataLoader, fused optimizers.

    python Benchmarks/peers/torch_tuned.py [--threads N] [--units UNIT,...]     (protocol: common.py)

Measured and chosen: optimizers with fused=True (SGD: within noise of foreach and of the plain loop; Adam: a quarter faster),
zero_grad(set_to_none=True), denormals flushed (a decaying momentum ends in them), and each batch gathered by its part of a
permutation (5 % faster than permuting the whole epoch first). transfer-as-study runs the frozen body in every step,
transfer-cached runs it once and trains the head on its outputs; both are 30 epochs of a new head with a new Adam on a body
with random weights. Convolutions: channels last takes six tenths of the time, pooling before rectifying a tenth less still.
"""
import common
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.set_num_threads(common.threads)
torch.manual_seed(0)
torch.set_flush_denormal(True)


def network():
    return nn.Sequential(nn.Linear(784, common.hidden), nn.ReLU(), nn.Linear(common.hidden, 10))


def convolutional():
    """graft's cnn:small. Pooled before it is rectified, which is the same."""
    return nn.Sequential(
        nn.Unflatten(1, (1, 28, 28)), nn.Conv2d(1, 16, 5), nn.MaxPool2d(2), nn.ReLU(), nn.Conv2d(16, 32, 5), nn.MaxPool2d(2),
        nn.ReLU(), nn.Flatten(), nn.Linear(512, 128), nn.ReLU(), nn.Linear(128, 10)).to(memory_format=torch.channels_last)


def best_convolutional():
    """graft's cnn:best."""
    def block(inputs, outputs, *pool):
        return [nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), *pool, nn.ReLU()]

    return nn.Sequential(
        nn.Unflatten(1, (1, 28, 28)), *block(1, 32), *block(32, 32, nn.MaxPool2d(2)), *block(32, 64), *block(64, 64, nn.MaxPool2d(2)),
        *block(64, 128, nn.MaxPool2d(2)), nn.Flatten(), nn.Linear(1152, 128), nn.ReLU(),
        nn.Linear(128, 10)).to(memory_format=torch.channels_last)


def sgd(model):
    return torch.optim.SGD(model.parameters(), lr=common.learning_rate, momentum=common.momentum, fused=True)


def adam(model):
    return torch.optim.Adam(model.parameters(), lr=common.learning_rate, fused=True)


def epoch(model, optimizer, x, y, body=None):
    """Mean of the batches' losses. A frozen body, if there is one, runs in every step."""
    total, batches = 0.0, torch.randperm(len(x)).split(common.batch_size)
    for batch in batches:
        images = x[batch]
        if body is not None:
            with torch.no_grad():
                images = body(images)
        loss = F.cross_entropy(model(images), y[batch])
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        total += loss.item()
    return total / len(batches)


@torch.no_grad()
def features(body, x):
    return torch.cat([body(part) for part in x.split(512)])


def training(model, optimizer, x, y):
    optimizer = optimizer(model)
    return lambda: {'note': f'loss {epoch(model, optimizer, x, y):.4f}'}


def transfer(x, y, cached, epochs=30):
    body, head = network()[:2], nn.Linear(common.hidden, 10)
    optimizer = adam(head)
    if cached:
        x, body = features(body, x), None
    for _ in range(epochs):
        loss = epoch(head, optimizer, x, y, body)
    return {'note': f'loss {loss:.4f}'}


def product(m, k, n):
    a, b, c = torch.rand(m, k), torch.rand(k, n), torch.empty(m, n)
    return lambda: common.repeated(lambda: torch.mm(a, b, out=c))


def predictions(model, images):
    @torch.inference_mode()
    def predict(size):
        return torch.cat([model(part) for part in images.split(size)])

    best = common.best_batch(predict) if common.wanted('predict-batch') else None

    def predict_batch():
        predict(best)
        return {'note': f'batches of {best}'}

    @torch.inference_mode()
    def predict_one():
        singles = images.split(1)
        return common.single(lambda i: model(singles[i]))

    return {'predict-batch': predict_batch, 'predict-one': predict_one}


if __name__ == '__main__':
    x, y = map(torch.from_numpy, common.images())
    units = {
        'network-epoch': training(network(), sgd, x, y),
        'softmax-epoch': training(nn.Linear(784, 10), sgd, x, y),
        'adam-epoch': training(network(), adam, x, y),
        'convolution-epoch': training(convolutional(), sgd, x, y),
        'convolution-best-epoch': training(best_convolutional(), sgd, x, y),
        'transfer-as-study': lambda: transfer(x, y, cached=False),
        'transfer-cached': lambda: transfer(x, y, cached=True),
    }
    units |= {name: product(*shape) for name, shape in common.products.items()}
    units |= predictions(network(), torch.from_numpy(common.images('t10k', 'all')[0]))
    common.serve(torch.__version__, units, warm={'transfer-as-study': lambda: transfer(x, y, cached=False, epochs=1),
                                                 'transfer-cached': lambda: transfer(x, y, cached=True, epochs=1)})
