"""PyTorch's side of reproduction.py: the study's six trainings, each with test loss and accuracy after every epoch.

    echo network-even | python Benchmarks/peers/torch_reproduction.py [--epochs 100 30]     (protocol: common.py; no warm-up)

Units: softmax-even, softmax-odd; network-even is the network on even digits and then its transfer to odd ones, network-odd the
other way round; with -compiled after them the same through torch.compile, whose time counts. study: all six one after
the other as the study's script does it, the frozen body in every step and all images through a DataLoader every time.
"""
import common
import time
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch_compile
import torch_tuned

epochs, transfer_epochs = common.options.epochs
other = {'even': 'odd', 'odd': 'even'}
data = {}


def sets(half):
    """Training and test images and labels of a half, loaded once."""
    if half not in data:
        data[half] = [torch.from_numpy(part) for split in ('train', 't10k') for part in common.images(split, half)]
    return data[half]


@torch.no_grad()
def evaluate(model, x, y):
    """The study's test loss (unweighted mean over shuffled batches of 64) and the accuracy, from one pass."""
    logits = torch.cat([model(part) for part in x.split(512)])
    losses = F.cross_entropy(logits, y, reduction='none')[torch.randperm(len(x))].split(common.batch_size)
    return sum(part.mean().item() for part in losses) / len(losses), (logits.argmax(1) == y).sum().item() / len(y)


def train(system, half, epoch, model, test, count):
    start = time.perf_counter()
    for _ in range(count):
        train_loss = epoch()
        test_loss, accuracy = evaluate(model, *test)
    return {'system': system, 'target': half, 'seconds': time.perf_counter() - start, 'accuracy': 100 * accuracy,
            'train_loss': train_loss, 'test_loss': test_loss}


def stepper(model, optimizer, x, y, compiled):
    """One more epoch of model, by torch.compile or not; the parameters are the same memory."""
    if compiled:
        compiled = getattr(torch_compile, optimizer)([p.detach() for p in model.parameters()])
        return lambda: torch_compile.epoch(compiled, x, y)
    optimizer = {'SGD': torch_tuned.sgd, 'Adam': torch_tuned.adam}[optimizer](model)
    return lambda: torch_tuned.epoch(model, optimizer, x, y)


def softmax(half, compiled):
    model, (x, y, *test) = nn.Linear(784, 10), sets(half)
    return [train('softmax', half, stepper(model, 'SGD', x, y, compiled), model, test, epochs)]


def network_and_transfer(half, compiled):
    model, (x, y, *test) = torch_tuned.network(), sets(half)
    cells = [train('network', half, stepper(model, 'SGD', x, y, compiled), model, test, epochs)]
    (x, y, test_x, test_y), body, head = sets(other[half]), model[:2], model[2]
    test = torch_tuned.features(body, test_x), test_y
    step = stepper(head, 'Adam', torch_tuned.features(body, x), y, compiled)
    return cells + [train('transfer', other[half], step, head, test, transfer_epochs)]


def study():
    import torch_study
    loaders = {(split, half): torch_study.loader(split, half) for half in other for split in ('train', 't10k')}
    models, cells = {}, []

    def cell(system, half, model, optimizer, count):
        batches, test = loaders['train', half], loaders['t10k', half]
        start = time.perf_counter()
        for _ in range(count):
            train_loss = torch_study.epoch(model, optimizer, batches)
            test_loss = torch_study.test_loss(model, test)
        trained = time.perf_counter()
        accuracy = torch_study.accuracy(model, test)  # its accuracy,
        torch_study.accuracy(model, test)             # and a second pass for its confusion matrix
        cells.append({'system': system, 'target': half, 'epochs': count, 'seconds': trained - start, 'accuracy': 100 * accuracy,
                      'train_loss': train_loss, 'test_loss': test_loss, 'after': time.perf_counter() - trained})

    for half in other:
        cell('softmax', half, *torch_study.trained(torch_study.softmax()), epochs)
    for half in other:
        models[half] = torch_study.network()
        cell('network', half, *torch_study.trained(models[half]), epochs)
    for half in other:
        cell('transfer', half, *torch_study.frozen(models[other[half]]), transfer_epochs)
    return {'cells': cells}


if __name__ == '__main__':
    units = {'study': study}
    for half in other:
        for compiled in (False, True):
            suffix = '-compiled' if compiled else ''
            units[f'softmax-{half}{suffix}'] = lambda half=half, compiled=compiled: {'cells': softmax(half, compiled)}
            units[f'network-{half}{suffix}'] = lambda half=half, compiled=compiled: {'cells': network_and_transfer(half, compiled)}
    common.serve(torch.__version__, units, warm=dict.fromkeys(units, lambda: None))
