/// The parameters and buffers of a network by name, as other programs save them: what PyTorch calls a state dict.
package struct StateDict: Sendable {
  /// A tensor in single precision, row-major.
  package struct Tensor: Sendable, Hashable {
    /// The name with the layers that it is in: `layer1.0.conv1.weight`.
    package let name: String
    /// Sizes from the outermost dimension to the innermost; empty for a scalar.
    package let shape: [Int]
    /// The elements.
    package let values: [Float]
    /// The type of the elements in the file.
    package let elementType: ElementType
  }

  /// The tensors, in the order of the file.
  package let tensors: [Tensor]
  /// The key of the dictionary in the file that the tensors are from, such as `state_dict`; nil if they are from the file's
  /// own dictionary.
  package let key: String?
  /// The number of entries that are no tensors, such as the number of an epoch, and of entries beside `key`.
  package let ignoredCount: Int

  /// The tensor of a name, compared byte by byte; a linear search.
  package func tensor(_ name: String) -> Tensor? { tensors.first { $0.name.utf8.elementsEqual(name.utf8) } }
}
