import GraftFiles
import GraftMatrices
import GraftNetworks

/// The export for apps on Apple systems: an ML Program in a package (specification version 6; iOS 15, macOS 12). The input is an image in
/// its own colours, since scaling is part of the program; the outputs are the class's name and the probability of each class.
struct CoreMLExport: ModelFormat {
  let name = "coreml"
  let title = "a package for Core ML, iOS 15 and macOS 12 or later"
  let product = ExportProduct.folder(".mlpackage")

  /// - Throws: `GraftFailure` if images have other than one or three channels.
  func encode(_ model: ExportedModel) throws -> [ExportedFile] {
    let checkpoint = model.checkpoint
    let network = checkpoint.model
    let shape = network.inputShape
    guard let space = CoreMLExport.colorSpaces[shape.channels] else {
      throw GraftFailure(
        .usage, "Core ML's images have one or three channels, those of this model \(shape.channels): \(shape)")
    }
    var program = MILProgram()
    let image = program.normalize(by: checkpoint.normalization, shape)
    var outputs: [String] = []
    for operation in network.operations {
      let input = operation.input < 0 ? image : outputs[operation.input]
      outputs.append(program.add(operation, reading: input, of: outputs))
    }
    program.classify(outputs[outputs.count - 1], checkpoint.outputs.names)
    let file = ProtocolBuffer.message { file in
      file.add(1, 6)
      file.add(2, description(of: model, space))
      file.add(502, program.message(shape))
    }
    let folder = "Data/com.apple.CoreML"
    return [
      ExportedFile("\(folder)/weights/weight.bin", program.weights.bytes),
      ExportedFile("\(folder)/model.mlmodel", file.bytes),
      ExportedFile("Manifest.json", Array((CoreMLExport.manifest.text(.pretty) + "\n").utf8)),
    ]
  }

  /// `ImageFeatureType.ColorSpace`, by channels.
  private static let colorSpaces = [1: 10, 3: 20]

  /// `ModelDescription`.
  private func description(of model: ExportedModel, _ colorSpace: Int) -> ProtocolBuffer {
    let checkpoint = model.checkpoint
    let shape = checkpoint.model.inputShape
    func feature(_ name: String, _ about: String, _ type: ProtocolBuffer) -> ProtocolBuffer {
      .message {
        $0.add(1, name)
        $0.add(2, about)
        $0.add(3, type)
      }
    }
    let image = ProtocolBuffer.message {
      $0.add(1, shape.width)
      $0.add(2, shape.height)
      $0.add(3, colorSpace)
    }
    let fit = ModelFacts(checkpoint).fit.map { "; photographs were brought to this size by: \($0)" } ?? ""
    let empty = ProtocolBuffer()
    let dictionary = ProtocolBuffer.message { $0.add(2, empty) }
    return .message { description in
      description.add(
        1,
        feature(MILProgram.input, "\(shape.height) × \(shape.width) pixels\(fit)", .message { $0.add(4, image) }))
      description.add(10, feature(MILProgram.label, "The most probable class", .message { $0.add(3, empty) }))
      description.add(
        10,
        feature(MILProgram.probabilities, "The probability of each class", .message { $0.add(6, dictionary) }))
      description.add(11, MILProgram.label)
      description.add(12, MILProgram.probabilities)
      description.add(100, metadata(of: model))
    }
  }

  /// `Metadata`.
  private func metadata(of model: ExportedModel) -> ProtocolBuffer {
    .message { metadata in
      metadata.add(1, "\(singleLine(model.name)): \(model.checkpoint.model.architecture), trained by Graft")
      for (key, value) in ModelFacts(model.checkpoint).texts {
        metadata.add(
          100,
          .message {
            $0.add(1, "graft.\(key)")
            $0.add(2, value)
          })
      }
    }
  }

  /// The list of the package's parts. Identifiers are always the same, so that the same model gives the same bytes.
  private static let manifest: JSON = [
    "fileFormatVersion": "1.0.0",
    "itemInfoEntries": [
      "0DE1C6A2-3F0A-4C53-9C4F-6E0A1D3B7A01": [
        "author": "com.apple.CoreML", "description": "CoreML Model Specification", "name": "model.mlmodel",
        "path": "com.apple.CoreML/model.mlmodel",
      ],
      "0DE1C6A2-3F0A-4C53-9C4F-6E0A1D3B7A02": [
        "author": "com.apple.CoreML", "description": "CoreML Model Weights", "name": "weights",
        "path": "com.apple.CoreML/weights",
      ],
    ],
    "rootModelIdentifier": "0DE1C6A2-3F0A-4C53-9C4F-6E0A1D3B7A01",
  ]
}
