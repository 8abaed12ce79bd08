import GraftFiles

/// A storage that a pickle refers to: a row of numbers elsewhere in the file.
struct PickledStorage: Sendable, Hashable {
  /// The key under which the file has its bytes.
  let key: String
  let type: StateDict.ElementType
  /// The number of elements.
  let count: Int
  /// The number of bytes.
  let byteCount: Int

  /// - Throws: `FormatError` at `offset` for a count below 0, or whose bytes cannot be counted.
  init(key: String, type: StateDict.ElementType, count: Int, offset: Int) throws(FormatError) {
    let (byteCount, overflow) = count.multipliedReportingOverflow(by: type.width)
    guard count >= 0, !overflow else {
      throw .expected("the number of elements of storage \(quoted(key))", found: "\(count)", offset: offset)
    }
    self.key = key
    self.type = type
    self.count = count
    self.byteCount = byteCount
  }

  /// The same bytes with elements of another type.
  func reinterpreted(as type: StateDict.ElementType, offset: Int) throws(FormatError) -> PickledStorage {
    try PickledStorage(key: key, type: type, count: byteCount / type.width, offset: offset)
  }
}

/// A tensor as a pickle describes it: a view of a storage. All its elements lie in the storage.
struct PickledTensor: Sendable {
  let storage: PickledStorage
  /// Index of the first element in the storage.
  let offset: Int
  /// Sizes from the outermost dimension to the innermost; empty for a scalar.
  let shape: [Int]
  /// Distances of neighbours along each dimension, in elements.
  let strides: [Int]
  /// The number of elements.
  let count: Int

  /// The most dimensions, as in PyTorch's loops over elements and in NumPy.
  static let dimensionLimit = 64

  /// - Parameter position: The position for an error.
  /// - Throws: `FormatError` if a number is below 0, if the sizes overflow, or if an element lies beyond the storage.
  init(
    storage: PickledStorage, offset: Int, shape: [Int], strides: [Int], at position: Int
  ) throws(FormatError) {
    guard shape.count == strides.count, shape.count <= Self.dimensionLimit else {
      throw .expected(
        "a tensor of at most \(Self.dimensionLimit) sizes with as many strides",
        found: "\(shape.count) and \(strides.count)", offset: position)
    }
    guard offset >= 0, shape.allSatisfy({ $0 >= 0 }), strides.allSatisfy({ $0 >= 0 }) else {
      throw .expected(
        "a tensor with sizes, strides and offset from 0", found: Self.text(shape, strides, offset), offset: position)
    }
    var count = 1
    var last = offset
    var overflows = false
    for (size, stride) in zip(shape, strides) {
      let (product, tooMany) = count.multipliedReportingOverflow(by: size)
      let (distance, tooFar) = max(0, size - 1).multipliedReportingOverflow(by: stride)
      let (sum, beyond) = last.addingReportingOverflow(distance)
      (count, last) = (product, sum)
      overflows = overflows || tooMany || tooFar || beyond
    }
    guard !overflows else {
      throw FormatError(
        offset: position, problem: "a tensor with \(Self.text(shape, strides, offset)) is too large")
    }
    guard count == 0 || last < storage.count else {
      throw .expected(
        "a tensor within the \(storage.count) elements of storage \(quoted(storage.key))",
        found: Self.text(shape, strides, offset), offset: position)
    }
    self.storage = storage
    self.offset = offset
    self.shape = shape
    self.strides = strides
    self.count = count
  }

  private static func text(_ shape: [Int], _ strides: [Int], _ offset: Int) -> String {
    func list(_ numbers: [Int]) -> String {
      "[\(numbers.prefix(8).map(String.init).joined(separator: ", "))\(numbers.count > 8 ? ", …" : "")]"
    }
    return "sizes \(list(shape)), strides \(list(strides)) and offset \(offset)"
  }
}
