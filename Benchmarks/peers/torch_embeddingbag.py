"""PyTorch with a first layer that skips zero pixels: EmbeddingBag(mode="sum") with the pixels as per_sample_weights.

    python Benchmarks/peers/torch_embeddingbag.py [--threads N] [--units UNIT,...]     (protocol: common.py)

An image is a bag of its pixels that are not zero; the sum of their weight rows times their values is the linear layer.
Measured and chosen: dense gradients with fused SGD (sparse=True with a dense momentum buffer took two and a half times as
long, as it sorts and merges every gradient), int32 indices, and a batch put together with cat from lists made once.
The mathematics are those of momentum SGD on the linear layer: a pixel that is zero in the whole batch gets a zero gradient.
"""
import common
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.set_num_threads(common.threads)
torch.manual_seed(0)
torch.set_flush_denormal(True)
x, y = map(torch.from_numpy, common.images())
lengths = (x != 0).sum(1)
pixels = x.nonzero()[:, 1].int().split(lengths.tolist())
values = x[x != 0].split(lengths.tolist())


class SparseLinear(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        weight, bias = common.linear(inputs, outputs)
        self.bag = nn.EmbeddingBag.from_pretrained(torch.from_numpy(weight.T.copy()), freeze=False, mode='sum')
        self.bias = nn.Parameter(torch.from_numpy(bias))

    def forward(self, batch):
        ends = lengths[batch].cumsum(0).int()
        starts = torch.cat((ends.new_zeros(1), ends[:-1]))
        rows = batch.tolist()
        return self.bag(torch.cat([pixels[i] for i in rows]), starts, torch.cat([values[i] for i in rows])) + self.bias


def training(model):
    optimizer = torch.optim.SGD(model.parameters(), lr=common.learning_rate, momentum=common.momentum, fused=True)

    def epoch():
        total, batches = 0.0, torch.randperm(len(x)).split(common.batch_size)
        for batch in batches:
            loss = F.cross_entropy(model(batch), y[batch])
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            total += loss.item()
        return {'note': f'loss {total / len(batches):.4f}'}
    return epoch


layer = SparseLinear(784, 10)
with torch.no_grad():
    assert torch.allclose(layer(torch.arange(64)), F.linear(x[:64], layer.bag.weight.T, layer.bias), atol=1e-5)

common.serve(torch.__version__, {
    'network-epoch': training(nn.Sequential(SparseLinear(784, common.hidden), nn.ReLU(), nn.Linear(common.hidden, 10))),
    'softmax-epoch': training(layer),
})
