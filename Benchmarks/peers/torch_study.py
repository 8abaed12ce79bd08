"""PyTorch as the study used it: torchvision's MNIST, one image at a time through PIL and ToTensor in a DataLoader.

    python Benchmarks/peers/torch_study.py [--threads N|all] [--units UNIT,...]     (protocol: common.py)

DataLoader(batch_size=64, shuffle=True) without workers, optimizers with their defaults, the frozen body run in every step.
The study leaves the number of threads alone: that is --threads all. transfer-epoch-study is one of its 30 epochs.
"""
import common
import torch
import torch.nn as nn
import torchvision
from torch.utils.data import DataLoader, Subset
from torchvision.transforms import ToTensor

torch.set_num_threads(common.threads)
torch.manual_seed(0)


class Digits(torchvision.datasets.MNIST):
    """torchvision's data set on files that it has not unpacked."""

    def __init__(self, split):
        torchvision.datasets.VisionDataset.__init__(self, '', transform=ToTensor())
        self.data, self.targets = (torch.from_numpy(part.copy()) for part in common.pixels(split))
        self.data = self.data.view(-1, 28, 28)


def loader(split='train', half='even'):
    digits = Digits(split)
    keep = [i for i in range(len(digits)) if digits.targets[i] % 2 == (half == 'odd')]
    return DataLoader(Subset(digits, keep), batch_size=common.batch_size, shuffle=True)


def softmax():
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 10))


def network():
    return nn.Sequential(nn.Flatten(), nn.Linear(784, common.hidden), nn.ReLU(), nn.Linear(common.hidden, 10))


def frozen(model):
    """The network with its hidden layer frozen, and the study's optimizer for it."""
    for parameter in model[1].parameters():
        parameter.requires_grad = False
    return model, torch.optim.Adam(model.parameters(), lr=common.learning_rate)


def trained(model):
    return model, torch.optim.SGD(model.parameters(), lr=common.learning_rate, momentum=common.momentum)


def epoch(model, optimizer, batches):
    criterion, total = nn.CrossEntropyLoss(), 0.0
    model.train()
    for images, labels in batches:
        optimizer.zero_grad()
        loss = criterion(model(images), labels)
        loss.backward()
        optimizer.step()
        total += loss.item()
    return total / len(batches)


def test_loss(model, batches):
    """As the study does after every epoch: gradients are not switched off."""
    criterion = nn.CrossEntropyLoss()
    model.eval()
    return sum(criterion(model(images), labels).item() for images, labels in batches) / len(batches)


def accuracy(model, batches):
    model.eval()
    with torch.no_grad():
        right = sum((model(images).argmax(1) == labels).sum().item() for images, labels in batches)
    return right / len(batches.dataset)


if __name__ == '__main__':
    batches = loader()

    def training(model, optimizer):
        return lambda: {'note': f'loss {epoch(model, optimizer, batches):.4f}'}

    common.serve(f'{torch.__version__}, torchvision {torchvision.__version__}', {
        'network-epoch-study': training(*trained(network())),
        'softmax-epoch-study': training(*trained(softmax())),
        'transfer-epoch-study': training(*frozen(network())),
    })
