import GraftMatrices
import GraftNetworks

/// Places in one block of floats for the outputs of operations. The image is at its beginning. Outputs that are not needed at the same time share numbers.
struct ArenaPlan {
  /// The first float of each operation's output.
  let places: [Int]
  /// Floats of the block.
  let count: Int

  /// - Complexity: O(n²) for n operations.
  init(_ operations: [Operation], image imageCount: Int) {
    // An addition and a nonlinearity write over what they read: nothing else reads it.
    var owner: [Int] = []
    for (index, operation) in operations.enumerated() {
      owner.append(operation.isInPlace ? owner[operation.input] : index)
    }
    var lastUse = Array(operations.indices)
    var imageLastUse = 0
    for (index, operation) in operations.enumerated() {
      lastUse[owner[index]] = index
      for read in operation.reads {
        if read < 0 { imageLastUse = index } else { lastUse[owner[read]] = index }
      }
    }
    /// Pieces in use, by their first float.
    var taken: [(range: Range<Int>, until: Int)] = [(0..<imageCount, imageLastUse)]
    var places = [Int](repeating: 0, count: operations.count)
    var count = imageCount
    for (index, operation) in operations.enumerated() {
      guard owner[index] == index else {
        places[index] = places[owner[index]]
        continue
      }
      taken.removeAll { $0.until < index }
      var start = 0
      for piece in taken {
        if piece.range.lowerBound - start >= operation.outputShape.count { break }
        start = max(start, piece.range.upperBound)
      }
      let range = start..<start + operation.outputShape.count
      taken.append((range, lastUse[index]))
      taken.sort { $0.range.lowerBound < $1.range.lowerBound }
      places[index] = start
      count = max(count, range.upperBound)
    }
    (self.places, self.count) = (places, count)
  }
}

extension Operation {
  /// Whether the output takes the place of the input.
  var isInPlace: Bool {
    switch kind {
    case .addition, .activation: true
    case .linear, .convolution, .pooling: false
    }
  }

  /// The operations whose outputs this one reads; -1 for the image.
  var reads: [Int] {
    if case .addition(let other) = kind { [input, other] } else { [input] }
  }
}
