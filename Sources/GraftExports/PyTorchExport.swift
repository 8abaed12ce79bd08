import GraftFiles
import GraftKernelCalls
import GraftMatrices
import GraftNetworks

/// The export for PyTorch: the checkpoint itself, whose tensors have PyTorch's names and layouts, and a `model.py` that rebuilds the
/// network and loads it strictly. Normalisations stay layers of their own, so that the model can be trained further.
struct PyTorchExport: ModelFormat {
  let name = "pytorch"
  let title = "a module for PyTorch and its weights"
  let product = ExportProduct.folder("-pytorch")

  func encode(_ model: ExportedModel) throws -> [ExportedFile] {
    [
      ExportedFile("model.safetensors", try model.checkpoint.encoded()),
      ExportedFile("model.py", Array(program(of: model).utf8)),
    ]
  }

  private func program(of model: ExportedModel) -> String {
    let checkpoint = model.checkpoint
    let network = checkpoint.model
    let shape = network.inputShape
    let normalization = checkpoint.normalization
    let fit = ModelFacts(checkpoint).fit.map { "\nPhotographs were brought to this size by: \($0)." } ?? ""
    return """
      # \(singleLine(model.name)), written by Graft: \(network.architecture) on images of \(shape). Needs torch and safetensors.
      \"""A classifier of \(outputsText(checkpoint)).

          from model import load
          model = load()              # the trained network, in evaluation mode
          logits = model(images)      # images: a tensor [n, \(shape.channels), \(shape.height), \(shape.width)] of pixels from 0 to 255

      CLASSES names the outputs.\(fit)
      \"""
      import pathlib

      import torch
      import torch.nn.functional as F
      from safetensors.torch import load_file
      from torch import nn

      CLASSES = \(JSON.array(checkpoint.outputs.names.map(JSON.string)).text())
      MEAN = \(list(normalization.means))
      DEVIATION = \(list(normalization.deviations))


      class Network(nn.Module):
          def __init__(self):
              super().__init__()
              self.steps = []
      \(network.layers.enumerated().map { "        \(call($1, $0, in: network))\n" }.joined())
          def add(self, name, weights, norm=None, function=None, pool=None, reads=-1, adds=None, pad=None):
              \"""Adds a layer that reads the output of layer `reads`, or the images if that is None; -1 is the layer before.\"""
              self.place(name, weights)
              if norm:
                  self.place(*norm)
              self.steps.append((weights, norm and norm[1], function, pool, reads, adds, pad))

          def place(self, name, module):
              \"""Makes `module` the part of this one that has the name, whose dots lead through parts of parts.\"""
              *parents, last = name.split(".")
              place = self
              for parent in parents:
                  if parent not in place._modules:
                      place.add_module(parent, nn.Module())
                  place = place._modules[parent]
              place.add_module(last, module)

          def forward(self, images):
              mean = torch.tensor(MEAN, device=images.device).view(1, -1, 1, 1)
              deviation = torch.tensor(DEVIATION, device=images.device).view(1, -1, 1, 1)
              image = (images.float() / 255 - mean) / deviation
              outputs = []
              for weights, norm, function, pool, reads, adds, pad in self.steps:
                  values = image if reads is None or not outputs else outputs[reads]
                  if isinstance(weights, nn.Linear):
                      values = values.flatten(1)
                  if pad:
                      values = F.pad(values, pad)
                  values = weights(values)
                  if norm:
                      values = norm(values)
                  if adds is not None:
                      values = values + outputs[adds]
                  if function:
                      values = function(values)
                  if pool:
                      values = pool(values)
                  outputs.append(values)
              return outputs[-1]


      def load(path=pathlib.Path(__file__).with_name("model.safetensors")):
          \"""The network with the weights of the file, in evaluation mode.\"""
          network = Network()
          network.load_state_dict(load_file(path), strict=True)
          return network.eval()

      """
  }

  private func outputsText(_ checkpoint: Checkpoint) -> String {
    let count = checkpoint.outputs.count
    return "images of \(checkpoint.model.inputShape) into \(count) \(count == 1 ? "class" : "classes")"
  }

  private func list(_ numbers: [Float]) -> String { "[" + numbers.map { "\($0)" }.joined(separator: ", ") + "]" }

  /// The line that adds a layer.
  private func call(_ layer: Layer, _ index: Int, in network: Model) -> String {
    var arguments = ["\"\(layer.name)\""]
    let hasBias = layer.bias == nil ? ", bias=False" : ""
    var isMap = false
    switch layer.weights {
    case .linear(let linear): arguments.append("nn.Linear(\(linear.inputs), \(linear.outputs)\(hasBias))")
    case .convolution(let convolution):
      isMap = true
      let shape = convolution.shape
      var module = "nn.Conv2d(\(convolution.inputs), \(shape.channels), \(shape.kernel)"
      if shape.stride > 1 { module += ", stride=\(shape.stride)" }
      if case .positions(let positions) = shape.padding, positions > 0 { module += ", padding=\(positions)" }
      if shape.groups > 1 { module += ", groups=\(shape.groups)" }
      arguments.append(module + "\(hasBias))")
    }
    if let norm = layer.norm {
      let name = norm.gain.name.replacing(".weight", with: "")
      let kind = isMap ? "BatchNorm2d" : "BatchNorm1d"
      arguments.append(
        "norm=(\"\(name)\", nn.\(kind)(\(layer.mapShape.channels), eps=\(norm.epsilon), momentum=\(norm.momentum)))")
    }
    if let function = function(layer.function) { arguments.append("function=\(function)") }
    if let pooling = layer.pooling {
      let steps = pooling.steps(on: layer.mapShape)
      let kind = pooling.kind == .maximum ? "MaxPool2d" : "AvgPool2d"
      let padding = pooling.padding > 0 ? ", padding=\(pooling.padding)" : ""
      arguments.append("pool=nn.\(kind)(\(steps.size), stride=\(steps.stride)\(padding))")
    }
    if layer.input != index - 1 { arguments.append("reads=\(layer.input < 0 ? "None" : "\(layer.input)")") }
    if let adding = layer.adding { arguments.append("adds=\(adding)") }
    if let pad = uneven(layer) { arguments.append("pad=\(pad)") }
    return "self.add(\(arguments.joined(separator: ", ")))"
  }

  private func function(_ function: ActivationFunction) -> String? {
    switch function {
    case .identity: nil
    case .relu: "F.relu"
    case .relu6: "F.relu6"
    case .silu: "F.silu"
    case .hardSwish: "F.hardswish"
    }
  }

  /// The zeros of a convolution whose padding is not the same on all sides, which `Conv2d` does not have: left, right, above, below.
  private func uneven(_ layer: Layer) -> String? {
    guard case .convolution(let convolution) = layer.weights, case .same = convolution.shape.padding else { return nil }
    let zeros = convolution.zeros(on: layer.inputShape, for: layer.mapShape)
    return "(\(zeros.before), \(zeros.right), \(zeros.before), \(zeros.below))"
  }
}
