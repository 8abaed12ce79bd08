"""ONNX Runtime: one image of 224 x 224 through networks of blocks with random weights, exported from PyTorch's modules.

    python Benchmarks/peers/onnxruntime_families.py [--threads N] [--units UNIT,...]     (protocol: common.py)

All graph optimizations are on: normalisations are folded into the convolutions.
"""
import tempfile

import common
import numpy as np
import onnxruntime
import torch

import torch_families


def image(name):
    model = torch_families.networks[name]().eval()
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads, settings.inter_op_num_threads = common.threads, 1
    settings.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    with tempfile.TemporaryDirectory() as folder:
        path = f'{folder}/model.onnx'
        torch.onnx.export(model, (torch.zeros(1, 3, 224, 224),), path, input_names=['images'], output_names=['logits'], dynamo=False)
        session = onnxruntime.InferenceSession(path, settings, providers=['CPUExecutionProvider'])
    x = np.random.default_rng(0).standard_normal((1, 3, 224, 224), np.float32)
    with torch.inference_mode():
        expected = model(torch.from_numpy(x)).numpy()
    assert np.abs(session.run(None, {'images': x})[0] - expected).max() < 1e-3 * np.abs(expected).max()
    return lambda: common.single(lambda _: session.run(None, {'images': x}), 20)


units = [f'{name}-image' for name in torch_families.networks]
common.serve(onnxruntime.__version__, {unit: image(unit.rsplit('-', 1)[0]) for unit in units if common.wanted(unit)})
