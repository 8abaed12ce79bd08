"""Makes optimizers.json: what PyTorch's SGD, Adam and AdamW do to seven parameters in twenty steps.

    OMP_NUM_THREADS=1 python Scripts/golden/optimizers.py [--out Tests/Golden/optimizers.json]      (needs numpy, torch)

Each case is complete in itself: settings, learning rate, the initial parameters, twenty gradients (the same in every
case) and the parameters after each of the twenty steps, all Float32. The gradients hold an all-zero step (7), huge
steps (5 and 13, around 1e3), a tiny step (10, around 1e-6) and one parameter (the last) whose gradient is always zero.
float64_difference is the largest difference between this run and the same run in Float64, relative to the parameter's
size or 1 if that is larger: a tolerance below it asks for PyTorch's very order of rounding.
"""
import common
import numpy as np
import torch

options = common.arguments(__doc__, common.golden + '/optimizers.json')
torch.set_num_threads(1)

initial = np.array([0, 0.5, -1.25, 1e-4, -37.5, 3, 0.75], np.float32)
random = np.random.RandomState(7)
gradients = random.standard_normal((20, 7)) * np.array([1, 0.1, 1, 0.01, 10, 1e-3, 0])
gradients[5] = random.standard_normal(7) * 1e3
gradients[7] = 0
gradients[10] = random.standard_normal(7) * 1e-6
gradients[13] = [1e3, -1e3, 1e3, -1e3, 1e3, -1e3, 0]
gradients[:, 6] = 0
gradients = gradients.astype(np.float32) + np.float32(0)  # no -0.0

cases = [
    ('sgd', 'sgd', 0.01, {}),
    ('sgd-momentum', 'sgd', 0.01, dict(momentum=0.9)),
    ('sgd-momentum-decay', 'sgd', 0.01, dict(momentum=0.9, weight_decay=0.01)),
    ('sgd-nesterov', 'sgd', 0.01, dict(momentum=0.9, nesterov=True)),
    ('sgd-nesterov-decay', 'sgd', 0.01, dict(momentum=0.9, nesterov=True, weight_decay=0.01)),
    ('adam', 'adam', 0.001, {}),
    ('adam-decay', 'adam', 0.001, dict(weight_decay=0.01)),
    ('adam-betas', 'adam', 0.001, dict(betas=(0.8, 0.95), eps=1e-6)),
    ('adamw', 'adamw', 0.001, dict(weight_decay=0.05)),
]
kinds = dict(sgd=torch.optim.SGD, adam=torch.optim.Adam, adamw=torch.optim.AdamW)


def run(kind, rate, settings, dtype):
    parameter = torch.nn.Parameter(torch.tensor(initial).to(dtype))
    optimizer = kinds[kind]([parameter], lr=rate, foreach=False, **settings)
    after = []
    for gradient in gradients:
        parameter.grad = torch.tensor(gradient).to(dtype)
        optimizer.step()
        after.append(parameter.detach().numpy().copy())
    return np.stack(after)


written = []
for name, kind, rate, settings in cases:
    after, exact = run(kind, rate, settings, torch.float32), run(kind, rate, settings, torch.float64)
    difference = float((np.abs(after - exact) / np.maximum(1, np.abs(exact))).max())
    if kind == 'sgd':
        all_settings = dict(momentum=0.0, nesterov=False, weight_decay=0.0) | settings
    else:
        all_settings = dict(betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0) | settings
        beta1, beta2 = all_settings.pop('betas')
        all_settings = dict(beta1=beta1, beta2=beta2) | all_settings
    written.append(dict(name=name, optimizer=kind, settings=all_settings, learning_rate=rate,
                        initial=common.float32(initial), gradients=common.float32(gradients),
                        parameters=common.float32(after), float64_difference=float('%.2g' % difference)))
    print(f'{name:20} float64 difference {difference:.2g}, last {after[-1]}')
common.write(options.out, dict(
    made_by=f'Scripts/golden/optimizers.py, PyTorch {torch.__version__}',
    what='parameters[i] are the parameters after step i. Adam\'s weight decay is coupled (added to the gradient), AdamW\'s is not.',
    cases=written))
