"""NumPy: forward, backward and momentum by hand, into buffers that are made once.

    python Benchmarks/peers/numpy_epoch.py [--threads N] [--units UNIT,...]     (protocol: common.py)

Measured and chosen: weights [inputs × outputs]; batches gathered with take(out=); the learning rate goes into the small
gradient of the logits, so that a step on the weights is v *= momentum; v += g; W += v without a copy. The same mathematics
as PyTorch's SGD, as the learning rate is constant. BLAS's own C = AB + βC (scipy.linalg.blas.sgemm) was not faster.
"""
import common
import numpy as np

x, y = common.images()


class Layer:
    def __init__(self, inputs, outputs):
        weight, bias = common.linear(inputs, outputs)
        self.parameters = [np.ascontiguousarray(weight.T), bias]
        self.gradients = [np.empty_like(p) for p in self.parameters]
        self.velocities = [np.zeros_like(p) for p in self.parameters]

    def forward(self, inputs, out):
        np.matmul(inputs, self.parameters[0], out=out)
        out += self.parameters[1]

    def backward(self, inputs, delta):
        np.matmul(inputs.T, delta, out=self.gradients[0])
        np.sum(delta, axis=0, out=self.gradients[1])

    def step(self):
        for p, v, g in zip(self.parameters, self.velocities, self.gradients):
            v *= np.float32(common.momentum)
            v += g
            p += v


class Network:
    """Linear layers of the given sizes with ReLU between them, and everything that a step needs."""

    def __init__(self, *sizes):
        self.layers = [Layer(*pair) for pair in zip(sizes, sizes[1:])]
        buffers = lambda: [np.empty((common.batch_size, size), np.float32) for size in sizes]
        self.outputs, self.deltas = buffers(), buffers()

    def step(self, batch):
        n, rows = len(batch), np.arange(len(batch))
        outputs, deltas = [b[:n] for b in self.outputs], [b[:n] for b in self.deltas]
        np.take(x, batch, axis=0, out=outputs[0], mode='clip')
        for i, layer in enumerate(self.layers):
            if i > 0:
                np.maximum(outputs[i], 0, out=outputs[i])
            layer.forward(outputs[i], outputs[i + 1])
        logits, delta, labels = outputs[-1], deltas[-1], y[batch]
        logits -= logits.max(axis=1, keepdims=True)
        np.exp(logits, out=delta)
        sums = delta.sum(axis=1, keepdims=True)
        loss = float(np.mean(np.log(sums[:, 0]) - logits[rows, labels]))
        delta /= sums
        delta[rows, labels] -= 1
        delta *= np.float32(-common.learning_rate / n)
        for i in reversed(range(len(self.layers))):
            self.layers[i].backward(outputs[i], deltas[i + 1])
            if i > 0:
                np.matmul(deltas[i + 1], self.layers[i].parameters[0].T, out=deltas[i])
                deltas[i] *= outputs[i] > 0
        for layer in self.layers:
            layer.step()
        return loss

    def epoch(self):
        order = common.generator.permutation(len(x))
        losses = [self.step(order[i:i + common.batch_size]) for i in range(0, len(x), common.batch_size)]
        return {'note': f'loss {np.mean(losses):.4f}'}


def product(m, k, n):
    a, b = (common.generator.random(shape, np.float32) for shape in ((m, k), (k, n)))
    c = np.empty((m, n), np.float32)
    return lambda: common.repeated(lambda: np.matmul(a, b, out=c))


units = {'network-epoch': Network(784, common.hidden, 10).epoch, 'softmax-epoch': Network(784, 10).epoch}
units |= {name: product(*shape) for name, shape in common.products.items()}
common.serve(np.__version__, units)
