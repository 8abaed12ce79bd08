import GraftFiles
import GraftMatrices
import GraftNetworks

/// The export as ONNX (https://onnx.ai/onnx/repo-docs/IR.html), operator set 17, which ONNX Runtime reads since 1.12 (2022).
///
/// The input `images` is the pixels themselves, [batch × channels × height × width] bytes: scaling to the model's numbers is part of the
/// graph. The output is `probabilities`, [batch × classes], or `logits`. The names of the classes and the way in which a
/// photograph is cropped and resized are in the metadata.
struct ONNXExport: ModelFormat {
  let name = "onnx"
  let title = "ONNX Runtime and all that reads ONNX"
  let product = ExportProduct.file("onnx")
  let wishes: Set<ExportWish> = [.logits]

  /// IR version 8 is the one of ONNX 1.12, whose operator set is 17.
  private static let versions = (representation: 8, operators: 17)

  func encode(_ model: ExportedModel) throws -> [ExportedFile] {
    let checkpoint = model.checkpoint
    let network = checkpoint.model
    let shape = network.inputShape
    var graph = ONNXGraph()
    var image = graph.add("Cast", ["images"], "pixels", [.integer("to", ONNXGraph.float)])
    image = graph.normalizing(image, by: checkpoint.normalization)
    let operations = network.operations
    var outputs: [String] = []
    for (index, operation) in operations.enumerated() {
      let isLast = index == operations.count - 1
      let input = operation.input < 0 ? image : outputs[operation.input]
      outputs.append(graph.add(operation, reading: input, of: outputs, as: isLast ? "logits" : operation.name))
    }
    let probabilities = "probabilities"
    let wantsLogits = model.wishes.contains(.logits)
    if !wantsLogits { _ = graph.add("Softmax", ["logits"], probabilities, [.integer("axis", 1)]) }
    let message = graph.message(
      name: model.name, input: ("images", ONNXGraph.byte, [shape.channels, shape.height, shape.width]),
      output: (wantsLogits ? "logits" : probabilities, ONNXGraph.float, [network.classCount]))
    return [ExportedFile(file(message, of: checkpoint).bytes)]
  }

  /// A `ModelProto`.
  private func file(_ graph: ProtocolBuffer, of checkpoint: Checkpoint) -> ProtocolBuffer {
    .message { file in
      file.add(1, ONNXExport.versions.representation)
      file.add(2, "graft")
      file.add(7, graph)
      file.add(8, .message { $0.add(2, ONNXExport.versions.operators) })
      for (key, value) in ModelFacts(checkpoint).texts {
        file.add(
          14,
          .message {
            $0.add(1, key)
            $0.add(2, value)
          })
      }
    }
  }
}
