"""PyTorch with torch.compile: gather, forward, backward and optimizer of a step as one compiled function.

    python Benchmarks/peers/torch_compile.py [--threads N] [--units UNIT,...]     (protocol: common.py; needs a C++ compiler)

Measured and chosen: the whole step as a function of the weights (torch.func): with SGD a seventh faster than compiling model and
loss and calling the fused optimizer; with Adam a twentieth slower on the network, but a third faster on a head. Denormals are
flushed (Adam: a fifth). max_autotune and cpp_wrapper changed nothing. The short last batch has its own code.
"""
import common
import torch
import torch.nn.functional as F

torch.set_num_threads(common.threads)
torch.manual_seed(0)
torch.set_flush_denormal(True)
torch._dynamo.config.recompile_limit = 64  # every model and length of batch has its own code


def loss(parameters, images, labels):
    """Cross entropy of linear layers with ReLU between them; parameters are weight, bias, weight, bias, ..."""
    for i in range(0, len(parameters), 2):
        images = F.linear(images if i == 0 else F.relu(images), parameters[i], parameters[i + 1])
    return F.cross_entropy(images, labels)


gradients_and_loss = torch.func.grad_and_value(loss)


@torch.compile(dynamic=False)
def sgd_step(parameters, velocities, x, y, batch):
    gradients, value = gradients_and_loss(tuple(parameters), x[batch], y[batch])
    for p, v, g in zip(parameters, velocities, gradients):
        v.mul_(common.momentum).add_(g)
        p.add_(v, alpha=-common.learning_rate)
    return value


@torch.compile(dynamic=False)
def adam_step(parameters, first, second, steps, x, y, batch):
    gradients, value = gradients_and_loss(tuple(parameters), x[batch], y[batch])
    steps.add_(1)
    rate, scale = common.learning_rate / (1 - 0.9 ** steps), (1 - 0.999 ** steps).rsqrt()
    for p, m, v, g in zip(parameters, first, second, gradients):
        m.mul_(0.9).add_(g, alpha=0.1)
        v.mul_(0.999).add_(0.001 * g * g)
        p.sub_(rate * m / (v.sqrt() * scale + 1e-8))
    return value


class SGD:
    def __init__(self, parameters):
        velocities = [torch.zeros_like(p) for p in parameters]
        self.step = lambda *batch: sgd_step(parameters, velocities, *batch)


class Adam:
    def __init__(self, parameters):
        first, second = ([torch.zeros_like(p) for p in parameters] for _ in range(2))
        steps = torch.zeros(())
        self.step = lambda *batch: adam_step(parameters, first, second, steps, *batch)


def epoch(optimizer, x, y):
    """Mean of the batches' losses."""
    batches = torch.randperm(len(x)).split(common.batch_size)
    return sum(optimizer.step(x, y, batch).item() for batch in batches) / len(batches)


def parameters(*sizes):
    return [torch.from_numpy(p) for pair in zip(sizes, sizes[1:]) for p in common.linear(*pair)]


def training(optimizer, x, y):
    return lambda: {'note': f'loss {epoch(optimizer, x, y):.4f}'}


def transfer(x, y, epochs=30):
    weight, bias = parameters(784, common.hidden)
    features = torch.cat([F.linear(part, weight, bias).relu_() for part in x.split(512)])
    head = Adam(parameters(common.hidden, 10))
    for _ in range(epochs):
        value = epoch(head, features, y)
    return {'note': f'loss {value:.4f}'}


if __name__ == '__main__':
    x, y = map(torch.from_numpy, common.images())
    common.serve(torch.__version__, {
        'network-epoch': training(SGD(parameters(784, common.hidden, 10)), x, y),
        'softmax-epoch': training(SGD(parameters(784, 10)), x, y),
        'adam-epoch': training(Adam(parameters(784, common.hidden, 10)), x, y),
        'transfer-cached': lambda: transfer(x, y),
    }, warm={'transfer-cached': lambda: transfer(x, y, epochs=1)})
