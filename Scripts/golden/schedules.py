"""Makes schedules.json: PyTorch's learning rates over 20 and over 100 steps.

    OMP_NUM_THREADS=1 python Scripts/golden/schedules.py [--out Tests/Golden/schedules.json]      (needs torch)

rates[i] is the rate of update i: rates[0] is read from the optimizer before anything has happened and is what the first
update uses; then optimizer.step(), scheduler.step(), and rates[1] is what the second update uses. next is the rate that
update number `steps` would use if there were one more (null for OneCycleLR, whose curve ends with its last step; PyTorch
lets one more scheduler.step() pass and gives a rate that means nothing). All Float64.
"cosine-past-end" goes on after T_max, where PyTorch's rate climbs again.
"""
import math
import warnings
import common
import torch
from torch.optim import lr_scheduler as schedulers

options = common.arguments(__doc__, common.golden + '/schedules.json')
base = 0.01
warm = dict(start_factor=1 / 5, total_iters=5)


def rates(make, steps):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=base)
    scheduler = make(optimizer)
    found = []
    for step in range(steps):
        found.append(float(optimizer.param_groups[0]['lr']))
        optimizer.step()
        if step == steps - 1 and isinstance(scheduler, schedulers.OneCycleLR):
            return found, None
        scheduler.step()
    return found, float(optimizer.param_groups[0]['lr'])


def warm_then(make):
    def both(optimizer):
        warm_up = schedulers.LinearLR(optimizer, **warm)
        return schedulers.SequentialLR(optimizer, [warm_up, make(optimizer)], milestones=[5])
    return both


def cosine(high, low, t, length):
    return low + (high - low) * (1 + math.cos(math.pi * t / length)) / 2


def one_cycle(t, total):
    top, end = 0.3 * total - 1, total - 1
    return cosine(base / 25, base, t, top) if t <= top else cosine(base, base / 25 / 1e4, t - top, end - top)


written = []


def add(name, steps, made_from, settings, make, formula):
    with warnings.catch_warnings():
        warnings.filterwarnings('ignore', '.*epoch parameter.*')  # SequentialLR's own use of it
        found, following = rates(make, steps)
    off = max(abs(found[t] - formula(t)) for t in range(steps))
    assert off < 1e-12, (name, steps, off)
    if following is not None:
        assert abs(following - formula(steps)) < 1e-12, (name, following, formula(steps))
    print(f'{name:16} {steps:3} steps, furthest from its closed form {off:.1g}')
    written.append({'name': name, 'steps': steps, 'from': made_from, 'learning_rate': base, 'settings': settings,
                    'rates': found, 'next': following})


for n in (20, 100):
    add('constant', n, 'torch.optim.lr_scheduler.ConstantLR(optimizer, factor=1)', {},
        lambda o: schedulers.ConstantLR(o, factor=1), lambda t: base)
    add('step', n, 'torch.optim.lr_scheduler.StepLR(optimizer, step_size=6, gamma=0.5)', dict(step_size=6, gamma=0.5),
        lambda o: schedulers.StepLR(o, 6, 0.5), lambda t: base * 0.5 ** (t // 6))
    for low, name in ((0.0, 'cosine'), (1e-5, 'cosine-floor')):
        add(name, n, f'torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max={n}, eta_min={low:g})',
            dict(t_max=n, minimum=low), lambda o: schedulers.CosineAnnealingLR(o, n, low),
            lambda t: cosine(base, low, t, n))
    add('one-cycle', n, f'torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.01, total_steps={n}, cycle_momentum=False)',
        dict(maximum=base, total_steps=n, warm_share=0.3, divisor=25.0, final_divisor=1e4),
        lambda o: schedulers.OneCycleLR(o, base, n, cycle_momentum=False), lambda t: one_cycle(t, n))
    ramp = lambda t: base * (0.2 + 0.8 * t / 5)
    add('warm-up', n, 'SequentialLR([LinearLR(start_factor=1/5, total_iters=5), ConstantLR(factor=1)], milestones=[5])',
        dict(warm_up=5, start_factor=0.2), warm_then(lambda o: schedulers.ConstantLR(o, factor=1)),
        lambda t: ramp(t) if t < 5 else base)
    add('warm-up-cosine', n, f'SequentialLR([LinearLR(start_factor=1/5, total_iters=5), CosineAnnealingLR(T_max={n - 5})], milestones=[5])',
        dict(warm_up=5, start_factor=0.2, t_max=n - 5, minimum=0.0),
        warm_then(lambda o: schedulers.CosineAnnealingLR(o, n - 5)),
        lambda t: ramp(t) if t < 5 else cosine(base, 0, t - 5, n - 5))
add('cosine-past-end', 100, 'torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=20)', dict(t_max=20, minimum=0.0),
    lambda o: schedulers.CosineAnnealingLR(o, 20), lambda t: cosine(base, 0, t, 20))

common.write(options.out, dict(
    made_by=f'Scripts/golden/schedules.py, PyTorch {torch.__version__}',
    what='rates[i] is the learning rate that update i uses (i from 0: rates[0] belongs to the very first update); next is the one after the last.',
    cases=written))
