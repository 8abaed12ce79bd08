"""ONNX Runtime: predictions of a 784-500-10 network with random weights, made here with the onnx package.

    python Benchmarks/peers/onnxruntime_predict.py [--threads N] [--units UNIT,...]     (protocol: common.py)

All graph optimizations are on (Gemm and Relu become one kernel with packed weights). predict-batch takes the batch size that
was fastest at the start; predict-one runs with inputs and outputs bound beforehand.
"""
import common
import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

x = common.images('t10k', 'all')[0]


def network():
    values = common.linear(784, common.hidden) + common.linear(common.hidden, 10)
    weights = dict(zip(('fc1.weight', 'fc1.bias', 'fc2.weight', 'fc2.bias'), values))
    nodes = [helper.make_node('Gemm', ['images', 'fc1.weight', 'fc1.bias'], ['fc1'], transB=1),
             helper.make_node('Relu', ['fc1'], ['relu']),
             helper.make_node('Gemm', ['relu', 'fc2.weight', 'fc2.bias'], ['logits'], transB=1)]
    graph = helper.make_graph(nodes, 'network',
                              [helper.make_tensor_value_info('images', TensorProto.FLOAT, ['batch', 784])],
                              [helper.make_tensor_value_info('logits', TensorProto.FLOAT, ['batch', 10])],
                              [numpy_helper.from_array(value, name) for name, value in weights.items()])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid('', 17)], ir_version=8), weights


model, weights = network()
settings = onnxruntime.SessionOptions()
settings.intra_op_num_threads, settings.inter_op_num_threads = common.threads, 1
settings.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
session = onnxruntime.InferenceSession(model.SerializeToString(), settings, providers=['CPUExecutionProvider'])


def logits(images):
    return session.run(None, {'images': images})[0]


def predict(size):
    return np.concatenate([logits(x[i:i + size]) for i in range(0, len(x), size)])


best = common.best_batch(predict) if common.wanted('predict-batch') else None


def predict_batch():
    predict(best)
    return {'note': f'batches of {best}'}


def bound(image, output):
    binding = session.io_binding()
    binding.bind_cpu_input('images', image)
    binding.bind_output('logits', 'cpu', 0, np.float32, output.shape, output.ctypes.data)
    return binding


def predict_one():
    return common.single(lambda i: session.run_with_iobinding(bindings[i]))


output = np.empty((1, 10), np.float32)
bindings = [bound(x[i:i + 1], output) for i in range(2000)]
expected = np.maximum(x[:100] @ weights['fc1.weight'].T + weights['fc1.bias'], 0) @ weights['fc2.weight'].T + weights['fc2.bias']
session.run_with_iobinding(bindings[99])
assert np.allclose(logits(x[:100]), expected, atol=1e-5) and np.allclose(output, expected[99:], atol=1e-5)

common.serve(onnxruntime.__version__, {'predict-batch': predict_batch, 'predict-one': predict_one})
