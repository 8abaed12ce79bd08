"""PyTorch: networks of blocks with random weights on noise of 224 x 224, one image and one training step of 16.

    python Benchmarks/peers/torch_families.py [--threads N] [--units UNIT,...]     (protocol: common.py)

Channels last, which takes two thirds of the time of the other order; SGD with momentum, fused; denormals flushed. An image is
answered in evaluation mode under inference_mode, as Python programs do it, without torch.compile.
"""
import common
import torch
import torch.nn.functional as F
import torchvision
from efficientnet_lite_pytorch import EfficientNet

torch.set_num_threads(common.threads)
torch.manual_seed(0)
torch.set_flush_denormal(True)

networks = {'efficientnet-lite0': lambda: EfficientNet.from_name('efficientnet-lite0'),
            'mobilenet-v2': torchvision.models.mobilenet_v2, 'resnet18': torchvision.models.resnet18}
batch = 16


def photographs(count):
    return torch.randn(count, 3, 224, 224).to(memory_format=torch.channels_last)


def image(name):
    model, x = networks[name]().to(memory_format=torch.channels_last).eval(), photographs(1)

    def run():
        with torch.inference_mode():
            return common.single(lambda _: model(x), 20)
    return run


def step(name):
    model = networks[name]().to(memory_format=torch.channels_last).train()
    optimizer = torch.optim.SGD(model.parameters(), lr=common.learning_rate, momentum=common.momentum, fused=True)
    x, y = photographs(batch), torch.arange(batch) * 61

    def run():
        loss = F.cross_entropy(model(x), y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        return {'note': f'loss {loss.item():.3f}'}
    return run


if __name__ == '__main__':
    made = {f'{name}-{kind}': make for name in networks for kind, make in (('image', image), ('step', step))}
    common.serve(torch.__version__, {unit: make(unit.rsplit('-', 1)[0]) for unit, make in made.items() if common.wanted(unit)})
