import GraftFiles

/// A function or class that a state dict may name in its pickle, as a value of its own: no name is ever looked up and run.
enum PickleName: Hashable, Sendable {
  /// `collections.OrderedDict`.
  case orderedDictionary
  /// `torch._utils._rebuild_tensor` (storage, offset, sizes, strides), up to PyTorch 0.3.
  case rebuildTensor
  /// `torch._utils._rebuild_tensor_v2`, which adds requires_grad, hooks and perhaps metadata.
  case rebuildTensorV2
  /// `torch._utils._rebuild_tensor_v3`, which adds the element type of an untyped storage.
  case rebuildTensorV3
  /// `torch._utils._rebuild_parameter` (tensor, requires_grad, hooks).
  case rebuildParameter
  /// `torch.nn.parameter.Parameter` (tensor, perhaps requires_grad), up to PyTorch 0.3.
  case parameter
  /// `torch.Size`.
  case size
  /// A storage of a known element type, such as `torch.FloatStorage`.
  case storage(StateDict.ElementType)
  /// `torch.storage.UntypedStorage`, whose length counts bytes.
  case untypedStorage
  /// An element type, such as `torch.float32`.
  case elementType(StateDict.ElementType)

  /// - Throws: `FormatError` at `offset` for every other name.
  init(module: String, name: String, offset: Int) throws(FormatError) {
    switch (module, name) {
    case ("collections", "OrderedDict"): self = .orderedDictionary
    case ("torch._utils", "_rebuild_tensor"): self = .rebuildTensor
    case ("torch._utils", "_rebuild_tensor_v2"): self = .rebuildTensorV2
    case ("torch._utils", "_rebuild_tensor_v3"): self = .rebuildTensorV3
    case ("torch._utils", "_rebuild_parameter"): self = .rebuildParameter
    case ("torch.nn.parameter", "Parameter"): self = .parameter
    case ("torch", "Size"): self = .size
    case ("torch.storage", "UntypedStorage"), ("torch.storage", "_UntypedStorage"): self = .untypedStorage
    case ("torch", _):
      if let type = StateDict.ElementType(storageClass: name) {
        self = .storage(type)
      } else if let type = StateDict.ElementType(rawValue: name) {
        self = .elementType(type)
      } else {
        throw Self.refusal(module, name, offset)
      }
    default: throw Self.refusal(module, name, offset)
    }
  }

  /// The name as Python writes it.
  var text: String {
    switch self {
    case .orderedDictionary: "collections.OrderedDict"
    case .rebuildTensor: "torch._utils._rebuild_tensor"
    case .rebuildTensorV2: "torch._utils._rebuild_tensor_v2"
    case .rebuildTensorV3: "torch._utils._rebuild_tensor_v3"
    case .rebuildParameter: "torch._utils._rebuild_parameter"
    case .parameter: "torch.nn.parameter.Parameter"
    case .size: "torch.Size"
    case .storage(let type): "torch.\(type.storageClass ?? "UntypedStorage")"
    case .untypedStorage: "torch.storage.UntypedStorage"
    case .elementType(let type): "torch.\(type.rawValue)"
    }
  }

  // MARK: Refusals

  /// Beginnings of the names of element types that PyTorch has and that have no single real number for each element, or
  /// fewer than eight bits.
  private static let foreignTypes = ["complex", "float8", "float4", "qint", "quint", "bits"]

  /// Beginnings of the modules that have the classes of networks and layers.
  private static let wholeModels = ["torch.nn.modules.", "torchvision.models.", "timm.models."]

  private static func refusal(_ module: String, _ name: String, _ offset: Int) -> FormatError {
    let full = "'\(quoted("\(module).\(name)").dropFirst().dropLast())'"
    if module == "torch", name.hasSuffix("Storage") || foreignTypes.contains(where: name.hasPrefix) {
      return .expected(
        "tensors of real numbers in 8 to 64 bits, such as 'torch.FloatStorage'", found: full, offset: offset)
    }
    var problem = "the file asks for \(full), which no state dict needs: nothing of it is run"
    // A whole model names its own class first, then those of its layers.
    if wholeModels.contains(where: module.hasPrefix) { problem += "; save model.state_dict() instead of the model" }
    return FormatError(offset: offset, problem: problem)
  }
}
