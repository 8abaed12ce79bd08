"""Makes losses.json: softmax cross-entropy, its gradient and the probabilities.

    OMP_NUM_THREADS=1 python Scripts/golden/losses.py [--out Tests/Golden/losses.json]      (needs numpy, torch)

Six examples of 10, 5 and 17 classes (17 does not fill two vectors of 16), each with label smoothing 0 and 0.1. Among the
logits: +80 and -80, on the right and on the wrong class; all equal; differences of 1e-6; all large and close together.
The logits are Float32. The results are PyTorch's in Float64, rounded to Float32, so that they carry no rounding of their
own; float32_difference is how far PyTorch's own Float32 results are from them (losses relative to their size or 1).
gradient is that of the mean loss with respect to the logits.
"""
import common
import numpy as np
import torch
import torch.nn.functional as F

options = common.arguments(__doc__, common.golden + '/losses.json')
torch.set_num_threads(1)


def examples(classes):
    random = np.random.RandomState(classes)
    logits = np.round(random.standard_normal((6, classes)) * 3, 3)
    labels = random.randint(classes, size=6)
    logits[1] = random.standard_normal(classes)
    logits[1, [0, classes - 1]], labels[1] = [80, -80], 0          # huge and right
    logits[2] = -80
    logits[2, 1], labels[2] = 80, classes - 1                      # huge and wrong
    logits[3], labels[3] = 2.5, 3                                  # all equal
    logits[4] = 1 + 1e-6 * np.arange(classes)                      # tiny differences
    logits[5] = 79 + np.round(random.standard_normal(classes), 3)  # all large
    return logits.astype(np.float32), labels


def results(logits, labels, smoothing, dtype):
    z = torch.tensor(logits).to(dtype).requires_grad_()
    y = torch.tensor(labels)
    mean = F.cross_entropy(z, y, label_smoothing=smoothing)
    mean.backward()
    with torch.no_grad():
        each = F.cross_entropy(z, y, label_smoothing=smoothing, reduction='none')
        return dict(losses=each.numpy(), mean=mean.detach().numpy(), gradient=z.grad.numpy(), probabilities=z.softmax(1).numpy())


written = []
for classes in (10, 5, 17):
    logits, labels = examples(classes)
    for smoothing in (0.0, 0.1):
        exact = results(logits, labels, smoothing, torch.float64)
        single = results(logits, labels, smoothing, torch.float32)
        off = max(float((np.abs(single[k] - exact[k]) / np.maximum(1, np.abs(exact[k]))).max()) for k in exact)
        assert off < 1e-6, off
        rounded = {}
        for k, v in exact.items():
            v = v.astype(np.float32)
            v[np.abs(v) < np.finfo(np.float32).tiny] = 0  # no subnormals
            rounded[k] = common.float32(v)
        name = f'{classes}-classes' + ('-smoothing' if smoothing else '')
        written.append(dict(name=name, classes=classes, label_smoothing=smoothing, labels=labels.tolist(),
                            logits=common.float32(logits), **rounded, float32_difference=float('%.2g' % off)))
        print(f'{name:22} mean {rounded["mean"]:.6f}, Float32 differs by {off:.1g}')
common.write(options.out, dict(made_by=f'Scripts/golden/losses.py, PyTorch {torch.__version__}',
             what='losses is one per example, mean their mean, gradient that of the mean with respect to the logits.', cases=written))
