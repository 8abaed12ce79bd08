/// A safetensors file: named tensors and text metadata, without code in it
/// (https://github.com/huggingface/safetensors, README, "Format").
///
/// It accepts what the reference implementation 0.8.0 accepts, except for two tensors of one name and two equal keys in
/// the metadata: the README disallows them, and the reference, reading into a dictionary, loses one of them. Names are
/// never taken for paths.
package struct Safetensors: Sendable {
  /// One tensor, row-major, little-endian.
  package struct Tensor: Sendable, Hashable {
    package let name: String
    package let dtype: DType
    /// Sizes from the outermost dimension to the innermost; empty for a scalar.
    package let shape: [Int]
    /// The elements as in the file: a view of the decoded file's bytes, not a copy.
    package let bytes: ArraySlice<UInt8>

    package init(name: String, dtype: DType, shape: [Int], bytes: ArraySlice<UInt8>) {
      self.name = name
      self.dtype = dtype
      self.shape = shape
      self.bytes = bytes
    }
  }

  /// The longest header, in bytes, that is read or written, as in the reference (`MAX_HEADER_SIZE`).
  package static let headerLimit = 100_000_000

  /// The tensors, in the order of the data in the file.
  package var tensors: [Tensor]
  /// The entries of `__metadata__`, in order.
  package var metadata: [(key: String, value: String)]

  package init(tensors: [Tensor] = [], metadata: [(key: String, value: String)] = []) {
    self.tensors = tensors
    self.metadata = metadata
  }

  /// The tensor of a name; a linear search.
  package func tensor(_ name: String) -> Tensor? { tensors.first { isSame($0.name, name) } }

  /// The metadata of a key.
  package func metadata(_ key: String) -> String? { metadata.first { isSame($0.key, key) }?.value }
}
